package awsconfig

import (
	"path/filepath"
	"testing"
)

func TestProfileThatMeansSomethingElse(t *testing.T) {
	tests := []struct{ name, config, credentials, want string }{
		{"ours", "[profile a]\ncredential_process = /opt/whichrole credential-process\nregion = x\noutput = json\ns3 =\n  a = b\n", "-", ""},
		{"could be ours", "[profile a]\nregion = x\n", "[a]\noutput = text", ""},
		{"keys elsewhere", "[profile b]\nrole_arn = x\n[profile a]\n", "[b]\naws_access_key_id = x", ""},
		{"another program", "[profile a]\ncredential_process = aws-vault export x\n", "-", "config:2"},
		{"other arguments", "[profile a]\nregion = x\ncredential_process = whichrole -e qa credential-process\n", "-", "config:3"},
		{"in a wrapper", "[profile a]\ncredential_process = env A=b whichrole credential-process\n", "-", "config:2"},
		{"a role besides", "[profile a]\ncredential_process = whichrole credential-process\nrole_arn = x\n", "-", "config:3"},
		{"keys", "[profile a]\naws_access_key_id = x\n", "-", "config:2"},
		{"keys in the credentials file", "[profile a]\ncredential_process = whichrole credential-process\n", "[b]\n[a]\naws_secret_access_key = x", "credentials:3"},
		{"a region in the credentials file", "[profile a]\n", "[a]\nregion = x", "credentials:2"},
		{"a helper in the credentials file", "[profile a]\n", "[a]\ncredential_process = whichrole credential-process", "credentials:2"},
		{"Identity Center", "[profile a]\nsso_session = corp\n", "-", "config:2"},
		{"empty, but there", "[profile a]\nsource_profile =\n", "-", "config:2"},
	}
	for _, tt := range tests {
		p, _ := mustLoad(t, tt.config, tt.credentials).Profile("a")
		s, other := p.Otherwise("credential-process")
		got := ""
		if other {
			got = filepath.Base(s.String())
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
