package awsconfig

import (
	"path/filepath"
	"testing"
)

// What counts as another meaning of a profile counts in [default], too: with sso_role_name alone SDKs ask Identity Center, or fail.
func TestDefaultThatGivesCredentials(t *testing.T) {
	keys := append(givesCredentials(), "credential_process", "sso_role_name", "sso_region")
	for _, key := range keys {
		f := mustLoad(t, "[default]\nregion = eu-west-1\n"+key+" = x\n", "-")
		if got := filepath.Base(f.Default()); got != "config:3" {
			t.Errorf("%s: %q", key, got)
		}
		p, _ := f.Profile("default")
		if s, other := p.Otherwise("credential-process"); !other || s.Key != key {
			t.Errorf("%s: its profile could call whichrole", key)
		}
	}
	for _, key := range []string{"region", "output", "mfa_serial", "aws_session_token"} { // by themselves they give none
		if got := mustLoad(t, "[default]\n"+key+" = x\n", "-").Default(); got != "" {
			t.Errorf("%s: %q", key, got)
		}
	}
	for _, key := range []string{"mfa_serial", "aws_session_token"} { // but they are somebody's
		p, _ := mustLoad(t, "[default]\n"+key+" = x\n", "-").Profile("default")
		if s, other := p.Otherwise("credential-process"); !other || s.Key != key {
			t.Errorf("%s: its profile could call whichrole", key)
		}
	}
	if got := mustLoad(t, "-", "[default]\naws_access_key_id = x\n").Default(); filepath.Base(got) != "credentials:2" {
		t.Errorf("in the credentials file: %q", got)
	}
}
