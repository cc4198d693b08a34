package source

import (
	"testing"

	"whichrole/internal/child"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

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
			env := paths.Env{child.DepthVariable: tt.depth}
			p := at(t, env, "[profile corp]\ncredential_process = "+tt.command, "")
			c, _, err := p.choose(t, []Entry{profile("corp")})
			if !tt.back {
				if err != nil || c.Process.Line != tt.command {
					t.Errorf("got %v, %v", c, err)
				}
				return
			}
			want := "profile corp leads back to whichrole: credential_process (" + p.config + ":2) starts it again"
			if err == nil || err.Error() != want || problem.CodeOf(err) != problem.LoginNeeded {
				t.Errorf("got %v, %v; want %s", c, err, want)
			}
		})
	}
}
