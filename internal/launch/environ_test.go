package launch

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"whichrole/internal/creds"
	"whichrole/internal/paths"
)

func TestEnviron(t *testing.T) {
	none := func(string) bool { return false }
	all := func(string) bool { return true }
	secret := func(name string) bool { return name != "AWS_SESSION_TOKEN" }
	for _, tt := range []struct {
		name    string
		env     paths.Env
		windows bool
		keep    func(string) bool
		given   []paths.Env
		want    paths.Env
	}{
		{"what would win over the profile goes", paths.Env{
			"AWS_ACCESS_KEY_ID": "x", "AWS_ACCESS_KEY": "x", "AMAZON_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_SECRET_KEY": "x",
			"AMAZON_SECRET_ACCESS_KEY": "x", "AWS_SESSION_TOKEN": "x", "AWS_SECURITY_TOKEN": "x", "AMAZON_SESSION_TOKEN": "x",
			"AWS_CREDENTIAL_EXPIRATION": "x", "AWS_CREDENTIAL_SCOPE": "x", "AWS_ACCOUNT_ID": "x", "AWS_PROFILE": "x", "AWS_DEFAULT_PROFILE": "x",
			"AWS_ROLE_ARN": "x", "AWS_ROLE_SESSION_NAME": "x", "AWS_WEB_IDENTITY_TOKEN_FILE": "x", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "x",
			"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "x", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "x", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "x",
			"AWS_BEARER_TOKEN_BEDROCK": "x", "AWS_CREDENTIAL_PROFILES_FILE": "x", "AWS_CREDENTIAL_FILE": "x", "WHICHROLE_DEPTH": "1",
			"WHICHROLE_SOURCE_AWS_ACCESS_KEY_ID": "x",
		}, false, none, nil, paths.Env{}},
		{"what is no credential stays", paths.Env{
			"TF_VAR_region": "x", "TF_TOKEN_app_terraform_io": "x", "AWS_ENDPOINT_URL": "x", "AWS_SHARED_CREDENTIALS_FILE": "x", "AWS_CONFIG_FILE": "x",
			"AWS_CA_BUNDLE": "x", "AWS_VAULT": "x", "WHICHROLE_OPERATION": "apply", "WHICHROLE_MAP": "x", "EMPTY": "", "aws_profile": "x", "AWS_REGION": "x",
			"WHICHROLE_SOURCE_PATH": "x",
		}, false, none, nil, paths.Env{
			"TF_VAR_region": "x", "TF_TOKEN_app_terraform_io": "x", "AWS_ENDPOINT_URL": "x", "AWS_SHARED_CREDENTIALS_FILE": "x", "AWS_CONFIG_FILE": "x",
			"AWS_CA_BUNDLE": "x", "AWS_VAULT": "x", "WHICHROLE_OPERATION": "apply", "WHICHROLE_MAP": "x", "EMPTY": "", "aws_profile": "x", "AWS_REGION": "x",
			"WHICHROLE_SOURCE_PATH": "x",
		}},
		{"the source's own go on under another name", paths.Env{"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t"}, false, secret, nil,
			paths.Env{"WHICHROLE_SOURCE_AWS_ACCESS_KEY_ID": "id", "WHICHROLE_SOURCE_AWS_SECRET_ACCESS_KEY": "s"}},
		{"exec in exec: they are still there", paths.Env{"WHICHROLE_SOURCE_AWS_ACCESS_KEY_ID": "id", "AWS_PROFILE": "whichrole-exec"}, false, onlyID, nil,
			paths.Env{"WHICHROLE_SOURCE_AWS_ACCESS_KEY_ID": "id"}},
		// The inner exec asked as one person, and its helper as another: both go by BeforeExec now.
		{"exec in exec: the helper asks as the one that exec has asked as", paths.Env{"WHICHROLE_SOURCE_AWS_ACCESS_KEY_ID": "old", "WHICHROLE_SOURCE_AWS_SESSION_TOKEN": "old",
			"AWS_ACCESS_KEY_ID": "new", "AWS_SECRET_ACCESS_KEY": "new"}, false, secretless, nil,
			paths.Env{"WHICHROLE_SOURCE_AWS_ACCESS_KEY_ID": "old", "WHICHROLE_SOURCE_AWS_SESSION_TOKEN": "old"}},
		{"exec --static: a role's keys are nobody's first credentials", paths.Env{}, false, all, []paths.Env{{"AWS_ACCESS_KEY_ID": "role"}},
			paths.Env{"AWS_ACCESS_KEY_ID": "role", "WHICHROLE_SOURCE_AWS_ACCESS_KEY_ID": ""}},
		{"exec in exec --static", paths.Env{"AWS_ACCESS_KEY_ID": "role", "WHICHROLE_SOURCE_AWS_ACCESS_KEY_ID": ""}, false, all, nil, paths.Env{}},
		{"what is given wins, the later one most", paths.Env{"AWS_REGION": "old"}, false, none, []paths.Env{Region("eu-west-1"), Region(""), {"AWS_DEFAULT_REGION": "x"}},
			paths.Env{"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "x"}},
		{"on Windows case makes no other name", paths.Env{"aws_profile": "x", "Aws_Region": "x", "Path": "p", "whichrole_depth": "1", "aws_container_x": "x"}, true, none,
			[]paths.Env{Region("eu-west-1")}, paths.Env{"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1", "Path": "p"}},
	} {
		if got := Environ(tt.env, tt.windows, tt.keep, tt.given...); !maps.Equal(got, tt.want) {
			t.Errorf("%s:\n got %v\nwant %v", tt.name, got, tt.want)
		}
	}
}

func secretless(name string) bool { return name != "AWS_SECRET_ACCESS_KEY" }

func onlyID(name string) bool { return strings.HasPrefix(name, "AWS_ACCESS") }

func TestStatic(t *testing.T) {
	c := creds.Credentials{AccessKeyID: "ASIA", SecretAccessKey: creds.NewSecret("s"), SessionToken: creds.NewSecret("t"), AccountID: "012345678901"}
	end := time.Date(2026, 11, 22, 10, 21, 36, 999e6, time.FixedZone("CET", 3600))
	want := paths.Env{"AWS_ACCESS_KEY_ID": "ASIA", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t", "AWS_ACCOUNT_ID": "012345678901", "AWS_CREDENTIAL_EXPIRATION": "2026-11-22T09:21:36Z"}
	if got := Static(c, end); !maps.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	// Long-term keys have neither token nor end: an empty token would be sent.
	c = creds.Credentials{AccessKeyID: "AKIA", SecretAccessKey: creds.NewSecret("s")}
	if got := fmt.Sprint(Static(c, time.Time{})); got != "map[AWS_ACCESS_KEY_ID:AKIA AWS_SECRET_ACCESS_KEY:s]" {
		t.Errorf("got %v", got)
	}
	if got := fmt.Sprint(Endpoint("http://127.0.0.1:1/x", creds.NewSecret("k"))); got != "map[AWS_CONTAINER_AUTHORIZATION_TOKEN:k AWS_CONTAINER_CREDENTIALS_FULL_URI:http://127.0.0.1:1/x]" {
		t.Errorf("got %v", got)
	}
}
