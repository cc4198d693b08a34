package source

import (
	"fmt"
	"strings"
	"testing"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

func TestProfileOfAnotherKind(t *testing.T) {
	for _, setting := range []string{
		"role_arn", "source_profile", "credential_source", "web_identity_token_file", "sso_session", "sso_start_url",
		"sso_account_id", "sso_role_name", "sso_region", "credential_process", "login_session", "mfa_serial",
	} {
		t.Run(setting, func(t *testing.T) {
			config := "[profile corp]\nregion = x\n" + setting + " = something\n"
			for _, credentials := range []string{"", "[corp]\n" + keysOf(longID, secretKey, "")} {
				p := at(t, nil, config, credentials)
				c, _, err := p.choose(t, []Entry{profile("corp"), environment})
				want := fmt.Sprintf("profile corp has %s (%s:3), which is not supported by this version", setting, p.config)
				if err == nil || err.Error() != want || problem.CodeOf(err) != problem.Failure {
					t.Errorf("got %v, %v\nwant %s", c, err, want)
				}
			}
		})
	}
}

func TestProfileWithoutCredentials(t *testing.T) {
	p := at(t, nil, "[profile corp]\nregion = x\n", "")
	_, _, err := p.choose(t, []Entry{profile("corp")})
	if want := "profile corp (" + p.config + ":1): there are no credentials in it"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestProfileThatLeadsBackToWhichrole(t *testing.T) {
	tests := []struct {
		command string
		depth   string
		back    bool
	}{
		{"whichrole credential-process", "", true},
		{"/usr/local/bin/whichrole credential-process", "", true},
		{"/usr/local/bin/whichrole", "", true},
		{`"/opt/my tools/whichrole" credential-process`, "", true},
		{`'/opt/my tools/whichrole' credential-process`, "", true},
		{`"C:\Program Files\WhichRole.EXE" credential-process`, "", true},
		{"/opt/whichrole/bin/aws-vault export", "", false},
		{"aws-vault export whichrole", "", false},
		{"whichrole-wrapper", "", false},
		{"sh -c whichrole", "1", true},
		{`"`, "", false},
		{"/", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.command, func(t *testing.T) {
			env := paths.Env{DepthVariable: tt.depth}
			p := at(t, env, "[profile corp]\ncredential_process = "+tt.command, "[corp]\n"+keysOf(longID, secretKey, ""))
			c, _, err := p.choose(t, []Entry{profile("corp")})
			want := "not supported"
			if tt.back {
				want = "profile corp leads back to whichrole: credential_process (" + p.config + ":2) starts it again"
			}
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, %v; want %s", c, err, want)
			}
		})
	}
}
