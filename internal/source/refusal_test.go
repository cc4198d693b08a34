package source

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"whichrole/internal/child"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// Line 1 is [profile corp]. KEYS are keys of a profile; [base] has some, too, in the credentials file.
var refusals = []struct{ name, config, want, hint string }{
	{"nothing", "region = x", "profile corp (CONFIG:1): there are no credentials in it", "aws configure --profile corp"},
	{"empty settings", "role_arn =\nsource_profile =", "profile corp (CONFIG:1): there are no credentials in it", "aws configure --profile corp"},

	// Mixed kinds.
	{"keys and a role", "role_arn = " + roleA + "\nKEYS", "profile corp: role_arn (CONFIG:2) and aws_access_key_id (CONFIG:3) contradict each other: each SDK follows another one",
		"if these keys assume the role, add source_profile = corp"},
	{"half a key and a role", "role_arn = " + roleA + "\naws_secret_access_key = x", "profile corp: role_arn (CONFIG:2) and aws_secret_access_key (CONFIG:3) contradict each other: each SDK follows another one",
		"if these keys assume the role, add source_profile = corp"},
	{"keys and another source", "role_arn = " + roleA + "\nsource_profile = base\nKEYS", "profile corp: role_arn (CONFIG:2) and aws_access_key_id (CONFIG:4) contradict each other: each SDK follows another one", "keep one of them, and put the other into a profile of its own"},
	{"keys and SSO", "sso_session = s\nKEYS", "profile corp: aws_access_key_id (CONFIG:3) and sso_session (CONFIG:2) contradict each other: each SDK follows another one", "keep one of them, and put the other into a profile of its own"},
	{"keys and old SSO", "sso_start_url = s\nKEYS", "profile corp: aws_access_key_id (CONFIG:3) and sso_start_url (CONFIG:2) contradict each other: each SDK follows another one", "keep one of them, and put the other into a profile of its own"},
	{"keys and a process", "credential_process = s\nKEYS", "profile corp: aws_access_key_id (CONFIG:3) and credential_process (CONFIG:2) contradict each other: each SDK follows another one", "keep one of them, and put the other into a profile of its own"},
	{"keys and a login session", "login_session = s\nKEYS", "profile corp: aws_access_key_id (CONFIG:3) and login_session (CONFIG:2) contradict each other: each SDK follows another one", "keep one of them, and put the other into a profile of its own"},
	{"keys, itself and a process", "role_arn = " + roleA + "\nsource_profile = corp\ncredential_process = x\nKEYS", "profile corp: role_arn (CONFIG:2) and aws_access_key_id (CONFIG:5) contradict each other: each SDK follows another one", "keep one of them, and put the other into a profile of its own"},
	{"two sources", "role_arn = " + roleA + "\nsource_profile = base\ncredential_source = Environment", "profile corp: source_profile (CONFIG:3) and credential_source (CONFIG:4) contradict each other: each SDK follows another one", "keep one of them, and put the other into a profile of its own"},
	{"a source and a token", "role_arn = " + roleA + "\nsource_profile = base\nweb_identity_token_file = /x", "profile corp: source_profile (CONFIG:3) and web_identity_token_file (CONFIG:4) contradict each other: each SDK follows another one", "keep one of them, and put the other into a profile of its own"},
	{"a role and SSO", "role_arn = " + roleA + "\nsso_session = s", "profile corp: role_arn (CONFIG:2) and sso_session (CONFIG:3) contradict each other: each SDK follows another one", "keep one of them, and put the other into a profile of its own"},
	{"a role and a process", "credential_process = x\nrole_arn = " + roleA, "profile corp: role_arn (CONFIG:3) and credential_process (CONFIG:2) contradict each other: each SDK follows another one", "keep one of them, and put the other into a profile of its own"},
	{"a role and a login session", "login_session = x\nrole_arn = " + roleA, "profile corp: role_arn (CONFIG:3) and login_session (CONFIG:2) contradict each other: each SDK follows another one", "keep one of them, and put the other into a profile of its own"},
	{"its own source, and another's", "role_arn = " + roleA + "\nsource_profile = own\n[profile own]\nrole_arn = " + roleB + "\nsource_profile = own\nKEYS",
		"profile own: role_arn (CONFIG:5) and aws_access_key_id (CONFIG:7): where this profile is another's source, some SDKs take the role and some the keys", "move the keys to a profile of their own"},

	// Halves.
	{"a role alone", "role_arn = " + roleA, "profile corp: role_arn (CONFIG:2) is there, but nothing says who assumes it", "add source_profile = NAME, a profile that may assume the role"},
	{"a source alone", "source_profile = base", "profile corp: source_profile (CONFIG:2) is there without role_arn", "add role_arn, or remove source_profile"},
	{"a token alone", "web_identity_token_file = /x", "profile corp: web_identity_token_file (CONFIG:2) is there without role_arn", "add role_arn, or remove web_identity_token_file"},

	// Sources that are none.
	{"no such profile", "role_arn = " + roleA + "\nsource_profile = bass", "profile corp: source_profile (CONFIG:3) names bass, but neither CONFIG nor CREDS has that, the nearest is base", ""},
	{"no such profile, and none like it", "role_arn = " + roleA + "\nsource_profile = somewhere-else", "profile corp: source_profile (CONFIG:3) names somewhere-else, but neither CONFIG nor CREDS has that", "aws configure --profile somewhere-else"},
	{"a misplaced profile", "role_arn = " + roleA + "\nsource_profile = other\n[other]\nKEYS", "profile corp: source_profile (CONFIG:3) names other, but neither CONFIG nor CREDS has that",
		"CONFIG:4 has [other], which is read nowhere: write [profile other]"},
	{"a source without credentials", "role_arn = " + roleA + "\nsource_profile = empty\n[profile empty]", "profile empty (CONFIG:4): there are no credentials in it", "aws configure --profile empty"},
	{"a source with half a key", "role_arn = " + roleA + "\nsource_profile = half\n[profile half]\naws_access_key_id = " + longID,
		"profile half (CONFIG:4): aws_access_key_id (CONFIG:5) is there without aws_secret_access_key", "aws configure --profile half"},
	{"no such named source", "role_arn = " + roleA + "\ncredential_source = environment", "profile corp: credential_source (CONFIG:3) names no source that is known", "it is one of Environment, Ec2InstanceMetadata, EcsContainer"},
	{"an environment without keys", "role_arn = " + roleA + "\ncredential_source = Environment", "profile corp: credential_source (CONFIG:3) says Environment, but AWS_ACCESS_KEY_ID is not set", "set it and AWS_SECRET_ACCESS_KEY, or name another source"},
	{"no container", "role_arn = " + roleA + "\ncredential_source = EcsContainer", "profile corp: this is no container with credentials: neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set",
		"give the ECS task a role, or the pod's service account an EKS Pod Identity association"},
	{"a token of the working directory", "role_arn = " + roleA + "\nweb_identity_token_file = token", "profile corp: web_identity_token_file (CONFIG:3) is not an absolute path", "write the whole path of the file"},

	// Rings.
	{"itself", "role_arn = " + roleA + "\nsource_profile = corp", "profile corp: source_profile leads in a ring: corp → corp (CONFIG:3)", "a profile is its own source only where it holds keys"},
	{"a ring of two", "role_arn = " + roleA + "\nsource_profile = b\n[profile b]\nrole_arn = " + roleB + "\nsource_profile = corp",
		"profile b: source_profile leads in a ring: corp → b → corp (CONFIG:3, CONFIG:6)", "one of them must name a profile that holds credentials"},
	{"a ring further down", "role_arn = " + roleA + "\nsource_profile = b\n[profile b]\nrole_arn = " + roleB + "\nsource_profile = c\n[profile c]\nrole_arn = " + roleB + "\nsource_profile = b",
		"profile c: source_profile leads in a ring: b → c → b (CONFIG:6, CONFIG:9)", "one of them must name a profile that holds credentials"},

	// Parameters of roles.
	{"a user for a role", "role_arn = arn:aws:iam::111111111111:user/x\nsource_profile = base", "profile corp: role_arn (CONFIG:2) is not the ARN of a role", "it looks like arn:aws:iam::111111111111:role/NAME"},
	{"a secret for a role", "role_arn = " + password + "\nsource_profile = base", "profile corp: role_arn (CONFIG:2) is not the ARN of a role", "it looks like arn:aws:iam::111111111111:role/NAME"},
	{"a session name with a blank", "role_arn = " + roleA + "\nsource_profile = base\nrole_session_name = a b", "profile corp: role_session_name (CONFIG:4) must be 2 to 64 characters of A-Z a-z 0-9 _+=,.@-", ""},
	{"a long session name", "role_arn = " + roleA + "\nsource_profile = base\nrole_session_name = " + strings.Repeat("a", 65), "profile corp: role_session_name (CONFIG:4) must be 2 to 64 characters of A-Z a-z 0-9 _+=,.@-", ""},
	{"a short external id", "role_arn = " + roleA + "\nsource_profile = base\nexternal_id = a", "profile corp: external_id (CONFIG:4) must be 2 to 1224 characters of A-Z a-z 0-9 _+=,.@-:/", ""},
	{"a long external id", "role_arn = " + roleA + "\nsource_profile = base\nexternal_id = " + strings.Repeat("a", 1225), "profile corp: external_id (CONFIG:4) must be 2 to 1224 characters of A-Z a-z 0-9 _+=,.@-:/", ""},
	{"a short duration", "role_arn = " + roleA + "\nsource_profile = base\nduration_seconds = 899", "profile corp: duration_seconds (CONFIG:4) must be a number from 900 to 43200", ""},
	{"a long duration", "role_arn = " + roleA + "\nsource_profile = base\nduration_seconds = 43201", "profile corp: duration_seconds (CONFIG:4) must be a number from 900 to 43200", ""},
	{"a duration in words", "role_arn = " + roleA + "\nsource_profile = base\nduration_seconds = 1h", "profile corp: duration_seconds (CONFIG:4) must be a number from 900 to 43200", ""},

	// MFA.
	{"two devices", "role_arn = " + roleA + "\nsource_profile = b\nmfa_serial = " + mfaA + "\n[profile b]\nmfa_serial = " + mfaB + "\nKEYS",
		"profile corp: mfa_serial (CONFIG:4) and mfa_serial (CONFIG:6) are two devices for the same keys", "name the same device in both"},
	{"a device that is none", "mfa_serial = 123456\nKEYS", "profile corp: mfa_serial (CONFIG:2) must be 9 to 256 characters of A-Z a-z 0-9 _+=,.@-:/", ""},
	{"MFA for a role of a session", "role_arn = " + roleA + "\nsource_profile = b\nmfa_serial = " + mfaA + "\n[profile b]\naws_access_key_id = " + tempID + "\naws_secret_access_key = " + secretKey + "\naws_session_token = " + sessToken,
		"profile corp: mfa_serial (CONFIG:4) asks for an MFA session, and only long-term keys get one, not profile b (static keys ASIA…WXYZ in CONFIG:6)", "remove mfa_serial, or name a profile with long-term keys as source_profile"},
	{"MFA for a role of a process", "role_arn = " + roleA + "\nsource_profile = b\nmfa_serial = " + mfaA + "\n[profile b]\ncredential_process = x",
		"profile corp: mfa_serial (CONFIG:4) asks for an MFA session, and only long-term keys get one, not profile b (credential_process in CONFIG:6)", "remove mfa_serial, or name a profile with long-term keys as source_profile"},
	{"MFA for a machine", "role_arn = " + roleA + "\ncredential_source = Ec2InstanceMetadata\nmfa_serial = " + mfaA,
		"profile corp: mfa_serial (CONFIG:4) asks for an MFA session, and only long-term keys get one, not Ec2InstanceMetadata", "remove mfa_serial, or name a profile with long-term keys as source_profile"},
	{"a long MFA session", "mfa_serial = " + mfaA + "\nduration_seconds = 129601\nKEYS", "profile corp: duration_seconds (CONFIG:3) must be a number from 900 to 129600", ""},
	{"a short MFA session, further down", "role_arn = " + roleA + "\nsource_profile = b\nmfa_serial = " + mfaA + "\n[profile b]\nduration_seconds = 0\nKEYS", "profile b: duration_seconds (CONFIG:6) must be a number from 900 to 129600", ""},

	// SSO.
	{"no such session", "sso_session = s\nsso_account_id = 111111111111\nsso_role_name = x", "profile corp: sso_session (CONFIG:2) names s, but CONFIG has no such [sso-session]", "aws configure sso-session"},
	{"a session without URL", "sso_session = s\n[sso-session s]", "[sso-session s] (CONFIG:3): there is no sso_start_url in it", "aws configure sso-session"},
	{"a session without region", "sso_session = s\n[sso-session s]\nsso_start_url = " + start, "[sso-session s] (CONFIG:3): there is no sso_region in it", "aws configure sso-session"},
	{"a session whose URL is none", "sso_session = s\n[sso-session s]\nsso_region = eu-west-1\nsso_start_url = " + password, "[sso-session s] (CONFIG:3): sso_start_url (CONFIG:5) is not a URL", "aws configure sso-session"},
	{"a session whose region is a host", "sso_session = s\n[sso-session s]\nsso_start_url = " + start + "\nsso_region = evil.example/", "[sso-session s] (CONFIG:3): sso_region (CONFIG:5) is not a region", "aws configure sso-session"},
	{"a role of a session alone", "role_arn = " + roleA + "\nsource_profile = b\n[profile b]\nsso_session = s\n[sso-session s]\nsso_region = eu-west-1\nsso_start_url = " + start, "profile b: it is one of IAM Identity Center, but there is no sso_account_id in it", "aws configure sso --profile b"},
	{"no account at all", "sso_session = s\nsso_role_name = x\n[sso-session s]\nsso_region = eu-west-1\nsso_start_url = " + start, "profile corp: it is one of IAM Identity Center, but there is no sso_account_id in it", "aws configure sso --profile corp"},
	{"no role name", "sso_session = s\nsso_account_id = 111111111111\n[sso-session s]\nsso_region = eu-west-1\nsso_start_url = " + start, "profile corp: it is one of IAM Identity Center, but there is no sso_role_name in it", "aws configure sso --profile corp"},
	{"no account", "sso_start_url = " + start + "\nsso_region = eu-west-1\nsso_account_id = me\nsso_role_name = x", "profile corp: sso_account_id (CONFIG:4) is not an account", "an account has 12 digits"},
	{"a role name for a path", "sso_start_url = " + start + "\nsso_region = eu-west-1\nsso_account_id = 111111111111\nsso_role_name = ../x", "profile corp: sso_role_name (CONFIG:5) must be 1 to 64 characters of A-Z a-z 0-9 _+=,.@-", ""},
	{"another URL than the session's", "sso_session = s\nsso_start_url = " + start + "x\n[sso-session s]\nsso_start_url = " + start + "\nsso_region = eu-west-1",
		"profile corp: sso_start_url (CONFIG:3) and sso_start_url (CONFIG:5) contradict each other", "remove sso_start_url (CONFIG:3)"},
	{"another region than the session's", "sso_session = s\nsso_region = eu-west-2\n[sso-session s]\nsso_start_url = " + start + "\nsso_region = eu-west-1",
		"profile corp: sso_region (CONFIG:3) and sso_region (CONFIG:6) contradict each other", "remove sso_region (CONFIG:3)"},
	{"old form without URL", "sso_region = eu-west-1", "profile corp: it is one of IAM Identity Center, but there is no sso_session and no sso_start_url in it", "aws configure sso --profile corp"},
	{"old form without region", "sso_start_url = " + start, "profile corp: it is one of IAM Identity Center, but there is no sso_region in it", "aws configure sso --profile corp"},
	{"old form, a URL with a password", "sso_region = eu-west-1\nsso_start_url = https://me:" + password + "@x", "profile corp: sso_start_url (CONFIG:3) is not a URL", "it looks like https://d-1234567890.awsapps.com/start"},
	{"old form, a zone", "sso_region = eu-west-1a\nsso_start_url = " + start, "profile corp: sso_region (CONFIG:2) is not a region", "it looks like eu-west-1"},

	{"aws login", "login_session = arn:aws:iam::111111111111:user/me", "profile corp: login_session (CONFIG:2), a session of aws login, is not supported",
		"name a profile as source that has credential_process = aws configure export-credentials --profile corp"},
	{"a program of the repository's", "credential_process = ./helper --quiet",
		"profile corp: credential_process (CONFIG:2) starts a program of whatever directory this is", "write the whole path, or a name on PATH"},
	{"a program of the repository's, in quotes", "credential_process = \"bin/my helper\"",
		"profile corp: credential_process (CONFIG:2) starts a program of whatever directory this is", "write the whole path, or a name on PATH"},
	{"whichrole, further down", "role_arn = " + roleA + "\nsource_profile = b\n[profile b]\ncredential_process = /usr/local/bin/whichrole credential-process",
		"profile b: leads back to whichrole: credential_process (CONFIG:5) starts it again", "name a profile as source that holds keys of its own"},
}

func TestWhatIsRefused(t *testing.T) {
	for _, tt := range refusals {
		t.Run(tt.name, func(t *testing.T) {
			keys := "aws_access_key_id = " + longID + "\naws_secret_access_key = " + secretKey
			p := at(t, nil, "[profile corp]\n"+strings.ReplaceAll(tt.config, "KEYS", keys), "[base]\n"+keys)
			fill := strings.NewReplacer("CONFIG", p.config, "CREDS", p.creds)
			c, _, err := p.choose(t, []Entry{profile("corp"), profile("base")})
			e, ok := errors.AsType[*problem.Error](err)
			if !ok {
				t.Fatalf("got %v, %v; want %s", c, err, tt.want)
			}
			if c != nil || e.Code != problem.LoginNeeded || e.Message != fill.Replace(tt.want) || e.Hint != fill.Replace(tt.hint) {
				t.Errorf("got  %v, %v\nhint %q\nwant %s", c, err, e.Hint, fill.Replace(tt.want))
			}
		})
	}
}

// Of two kinds in one profile each SDK takes another; whichever comes first, and also where each stands in a file of its own.
func TestNoTwoKindsInOneProfile(t *testing.T) {
	keys := "aws_access_key_id = " + longID + "\naws_secret_access_key = " + secretKey + "\n"
	kinds := []struct{ name, text string }{
		{"keys", keys},
		{"role of a profile", "role_arn = " + roleA + "\nsource_profile = base\n"},
		{"role of variables", "role_arn = " + roleA + "\ncredential_source = Environment\n"},
		{"role of a token", "role_arn = " + roleA + "\nweb_identity_token_file = /token\n"},
		{"session", "sso_session = s\nsso_account_id = 111111111111\nsso_role_name = Admin\n"},
		{"process", "credential_process = tool\n"},
		{"login", "login_session = x\n"},
	}
	for i, a := range kinds {
		for _, b := range kinds[i+1:] {
			for _, files := range [][2]string{{"[profile corp]\n" + a.text + b.text, ""}, {"[profile corp]\n" + b.text + a.text, ""},
				{"[profile corp]\n" + a.text, "[corp]\n" + b.text}, {"[profile corp]\n" + b.text, "[corp]\n" + a.text}} {
				p := at(t, paths.Env{"AWS_ACCESS_KEY_ID": longID, "AWS_SECRET_ACCESS_KEY": secretKey}, files[0]+"[sso-session s]\nsso_start_url = "+start+"\nsso_region = eu-west-1\n"+
					"[profile top]\nrole_arn = "+roleB+"\nsource_profile = corp\n", files[1]+"[base]\n"+keys)
				for _, name := range []string{"corp", "top"} {
					c, _, err := p.choose(t, []Entry{profile(name)})
					if problem.CodeOf(err) != problem.LoginNeeded || !strings.Contains(err.Error(), "profile corp: ") || !strings.Contains(err.Error(), "contradict each other") {
						t.Errorf("%s: %s and %s: got %v, %v", name, a.name, b.name, c, err)
					}
				}
			}
		}
	}
}

func TestRoleARN(t *testing.T) {
	for arn, want := range map[string]bool{
		roleA: true, roleB: true, "arn:aws:iam::111111111111:role/x+=,.@-_9": true, "arn:aws-eusc:iam::111111111111:role/a:b/c": true,
		"arn:aws:iam::111111111111:role/" + strings.Repeat("a", 64): true, "arn:aws:iam::111111111111:role/" + strings.Repeat("a", 65): false,
		"arn:aws:iam::111111111111:role/" + strings.Repeat("a/", 1100) + "x": false,
		"": false, "role/x": false, "arn:aws:iam::111111111111:role/": false, "arn:aws:iam::111111111111:role": false, "arn:aws:iam::111111111111:role/a/": false,
		"arn:aws:iam::11111111111:role/x": false, "arn:aws:iam::1111111111111:role/x": false, "arn:aws:iam::aaaaaaaaaaaa:role/x": false, "arn:aws:iam:eu-west-1:111111111111:role/x": false,
		"arn:moon:iam::111111111111:role/x": false, "arn:aws:sts::111111111111:assumed-role/x/y": false, "arn:aws:iam::111111111111:role//x": false,
		"arn:aws:iam::111111111111:role/x y": false, "arn:aws:iam::111111111111:role/a b/y": false, "arn:aws:iam::111111111111:role/ü": false, "ARN:aws:iam::111111111111:role/x": false,
		"arn:aws:iam::111111111111:role/x\n": false, "arn:aws:iam::111111111111:instance-profile/x": false, "arn:aws:iam::{account}:role/x": false,
	} {
		if isRoleARN(arn) != want {
			t.Errorf("%.80q: %v", arn, !want)
		}
	}
}

func TestProfileThatLeadsBackToWhichrole(t *testing.T) {
	tests := []struct {
		command, depth string
		back           bool
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
		{"sh -c whichrole", "", false},
		{"sh -c whichrole", "1", true},
		{"sh -c whichrole", "many", true},
		{"sh -c whichrole", "0", false},
		{`"`, "", false},
		{"/", "", false},
	}
	for _, tt := range tests {
		for _, chain := range []string{"", "[profile top]\nrole_arn = " + roleA + "\nsource_profile = corp\n"} {
			t.Run(tt.command, func(t *testing.T) {
				p := at(t, paths.Env{child.DepthVariable: tt.depth}, "[profile corp]\ncredential_process = "+tt.command+"\n"+chain, "")
				name := "corp"
				if chain != "" {
					name = "top"
				}
				c, _, err := p.choose(t, []Entry{profile(name)})
				want := "profile corp: leads back to whichrole: credential_process (" + p.config + ":2) starts it again"
				if tt.depth != "" {
					want = "profile corp: leads back to whichrole: a program that it started has started it, and credential_process (" + p.config + ":2) would be the next"
				}
				if tt.back && (err == nil || err.Error() != want) || !tt.back && (err != nil || c.Process.Line != tt.command) {
					t.Errorf("got %v, %v; want %s", c, err, want)
				}
			})
		}
	}
}

// The profile that called us is in AWS_PROFILE. It is neither the source nor a part of a chain.
func TestCallerIsNotAskedForItsOwnCredentials(t *testing.T) {
	env := paths.Env{"AWS_PROFILE": "terraform", "AWS_DEFAULT_PROFILE": "terraform"}
	p := at(t, env, "[profile terraform]\ncredential_process = whichrole credential-process\n[profile corp]\nrole_arn = "+roleA+"\nsource_profile = default\n", "[default]\n"+keysOf(longID, secretKey, ""))
	c, _, err := p.choose(t, []Entry{profile("corp")})
	if err != nil || c.Keys.AccessKeyID != longID {
		t.Errorf("got %v, %v", c, err)
	}
	if c, _, err := p.choose(t, []Entry{profile("terraform")}); err == nil || !strings.Contains(err.Error(), "leads back to whichrole") {
		t.Errorf("got %v, %v", c, err)
	}
}

func TestLongChainEnds(t *testing.T) {
	for _, tt := range []struct {
		roles int
		want  string
	}{
		{maxRoles, ""},
		{maxRoles + 1, "profile p10: source_profile (CONFIG:33) is the end of more than 10 roles in a row"},
		{10_000, "profile p10: source_profile (CONFIG:33) is the end of more than 10 roles in a row"},
	} {
		var config strings.Builder
		for i := range tt.roles {
			fmt.Fprintf(&config, "[profile p%d]\nrole_arn = %s\nsource_profile = p%d\n", i, roleA, i+1)
		}
		p := at(t, nil, config.String(), fmt.Sprintf("[p%d]\n%s", tt.roles, keysOf(longID, secretKey, "")))
		c, _, err := p.choose(t, []Entry{profile("p0")})
		want := strings.ReplaceAll(tt.want, "CONFIG", p.config)
		if want == "" && (err != nil || len(c.Hops) != tt.roles) || want != "" && (err == nil || err.Error() != want) {
			t.Errorf("%d: got %v, %v", tt.roles, c, err)
		}
	}
}

// What a file calls a profile may be a command for whoever pastes the hint.
func TestNameOfAProfileIsNotPastedIntoAShell(t *testing.T) {
	for _, config := range []string{"sso_region = x", "login_session = x", "role_arn = " + roleA + "\n" + "aws_access_key_id = x", "region = x"} {
		name := "x`id`"
		_, _, err := at(t, nil, "[profile "+name+"]\n"+config, "").choose(t, []Entry{profile(name)})
		if e, ok := errors.AsType[*problem.Error](err); !ok || strings.Contains(e.Hint, "`") {
			t.Errorf("%v, hint %q", err, e.Hint)
		}
	}
}
