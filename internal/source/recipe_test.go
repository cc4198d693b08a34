package source

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"whichrole/internal/paths"
)

const (
	roleA = "arn:aws:iam::111111111111:role/a"
	roleB = "arn:aws-us-gov:iam::222222222222:role/some/path/b"
	mfaA  = "arn:aws:iam::111111111111:mfa/me"
	mfaB  = "GAHT12345678"
	start = "https://d-1234567890.awsapps.com/start/#/"
)

// recipeOf is a recipe in a few words: what a broker would do, and in which order.
func recipeOf(c *Choice) string {
	var steps []string
	step := func(words ...any) { steps = append(steps, strings.Join(strings.Fields(fmt.Sprintln(words...)), " ")) }
	when := func(word, value string) string {
		if value == "" {
			return ""
		}
		return word + " " + value
	}
	if c.Keys != nil {
		step("keys", c.Keys.AccessKeyID)
	}
	if c.Token != nil {
		step("token", c.Token.System, when("for", c.Token.Audience))
	}
	if s := c.SSO; s != nil {
		step("sso", s.Session.Name, s.Session.StartURL, s.Session.Region, s.Session.Scopes, when("portal", s.Session.PortalEndpoint),
			when("oidc", s.Session.OIDCEndpoint), when("set", s.PermissionSet), when("in", s.Account))
	}
	if c.Process != nil {
		step("process", c.Process.Line, "at", c.Process.Where)
	}
	if c.Instance != nil {
		step("instance", *c.Instance)
	}
	if m := c.MFA; m != nil {
		step("mfa", m.Serial, "at", m.Where, "for", m.Duration, when("by", m.Process))
	}
	for _, h := range c.Hops {
		step("role", h.RoleARN, "at", h.Where, when("as", h.SessionName), when("with", h.ExternalID), "for", h.Duration)
	}
	if c.Temporary() {
		step("temporary")
	}
	return strings.Join(steps, "; ")
}

// Line 1 is [profile corp]. KEYS are its own; those of [base] are in the credentials file.
var recipes = []struct {
	name, config      string
	env               paths.Env
	want, description string
}{
	{"MFA", "source_profile =\nmfa_serial = " + mfaA + "\nKEYS", nil,
		"keys " + longID + "; mfa " + mfaA + " at CONFIG:3 for 12h0m0s",
		"profile corp (static keys AKIA…WXYZ in CONFIG:4 with MFA " + mfaA + ")"},
	{"MFA with all settings", "mfa_serial = " + mfaB + "\nmfa_process = totp " + password + "\nduration_seconds = 3600\nKEYS", nil,
		"keys " + longID + "; mfa " + mfaB + " at CONFIG:3 for 1h0m0s by totp " + password, ""},
	{"MFA for more than 12 hours", "mfa_serial = " + mfaA + "\nduration_seconds = 129600\nKEYS", nil,
		"keys " + longID + "; mfa " + mfaA + " at CONFIG:2 for 12h0m0s", ""},
	{"keys that ask for no session", "duration_seconds = forever\nmfa_process = x\nKEYS", nil, "keys " + longID, ""},

	{"keys that are a session, whatever device", "mfa_serial = " + mfaA + "\naws_access_key_id = " + tempID + "\naws_secret_access_key = " + secretKey + "\naws_session_token = " + sessToken, nil,
		"keys " + tempID + "; temporary", ""},
	{"keys that are their own source", "source_profile = corp\nmfa_serial = " + mfaA + "\nduration_seconds = 3600\nKEYS", nil, // as aws-vault advises
		"keys " + longID + "; mfa " + mfaA + " at CONFIG:3 for 1h0m0s", ""},
	{"role of keys that are their own source", "role_arn = " + roleA + "\nsource_profile = own\n[profile own]\nsource_profile = own\nKEYS", nil,
		"keys " + longID + "; role " + roleA + " at CONFIG:2 for 0s; temporary", ""},

	{"role", "role_arn = " + roleA + "\nsource_profile = base", nil,
		"keys " + otherID + "; role " + roleA + " at CONFIG:2 for 0s; temporary",
		"profile corp (role " + roleA + " from profile base (static keys AKIA…QQQQ in CREDS:2))"},
	{"role with all settings",
		"role_arn = " + roleB + "\nsource_profile = base\nrole_session_name = me@x\nexternal_id = a:/b\nduration_seconds = 43200\nmfa_serial = " + mfaA + "\nmfa_process = code", nil,
		"keys " + otherID + "; mfa " + mfaA + " at CONFIG:8 for 12h0m0s by code; role " + roleB + " at CONFIG:2 as me@x with a:/b for 12h0m0s; temporary",
		"profile corp (role " + roleB + " from profile base (static keys AKIA…QQQQ in CREDS:2) with MFA " + mfaA + ")"},
	{"role of its own keys", "role_arn = " + roleA + "\nsource_profile = corp\nmfa_serial = " + mfaA + "\nduration_seconds = 3600\nKEYS", nil,
		"keys " + longID + "; mfa " + mfaA + " at CONFIG:4 for 12h0m0s; role " + roleA + " at CONFIG:2 for 1h0m0s; temporary",
		"profile corp (role " + roleA + " from static keys AKIA…WXYZ in CONFIG:6 with MFA " + mfaA + ")"},
	{"roles of roles, one code for all",
		"role_arn = " + roleA + "\nsource_profile = mid\nduration_seconds = 43200\nmfa_serial = " + mfaA +
			"\n[profile mid]\nrole_arn = " + roleB + "\nsource_profile = bottom\nduration_seconds = 7200\nmfa_serial = " + mfaA + "\nmfa_process = mid" +
			"\n[profile bottom]\nmfa_serial = " + mfaA + "\nmfa_process = bottom\nduration_seconds = 900\naws_access_key_id = " + otherID + "\naws_secret_access_key = " + secretKey, nil,
		"keys " + otherID + "; mfa " + mfaA + " at CONFIG:11 for 15m0s by mid; role " + roleB + " at CONFIG:7 for 2h0m0s; role " + roleA +
			" at CONFIG:2 for 1h0m0s; temporary",
		"profile corp (role " + roleA + " from profile mid (role " + roleB + " from profile bottom (static keys AKIA…QQQQ in CONFIG:16)) with MFA " + mfaA + ")"},

	{"credential_source = Environment", "role_arn = " + roleA + "\ncredential_source = Environment\nmfa_serial = " + mfaA,
		paths.Env{"AWS_ACCESS_KEY_ID": longID, "AWS_SECRET_ACCESS_KEY": secretKey},
		"keys " + longID + "; mfa " + mfaA + " at CONFIG:4 for 12h0m0s; role " + roleA + " at CONFIG:2 for 0s; temporary",
		"profile corp (role " + roleA + " from environment (static keys AKIA…WXYZ in AWS_ACCESS_KEY_ID) with MFA " + mfaA + ")"},
	{"credential_source = Environment, a session", "role_arn = " + roleA + "\ncredential_source = Environment\nduration_seconds = 43200",
		paths.Env{"AWS_ACCESS_KEY_ID": tempID, "AWS_SECRET_ACCESS_KEY": secretKey, "AWS_SESSION_TOKEN": sessToken},
		"keys " + tempID + "; role " + roleA + " at CONFIG:2 for 1h0m0s; temporary", ""},
	{"credential_source = Ec2InstanceMetadata", "role_arn = " + roleA + "\ncredential_source = Ec2InstanceMetadata\nduration_seconds = 900", nil,
		"instance Ec2InstanceMetadata; role " + roleA + " at CONFIG:2 for 15m0s; temporary",
		"profile corp (role " + roleA + " from Ec2InstanceMetadata)"},
	{"credential_source = EcsContainer", "role_arn = " + roleA + "\ncredential_source = EcsContainer",
		paths.Env{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/" + password},
		"instance EcsContainer; role " + roleA + " at CONFIG:2 for 0s; temporary", ""},

	{"credential_source without a role", "credential_source = Ec2InstanceMetadata\nduration_seconds = x\nmfa_serial = " + mfaA, nil,
		"instance Ec2InstanceMetadata; temporary", "profile corp (Ec2InstanceMetadata)"},
	{"role of that", "role_arn = " + roleA + "\nsource_profile = ec2\n[profile ec2]\ncredential_source = Ec2InstanceMetadata", nil,
		"instance Ec2InstanceMetadata; role " + roleA + " at CONFIG:2 for 0s; temporary",
		"profile corp (role " + roleA + " from profile ec2 (Ec2InstanceMetadata))"},
	{"credential_source = Environment, without a role", "credential_source = Environment",
		paths.Env{"AWS_ACCESS_KEY_ID": longID, "AWS_SECRET_ACCESS_KEY": secretKey}, "keys " + longID, "profile corp (environment (static keys AKIA…WXYZ in AWS_ACCESS_KEY_ID))"},

	{"web identity", "role_arn = " + roleA + "\nweb_identity_token_file = TOKEN\nexternal_id = unused\nrole_session_name = me\nduration_seconds = 43200", nil,
		"token file:TOKEN; role " + roleA + " at CONFIG:2 as me for 12h0m0s; temporary",
		"profile corp (role " + roleA + " from the token in TOKEN)"},
	{"role of a web identity", "role_arn = " + roleB + "\nsource_profile = pod\nexternal_id = used\nduration_seconds = 43200\n[profile pod]\nrole_arn = " + roleA + "\nweb_identity_token_file = TOKEN", nil,
		"token file:TOKEN; role " + roleA + " at CONFIG:7 for 0s; role " + roleB + " at CONFIG:2 with used for 1h0m0s; temporary",
		"profile corp (role " + roleB + " from profile pod (role " + roleA + " from the token in TOKEN))"},

	{"SSO", "sso_session = s\nsso_account_id = 012345678901\nsso_role_name = Admin\n[sso-session s]\nsso_start_url = " + start + "\nsso_region = eu-west-1", nil,
		"sso s " + start + " eu-west-1 [sso:account:access] set Admin in 012345678901; temporary",
		"profile corp (permission set Admin in account 012345678901, sso-session s)"},
	{"SSO, said twice", "sso_session = s\nsso_account_id = 012345678901\nsso_role_name = Admin\nsso_region = eu-west-1\nsso_start_url = " + start +
		"\n[sso-session s]\nsso_start_url = " + start + "\nsso_region = eu-west-1\nsso_registration_scopes = a,\n  b , ,c", nil,
		"sso s " + start + " eu-west-1 [a b c] set Admin in 012345678901; temporary", ""},
	{"SSO of the old form", "sso_start_url = " + start + "\nsso_region = eu-west-1\nsso_account_id = 012345678901\nsso_role_name = Admin", nil,
		"sso " + start + " eu-west-1 [sso:account:access] set Admin in 012345678901; temporary",
		"profile corp (permission set Admin in account 012345678901, IAM Identity Center at " + start + ")"},
	{"SSO without a permission set", "sso_session = s\n[sso-session s]\nsso_start_url = " + start + "\nsso_region = eu-west-1", nil,
		"sso s " + start + " eu-west-1 [sso:account:access]; temporary", "profile corp (IAM Identity Center, CONFIG:3)"},
	{"role of SSO", "role_arn = " + roleA + "\nsource_profile = people\nduration_seconds = 7200\n[profile people]\nsso_session = s\nsso_account_id = 012345678901\nsso_role_name = Admin\n[sso-session s]\nsso_start_url = " + start + "\nsso_region = eu-west-1", nil,
		"sso s " + start + " eu-west-1 [sso:account:access] set Admin in 012345678901; role " + roleA + " at CONFIG:2 for 1h0m0s; temporary",
		"profile corp (role " + roleA + " from profile people (permission set Admin in account 012345678901, sso-session s))"},

	{"credential_process", "credential_process = /opt/x --password " + password, nil,
		"process /opt/x --password " + password + " at CONFIG:2; temporary",
		"profile corp (credential_process in CONFIG:2)"},
	{"credential_process that wants the device for itself", "mfa_serial = " + mfaA + "\ncredential_process = aws-vault export corp", nil, // as aws-vault advises
		"process aws-vault export corp at CONFIG:3; temporary", ""},
	{"SSO beside a device", "mfa_serial = " + mfaA + "\nsso_start_url = " + start + "\nsso_region = eu-west-1\nsso_account_id = 012345678901\nsso_role_name = Admin", nil,
		"sso " + start + " eu-west-1 [sso:account:access] set Admin in 012345678901; temporary", ""},
	{"role of a credential_process", "role_arn = " + roleA + "\nsource_profile = tool\nduration_seconds = 7200\n[profile tool]\ncredential_process = tool", nil,
		"process tool at CONFIG:6; role " + roleA + " at CONFIG:2 for 1h0m0s; temporary", ""},
}

func TestEveryKindOfProfile(t *testing.T) {
	for _, tt := range recipes {
		t.Run(tt.name, func(t *testing.T) {
			token := filepath.Join(t.TempDir(), "token")
			if err := os.WriteFile(token, []byte(jwt("https://x", "pod")), 0o600); err != nil {
				t.Fatal(err)
			}
			p := at(t, tt.env, "[profile corp]\n"+strings.NewReplacer("TOKEN", token, "KEYS", "aws_access_key_id = "+longID+"\naws_secret_access_key = "+secretKey).Replace(tt.config),
				"[base]\naws_access_key_id = "+otherID+"\naws_secret_access_key = "+secretKey+"\n")
			fill := strings.NewReplacer("CONFIG", p.config, "CREDS", p.creds, "TOKEN", token)
			c, notes, err := p.choose(t, []Entry{profile("corp"), environment})
			if err != nil || len(notes) != 0 {
				t.Fatal(err, notes)
			}
			if got := recipeOf(c); got != fill.Replace(tt.want) {
				t.Errorf("got  %s\nwant %s", got, fill.Replace(tt.want))
			}
			if want := fill.Replace(tt.description); want != "" && c.Description != want {
				t.Errorf("got  %s\nwant %s", c.Description, want)
			}
			if c.Profile != "corp" || c.Identity == "" || c.StartIdentity == "" || starts(c) != 1 {
				t.Errorf("got %+v", c)
			}
		})
	}
}

func starts(c *Choice) (n int) {
	for _, there := range []bool{c.Keys != nil, c.Token != nil, c.SSO != nil, c.Process != nil, c.Instance != nil} {
		if there {
			n++
		}
	}
	return n
}

func TestEveryOtherEntry(t *testing.T) {
	config := "[sso-session s]\nsso_start_url = " + start + "\nsso_region = eu-west-1\n"
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte(jwt("https://x", "pod")), 0o600); err != nil {
		t.Fatal(err)
	}
	session := "sso s " + start + " eu-west-1 [sso:account:access] portal https://portal oidc https://oidc"
	for _, tt := range []struct {
		name              string
		entry             Entry
		env               paths.Env
		want, description string
	}{
		{"oidc", system("github"), onGitHub(), "token github", "oidc github"},
		{"oidc with an audience", Entry{Kind: "oidc", Name: "github", Audience: "corp"}, onGitHub(), "token github for corp", "oidc github"},
		{"oidc in a variable", system("env:X"), paths.Env{"X": jwt("https://x", "y")}, "token env:X", "oidc env:X"},
		{"web_identity", Entry{Kind: "web_identity"}, paths.Env{"AWS_WEB_IDENTITY_TOKEN_FILE": token, "AWS_ROLE_ARN": roleA},
			"token file:" + token, "web_identity (the token in " + token + ")"},
		{"sso", Entry{Kind: "sso", Name: "s"}, nil, session + "; temporary", "sso s (IAM Identity Center, CONFIG:1)"},
		{"sso with a permission set", Entry{Kind: "sso", Name: "s", Account: "111111111111", PermissionSet: "Admin"}, nil,
			session + " set Admin in 111111111111; temporary", "sso s (permission set Admin in account 111111111111, sso-session s)"},
		{"instance", Entry{Kind: "instance"}, nil, "instance; temporary", "instance"},
		{"environment", environment, paths.Env{"AWS_ACCESS_KEY_ID": longID, "AWS_SECRET_ACCESS_KEY": secretKey}, "keys " + longID, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := paths.Env{"AWS_ENDPOINT_URL_STS": "http://127.0.0.1:1/", "AWS_ENDPOINT_URL_SSO": "https://portal", "AWS_ENDPOINT_URL_SSO_OIDC": "https://oidc/"}
			for name, value := range tt.env {
				env[name] = value
			}
			p := at(t, env, config, "")
			c, _, err := p.choose(t, []Entry{tt.entry})
			if err != nil {
				t.Fatal(err)
			}
			if got := recipeOf(c); got != tt.want || c.Entry != tt.entry || c.Profile != "" || c.Identity != c.StartIdentity || starts(c) != 1 {
				t.Errorf("got  %s\nwant %s\n%+v", got, tt.want, c)
			}
			if want := strings.ReplaceAll(tt.description, "CONFIG", p.config); want != "" && c.Description != want {
				t.Errorf("got %s, want %s", c.Description, want)
			}
			if c.Settings != (Settings{STSEndpoint: "http://127.0.0.1:1"}) {
				t.Errorf("got %+v", c.Settings)
			}
		})
	}
}
