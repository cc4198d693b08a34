package source

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// The conditions of CI systems are TestAbsent's of oidc.
func TestConditions(t *testing.T) {
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name  string
		entry Entry
		env   paths.Env
		why   string // "" where the condition holds
	}{
		{"oidc", system("github"), onGitHub(), ""},
		{"oidc, not", system("gitlab"), paths.Env{"GITLAB": "true"}, "AWS_ID_TOKEN is not set"},
		{"oidc, a file", system("file:" + token), nil, ""},
		{"oidc, a file of the working directory", system("file:source.go"), nil, "source.go is not an absolute path"},
		{"web_identity", Entry{Kind: "web_identity"}, paths.Env{"AWS_WEB_IDENTITY_TOKEN_FILE": "/x"}, ""},
		{"web_identity, not", Entry{Kind: "web_identity"}, nil, "AWS_WEB_IDENTITY_TOKEN_FILE is not set"},
		{"sso", Entry{Kind: "sso", Name: "corp"}, nil, ""},
		{"sso, not", Entry{Kind: "sso", Name: "crop"}, nil, "CONFIG has no [sso-session crop]"},
		{"profile", profile("corp"), nil, ""},
		{"profile, a session has the name", profile("session"), nil, "neither CONFIG nor CREDS has it"},
		{"environment", environment, paths.Env{"AWS_ACCESS_KEY_ID": "x"}, ""},
		{"environment, the other half", environment, paths.Env{"AWS_SECRET_ACCESS_KEY": "x"}, ""},
		{"environment, not", environment, paths.Env{"AWS_SESSION_TOKEN": "x"}, "AWS_ACCESS_KEY_ID is not set"},
		{"instance", Entry{Kind: "instance"}, nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := at(t, tt.env, "[sso-session corp]\n[sso-session session]\n[profile corp]\n", "")
			want := strings.NewReplacer("CONFIG", p.config, "CREDS", p.creds).Replace(tt.why)
			if why, err := p.absent(tt.entry); err != nil || why != want {
				t.Errorf("got %q, %v; want %q", why, err, want)
			}
		})
	}
}

// An entry that holds and fails ends the search, so that no other identity takes its place.
func TestWhatHoldsAndFailsIsNotPassedOver(t *testing.T) {
	for _, tt := range []struct {
		name  string
		entry Entry
		env   paths.Env
		code  problem.Code
		want  string
	}{
		{"no token", system("env:X"), paths.Env{"X": sessToken}, problem.LoginNeeded, "no JWT"},
		{"no file", Entry{Kind: "web_identity"}, paths.Env{"AWS_WEB_IDENTITY_TOKEN_FILE": filepath.Join(t.TempDir(), "none")}, problem.LoginNeeded, "cannot be read"},
		{"file of the repository", Entry{Kind: "web_identity"}, paths.Env{"AWS_WEB_IDENTITY_TOKEN_FILE": "token"}, problem.LoginNeeded, "AWS_WEB_IDENTITY_TOKEN_FILE is not an absolute path"},
		{"empty session", Entry{Kind: "sso", Name: "s"}, nil, problem.LoginNeeded, "sso_start_url"},
		{"machine turned off", Entry{Kind: "instance"}, paths.Env{"AWS_EC2_METADATA_DISABLED": "true"}, problem.LoginNeeded, "AWS_EC2_METADATA_DISABLED"},
		{"half a key", environment, paths.Env{"AWS_ACCESS_KEY_ID": longID}, problem.LoginNeeded, "AWS_SECRET_ACCESS_KEY"},
		{"ring", profile("ring"), nil, problem.LoginNeeded, "ring → ring"},
		{"endpoint", system("github"), add(onGitHub(), "AWS_ENDPOINT_URL_STS", "https://u:"+password+"@x"), problem.Usage, "AWS_ENDPOINT_URL_STS"},
		{"unknown kind", Entry{Kind: "magic"}, nil, problem.Failure, "magic"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := at(t, tt.env, "[sso-session s]\n[profile ring]\nrole_arn = arn:aws:iam::111111111111:role/r\nsource_profile = ring\n", "[corp]\n"+keysOf(longID, secretKey, ""))
			c, _, err := p.choose(t, []Entry{tt.entry, profile("corp")})
			if err == nil || problem.CodeOf(err) != tt.code || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, %v; want %s", c, err, tt.want)
			}
		})
	}
}

func add(env paths.Env, name, value string) paths.Env {
	env[name] = value
	return env
}
