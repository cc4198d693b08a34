package scaffold

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"whichrole/internal/found"
	"whichrole/internal/paths"
)

func TestClassOf(t *testing.T) {
	for name, want := range map[string]string{
		"production": "production", "PROD": "production", "acme-prd": "production", "prod-eu-west-1": "production",
		"non-prod": "nonproduction", "nonprod": "nonproduction", "acme-not-prod": "nonproduction", "pre_prod": "preproduction", "preprod": "preproduction",
		"staging2": "", "products": "", "dev-prod-peering": "", "prod-production": "production", "qa": "qa", "": "", "network": "",
		"test-utils": "testing", "latest": "",
	} {
		if got := classOf(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestEnvironmentAt(t *testing.T) {
	for dir, want := range map[string]string{
		"production/vpc": "production", "live/prod/eu": "prod", "envs/qa/x": "qa", "accounts/payments/vpc": "payments", "accounts/payments/prod/x": "prod",
		"acme-production/vpc": "acme-production", "network/vpc": "", ".": "", "environments": "", "services/a/staging": "staging",
	} {
		got := ""
		segments := split(dir)
		if i := environmentAt(segments); i >= 0 {
			got = segments[i]
		}
		if got != want {
			t.Errorf("%s: %q, want %q", dir, got, want)
		}
	}
}

// A profile that gives production's role to another directory is the worst that init could write.
func TestProfilesFitByName(t *testing.T) {
	for _, tt := range []struct{ dir, profiles, want string }{
		{"production", "production qa", "production"},
		{"production", "acme-production acme-qa", "acme-production"},
		{"prod", "production staging", "production"},
		{"production", "prod", "prod"},
		{"production", "non-prod", ""},
		{"production", "nonprod acme-not-prod pre-prod", ""},
		{"non-prod", "prod", ""},
		{"non-prod", "prod acme-nonprod", "acme-nonprod"},
		{"production", "prod-admin prod-readonly", "prod-admin prod-readonly"},
		{"production", "production prod-admin prod-readonly", "production"},
		{"payments/prod", "payments-prod data-prod", "payments-prod"},
		{"accounts/payments", "acme-payments acme-data", "acme-payments"},
		{"accounts/payments", "payments-prod", ""}, // production's role is not that of the account's every directory
		{"accounts/data", "acme", ""},
		{"qa", "QA", "QA"},
	} {
		var list []profile
		for name := range strings.FieldsSeq(tt.profiles) {
			list = append(list, profile{name: name})
		}
		var got []string
		for _, p := range fit(list, split(tt.dir)) {
			got = append(got, p.name)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s of %s: %v, want %s", tt.dir, tt.profiles, got, tt.want)
		}
	}
}

func TestTwoProfilesForOneDirectoryAreToldNotGuessed(t *testing.T) {
	list := []profile{{name: "prod-admin", role: found.Role{ARN: roleA}}, {name: "prod-read", role: found.Role{ARN: roleB}}}
	places, loose, unread := matched(list, found.Repository{Modules: mods("production/vpc")})
	if len(places) != 0 || len(loose) != 2 || len(unread) != 2 {
		t.Errorf("%v %v %v", places, loose, unread)
	}
}

// The first failure after init was that no source is named, though the profile was there all the time.
func TestProfilesOfOnesOwnAreNamedAsASource(t *testing.T) {
	const note = "# No source is named."
	for config, want := range map[string]string{
		"":                                     "",
		"[default]\naws_access_key_id = x\n":   "", // which is taken without a word
		"[profile corp]\nsso_session = x\n":    "\n# source: [{profile: corp}]\n",
		"[profile corp]\nregion = eu-west-1\n": "",
		"[profile a: b]\nsso_start_url = x\n":  "\n# source: [{profile: \"a: b\"}]\n",
		"[profile x]\nlogin_session = x\nrole_arn = arn:aws:iam::111111111111:role/x\n[profile me]\ncredential_process = whichrole credential-process\n": "",
		"[profile x{y}]\naws_access_key_id = x\n[profile corp]\naws_access_key_id = x\n":                                                                 "\n# source: [{profile: corp}]\n",
		"[profile b]\naws_access_key_id = x\n[profile a]\naws_access_key_id = x\n[profile c]\ncredential_process = aws-vault\n":                          "\n# source: [{profile: a}]  # or b, c\n",
	} {
		for name, files := range map[string]map[string]string{
			"skeleton": {"qa/main.tf": "provider \"aws\" {}\n"},
			"roles":    {"qa/main.tf": "provider \"aws\" {\n  assume_role {\n    role_arn = \"arn:aws:iam::111111111111:role/x\"\n  }\n}\n"},
		} {
			dir := t.TempDir()
			files["home/.aws/config"] = config
			write(t, dir, files)
			d, err := Make(context.Background(), Options{Root: dir, Home: filepath.Join(dir, "home"), Env: paths.Env{}})
			check(t, err)
			if !strings.Contains(d.Text, want) || want == "" && strings.Contains(d.Text, "source: ") || (name == "roles") != strings.Contains(d.Text, note) {
				t.Errorf("%s of %q:\n%s", name, config, d.Text)
			}
		}
	}
}
