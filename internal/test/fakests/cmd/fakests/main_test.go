package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"whichrole/internal/test/fakeissuer"
	"whichrole/internal/test/fakests"
)

// TestMain is the command itself where a test has started it.
func TestMain(m *testing.M) {
	if os.Getenv("FAKESTS_TEST_MAIN") != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// started runs the command on a config and gives its URL; it ends with the test.
func started(t *testing.T, config any) (url string) {
	t.Helper()
	text, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "sts.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-config", file, "-for", "1m")
	cmd.Env = append(os.Environ(), "FAKESTS_TEST_MAIN=1", "GORACE=atexit_sleep_ms=0")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var talk strings.Builder
	cmd.Stderr = &talk
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	t.Cleanup(func() {
		in.Close() // which ends it
		io.Copy(io.Discard, out)
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: %s", err, &talk)
		}
	})
	if err != nil {
		t.Fatalf("it says nothing: %v", err)
	}
	return strings.TrimSpace(line)
}

func client(url string, k aws.Credentials) *sts.Client {
	return sts.New(sts.Options{Region: "eu-west-1", BaseEndpoint: &url, Retryer: aws.NopRetryer{}, Credentials: aws.NewCredentialsCache(
		aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return k, nil }))})
}

// All that a Config has can be written as JSON, and the names below are those that scripts rely on.
func TestAConfigInJSON(t *testing.T) {
	i := fakeissuer.Start(fakeissuer.Config{})
	t.Cleanup(i.Close)
	const runner, guarded, device = "arn:aws:iam::111111111111:role/runner", "arn:aws:iam::111111111111:role/guarded", "arn:aws:iam::999999999999:mfa/you"
	log := filepath.Join(t.TempDir(), "calls.jsonl")
	type object = map[string]any
	url := started(t, object{
		"region": "eu-west-1", "token_size": 100, "log_file": log, "issuers": []string{i.URL}, "mfa_codes": []string{"123456"},
		"users": []object{{"access_key_id": "AKIAQUICKSTART000001", "secret_access_key": "s", "arn": "arn:aws:iam::999999999999:user/you", "mfa_serial": device}},
		"roles": []object{
			{"arn": runner, "max_duration": "2h", "federated": object{"issuer": i.URL, "audiences": []string{"sts.amazonaws.com"}, "subjects": []string{"repo:acme/*"}}},
			{"arn": guarded, "trusted": []string{"999999999999"}, "needs_mfa": true}},
		"faults": []object{{"kind": fakests.IDPSilent, "times": 1}},
	})
	exchange := func() error {
		token := i.Token()
		_, err := client(url, aws.Credentials{}).AssumeRoleWithWebIdentity(t.Context(), &sts.AssumeRoleWithWebIdentityInput{
			RoleArn: aws.String(runner), RoleSessionName: aws.String("job"), WebIdentityToken: &token, DurationSeconds: aws.Int32(7200)})
		return err
	}
	if err := exchange(); err == nil || !strings.Contains(err.Error(), "IDPCommunicationError") {
		t.Errorf("the fault: %v", err)
	}
	if err := exchange(); err != nil {
		t.Error(err)
	}
	you := aws.Credentials{AccessKeyID: "AKIAQUICKSTART000001", SecretAccessKey: "s"}
	out, err := client(url, you).GetSessionToken(t.Context(), &sts.GetSessionTokenInput{SerialNumber: aws.String(device), TokenCode: aws.String("123456")})
	if err != nil {
		t.Fatal(err)
	}
	k := out.Credentials
	session := aws.Credentials{AccessKeyID: *k.AccessKeyId, SecretAccessKey: *k.SecretAccessKey, SessionToken: *k.SessionToken, CanExpire: true, Expires: time.Now().Add(time.Hour)}
	if _, err := client(url, session).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: aws.String(guarded), RoleSessionName: aws.String("test")}); err != nil {
		t.Error(err)
	}
	if lines, err := os.ReadFile(log); err != nil || strings.Count(string(lines), "\n") != 4 || strings.Contains(string(lines), "123456") {
		t.Errorf("%v %s", err, lines)
	}
}

func TestAConfigWithAnUnknownWordIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sts.json")
	if err := os.WriteFile(file, []byte(`{"mfa_code": ["123456"]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(file, "", time.Minute); err == nil || !strings.Contains(err.Error(), `"mfa_code"`) {
		t.Errorf("%v", err)
	}
}
