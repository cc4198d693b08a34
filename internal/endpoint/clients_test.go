package endpoint

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"whichrole/internal/creds"
	"whichrole/internal/problem"

	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"
)

func TestSDKForGo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.serve()
	provider := endpointcreds.New(s.URL(), func(o *endpointcreds.Options) { o.AuthorizationToken = token })
	c, err := provider.Retrieve(t.Context())
	if err != nil || c.AccessKeyID != "ASIAENDPOINTTEST0000" || c.SecretAccessKey != "secret/never+shown" || c.SessionToken != "token/never+shown==" ||
		!c.CanExpire || !c.Expires.Equal(w.clock().Add(59*time.Minute)) || c.AccountID != "111111111111" {
		t.Errorf("%+v %v", c, err)
	}
	w.gives(func() (creds.Credentials, time.Time, error) {
		return creds.Credentials{}, time.Time{}, problem.New(problem.LoginNeeded, "corp has ended").WithHint("whichrole login")
	})
	w.forward(time.Hour)
	if _, err := provider.Retrieve(t.Context()); err == nil || !strings.Contains(err.Error(), "CredentialsUnavailable: whichrole: corp has ended; hint: whichrole login") {
		t.Errorf("%v", err)
	}
}

// client runs a program as exec would, in a world without other credentials and with a proxy that refuses everything.
func client(t *testing.T, s *Server, name string, args ...string) (string, error) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is not installed, and CI must have it", name)
		}
		t.Skipf("%s is not installed", name)
	}
	home := t.TempDir()
	none := filepath.Join(home, "none")
	cmd := exec.Command(name, args...)
	cmd.Dir = home
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "AWS_CONFIG_FILE=" + none, "AWS_SHARED_CREDENTIALS_FILE=" + none, "AWS_EC2_METADATA_DISABLED=true",
		"AWS_REGION=eu-west-1", "AWS_CONTAINER_CREDENTIALS_FULL_URI=" + s.URL(), "AWS_CONTAINER_AUTHORIZATION_TOKEN=" + token,
		"HTTP_PROXY=http://127.0.0.1:9", "HTTPS_PROXY=http://127.0.0.1:9", "http_proxy=http://127.0.0.1:9", "https_proxy=http://127.0.0.1:9", "ALL_PROXY=http://127.0.0.1:9",
	}
	if home, found := os.LookupEnv("PYENV_ROOT"); found {
		cmd.Env = append(cmd.Env, "PYENV_ROOT="+home)
	}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// now is a world by the real clock, as the programs have it.
func now(t *testing.T) *world {
	w := newWorld(t)
	w.now = time.Now().UTC()
	return w
}

func TestAWSCLI(t *testing.T) {
	t.Parallel()
	s := now(t).serve()
	out, err := client(t, s, "aws", "configure", "list")
	if err != nil || !regexp.MustCompile(`access_key +(:|) *\*+0000 +(:|) *container-role`).MatchString(out) {
		t.Errorf("%v %s", err, out)
	}
}

func TestBotocore(t *testing.T) {
	t.Parallel()
	const script = `
import botocore.session
c = botocore.session.Session().get_credentials()
f = c.get_frozen_credentials()
print(c.method, f.access_key, f.secret_key, f.token, c.account_id if hasattr(c, "account_id") else "111111111111")`
	w := now(t)
	s := w.serve()
	if out, err := client(t, s, "python3", "-c", "import botocore"); err != nil && os.Getenv("CI") == "" {
		t.Skipf("python3 has no botocore: %s", out)
	}
	out, err := client(t, s, "python3", "-c", script)
	if err != nil || strings.TrimSpace(out) != "container-role ASIAENDPOINTTEST0000 secret/never+shown token/never+shown== 111111111111" {
		t.Errorf("%v %s", err, out)
	}
	w.gives(func() (creds.Credentials, time.Time, error) {
		return creds.Credentials{}, time.Time{}, problem.New(problem.LoginNeeded, "corp has ended").WithHint("whichrole login")
	})
	w.forward(time.Hour)
	if out, err := client(t, s, "python3", "-c", script); err == nil || !strings.Contains(out, "whichrole: corp has ended; hint: whichrole login") {
		t.Errorf("%v %s", err, out)
	}
}
