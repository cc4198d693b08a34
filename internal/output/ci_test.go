package output

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"

	"whichrole/internal/creds"
)

// terragrunt does with an answer what Terragrunt does (internal/runner/run/creds/providers/externalcmd): the envs, and the
// credentials over them.
func terragrunt(t *testing.T, answer []byte, env map[string]string) map[string]string {
	t.Helper()
	var response struct {
		AWSCredentials *struct {
			AccessKeyID     string `json:"ACCESS_KEY_ID"`
			SecretAccessKey string `json:"SECRET_ACCESS_KEY"`
			SessionToken    string `json:"SESSION_TOKEN,omitempty"`
		} `json:"awsCredentials,omitempty"`
		Envs map[string]string `json:"envs,omitempty"`
	}
	d := json.NewDecoder(bytes.NewReader(answer))
	d.DisallowUnknownFields()
	if err := d.Decode(&response); err != nil {
		t.Fatal(err)
	}
	c := response.AWSCredentials
	if c == nil || c.AccessKeyID == "" || c.SecretAccessKey == "" {
		t.Fatalf("Terragrunt warns and goes on with what it had: %s", answer)
	}
	maps.Copy(env, response.Envs)
	env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"] = c.AccessKeyID, c.SecretAccessKey
	env["AWS_SESSION_TOKEN"], env["AWS_SECURITY_TOKEN"] = c.SessionToken, c.SessionToken
	return env
}

func TestTerragruntReadsItsAnswer(t *testing.T) {
	stale := map[string]string{
		"AWS_ACCESS_KEY_ID": "old", "AWS_SECRET_ACCESS_KEY": "old", "AWS_SESSION_TOKEN": "old", "AWS_SECURITY_TOKEN": "old",
		"AWS_CREDENTIAL_EXPIRATION": "old", "AWS_ACCOUNT_ID": "old", "AWS_REGION": "old", "AWS_PROFILE": "mine",
	}
	isSet := func(name string) bool { return stale[name] != "" }
	var w writes
	if err := Terragrunt(&w, session("ASIA", `<"&'`, "t=="), isSet); err != nil || w.calls != 1 {
		t.Fatalf("%v, %d writes", err, w.calls)
	}
	want := map[string]string{
		"AWS_ACCESS_KEY_ID": "ASIA", "AWS_SECRET_ACCESS_KEY": `<"&'`, "AWS_SESSION_TOKEN": "t==", "AWS_SECURITY_TOKEN": "t==",
		"AWS_CREDENTIAL_EXPIRATION": "2026-11-22T09:21:36Z", "AWS_ACCOUNT_ID": "012345678901", "AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1",
		"AWS_PROFILE": "mine",
	}
	if got := terragrunt(t, w.Bytes(), maps.Clone(stale)); !maps.Equal(got, want) {
		t.Errorf("%v\nwant %v", got, want)
	}

	// Long-term keys: neither the token nor the end of the session before them is left.
	w = writes{}
	if err := Terragrunt(&w, Keys{Credentials: creds.Credentials{AccessKeyID: "AKIA", SecretAccessKey: creds.NewSecret("s")}}, isSet); err != nil {
		t.Fatal(err)
	}
	got := terragrunt(t, w.Bytes(), maps.Clone(stale))
	if got["AWS_SESSION_TOKEN"]+got["AWS_SECURITY_TOKEN"]+got["AWS_CREDENTIAL_EXPIRATION"]+got["AWS_ACCOUNT_ID"] != "" || got["AWS_REGION"] != "old" {
		t.Errorf("%v", got)
	}
	if err := Terragrunt(&w, session("A\n", "s", "t"), nothing); err == nil {
		t.Error("a line break passes")
	}
}

// runner reads what $GITHUB_ENV names as actions/runner does (EnvFileKeyValuePairs in FileCommandManager.cs).
func runner(t *testing.T, text string) map[string]string {
	t.Helper()
	env := map[string]string{}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for len(lines) > 0 {
		line := lines[0]
		lines = lines[1:]
		equals, heredoc := strings.Index(line, "="), strings.Index(line, "<<")
		switch {
		case line == "":
		case equals >= 0 && (heredoc < 0 || equals < heredoc):
			env[line[:equals]] = line[equals+1:]
		case heredoc >= 0:
			name, delimiter, _ := strings.Cut(line, "<<")
			var value []string
			for len(lines) > 0 && lines[0] != delimiter {
				value, lines = append(value, lines[0]), lines[1:]
			}
			if len(lines) == 0 || name == "" || delimiter == "" {
				t.Fatalf("matching delimiter not found: %q", text)
			}
			env[name], lines = strings.Join(value, "\n"), lines[1:]
		default:
			t.Fatalf("invalid format %q", line)
		}
	}
	return env
}

func TestGitHubMasksBeforeItExports(t *testing.T) {
	var all bytes.Buffer // both streams, so that their order shows
	all.WriteString("LEFT=open")
	masks := "::add-mask::100%25<<EOF=\n::add-mask::t==\n"
	if err := GitHub(&all, &all, "random", session("ASIA", "100%<<EOF=", "t=="), everything); err != nil {
		t.Fatal(err)
	}
	left, text, found := strings.Cut(all.String(), masks)
	if !found {
		t.Fatalf("no masks %q in %q", masks, all.String())
	}
	want := map[string]string{
		"LEFT": "open", "AWS_ACCESS_KEY_ID": "ASIA", "AWS_SECRET_ACCESS_KEY": "100%<<EOF=", "AWS_SESSION_TOKEN": "t==", "AWS_SECURITY_TOKEN": "",
		"AWS_CREDENTIAL_EXPIRATION": "2026-11-22T09:21:36Z", "AWS_ACCOUNT_ID": "012345678901", "AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1",
	}
	if got := runner(t, left+text); !maps.Equal(got, want) {
		t.Errorf("%v\nwant %v", got, want)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("full") }

// What could not be masked is not exported: the next step may print its environment.
func TestGitHubExportsNothingUnmasked(t *testing.T) {
	var file bytes.Buffer
	if err := GitHub(broken{}, &file, "random", session("ASIA", "s", "t"), nothing); err == nil || file.Len() > 0 {
		t.Errorf("%v, %q", err, file.String())
	}
	var log bytes.Buffer
	if err := GitHub(&log, &file, "random", session("ASIA", "s\n::x", "t"), nothing); err == nil || file.Len()+log.Len() > 0 {
		t.Errorf("a line break passes: %v, %q", err, log.String())
	}
	if err := GitHub(&log, broken{}, "random", session("ASIA", "s", "t"), nothing); err == nil {
		t.Error("an export that was not written passes")
	}
}
