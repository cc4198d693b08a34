package source

import (
	"strings"
	"testing"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

func TestConditions(t *testing.T) {
	tests := []struct {
		name  string
		entry Entry
		env   paths.Env
		why   string // "" where the condition holds
	}{
		{"a token", token("gitlab"), paths.Env{"AWS_ID_TOKEN": "t"}, ""},
		{"a token, not", token("env:MY_TOKEN"), nil, "MY_TOKEN is not set"},
		{"a token, no permission", token("github"), paths.Env{"GITHUB_ACTIONS": "true"}, "ACTIONS_ID_TOKEN_REQUEST_URL is not set: the job needs permissions: id-token: write"},
		{"a token in a file at home", token("file:~/.aws/config"), nil, ""},
		{"unknown system", token("jenkins"), nil, "there is no such system"},
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

func token(system string) Entry { return Entry{Kind: "oidc", Name: system} }

// A kind that nobody here knows is told, never skipped: the next entry could be another identity.
func TestUnknownKindEndsTheSearch(t *testing.T) {
	p := at(t, nil, "", "[corp]\n"+keysOf(longID, secretKey, ""))
	c, _, err := p.choose(t, []Entry{{Kind: "magic"}, profile("corp")})
	if err == nil || err.Error() != "there is no source called magic" || problem.CodeOf(err) != problem.Failure {
		t.Errorf("got %v, %v", c, err)
	}
}
