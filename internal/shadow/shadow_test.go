package shadow

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"whichrole/internal/awsconfig"
	"whichrole/internal/modules"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

const (
	pure    = "[profile terraform]\nregion = eu-west-1\ncredential_process = /usr/local/bin/whichrole credential-process\n"
	plain   = "[profile corp]\nregion = eu-west-1\n"
	unnamed = "[default]\nregion = eu-west-1\n"
	chained = "[profile hop]\nrole_arn = arn:aws:iam::111111111111:role/x\nsource_profile = terraform\n"
)

// find is what is in the way with that config file, each as "text (where)" and "hint", the directory of the files as ~.
func find(t *testing.T, env paths.Env, config string, own ...modules.Own) (lines []string) {
	t.Helper()
	home := t.TempDir()
	path := filepath.Join(home, "config")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	env = maps.Clone(env)
	if env == nil {
		env = paths.Env{}
	}
	if _, set := env["AWS_CONFIG_FILE"]; !set {
		env["AWS_CONFIG_FILE"] = path
	}
	env["AWS_SHARED_CREDENTIALS_FILE"] = filepath.Join(home, "none")
	w := World{Env: env, AWS: awsconfig.Once(env, home)}
	if own != nil {
		w.Module = func() (modules.Module, bool) { return modules.Module{Own: own}, true }
	}
	list := Find(w)
	for _, s := range list {
		line := s.Text + " (" + s.Where + ") " + s.Hint
		lines = append(lines, strings.ReplaceAll(line, home+string(filepath.Separator), "~/"))
	}
	return lines
}

func TestWords(t *testing.T) {
	terraform := paths.Env{"AWS_PROFILE": "terraform"}
	with := func(name, value string) paths.Env { return paths.Env{"AWS_PROFILE": "terraform", name: value} }
	const nothingElse = "profile terraform may hold credential_process and region, and nothing else"
	for name, tt := range map[string]struct {
		env    paths.Env
		config string
		want   []string
	}{
		"as it should be":            {terraform, pure + plain, nil},
		"default calls":              {nil, strings.Replace(pure, "profile terraform", "default", 1), nil},
		"container beside a profile": {with("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/"), pure, nil},
		"only the role of a token":   {with("AWS_ROLE_ARN", "arn"), pure, nil},
		"only a secret":              {with("AWS_SECRET_ACCESS_KEY", "hidden"), pure, nil},

		"keys": {paths.Env{"AWS_PROFILE": "terraform", "AWS_ACCESS_KEY_ID": "hidden", "AWS_SECRET_ACCESS_KEY": "hidden", "AWS_SESSION_TOKEN": "hidden"}, pure,
			[]string{"the keys in the environment go before AWS_PROFILE, though not before a profile named by --profile or in the code (AWS_ACCESS_KEY_ID) unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN"}},
		"half a key": {with("AWS_ACCESS_KEY_ID", "hidden"), pure,
			[]string{"with botocore (AWS CLI, boto3) AWS_ACCESS_KEY_ID comes before any profile, and without AWS_SECRET_ACCESS_KEY it is an error (AWS_ACCESS_KEY_ID) unset AWS_ACCESS_KEY_ID"}},
		"keys of old": {paths.Env{"AWS_PROFILE": "terraform", "AWS_ACCESS_KEY": "hidden", "AWS_SECRET_KEY": "hidden"}, pure,
			[]string{"with Go SDKs (Terraform) the keys in the environment go before AWS_PROFILE, though not before a profile named in the code (AWS_ACCESS_KEY) unset AWS_ACCESS_KEY AWS_SECRET_KEY"}},
		"a token": {paths.Env{"AWS_PROFILE": "terraform", "AWS_WEB_IDENTITY_TOKEN_FILE": "/x", "AWS_ROLE_ARN": "arn"}, pure,
			[]string{"the web identity token in the environment is used instead of any profile (AWS_WEB_IDENTITY_TOKEN_FILE) unset AWS_WEB_IDENTITY_TOKEN_FILE; where it is the map's source, name its file there instead: oidc: file:PATH"}},

		"another profile": {paths.Env{"AWS_PROFILE": "corp"}, pure + plain,
			[]string{"AWS_PROFILE names profile corp, which does not call whichrole (~/config:4) export AWS_PROFILE=terraform"}},
		"another program": {terraform, "[profile terraform]\ncredential_process = granted credential-process --profile x\n",
			[]string{"AWS_PROFILE names profile terraform, which does not call whichrole (~/config:1) whichrole setup --profile whichrole"}},
		"mistyped": {paths.Env{"AWS_PROFILE": "teraform"}, strings.ReplaceAll(pure, "terraform", "another") + pure,
			[]string{"AWS_PROFILE names profile teraform, which does not exist (AWS_PROFILE) export AWS_PROFILE=terraform"}},
		"[x] for [profile x]": {terraform, strings.Replace(pure, "profile ", "", 1),
			[]string{"AWS_PROFILE names profile terraform, which does not exist (AWS_PROFILE) write [profile terraform] instead of [terraform] in ~/config:1"}},
		"no default":         {nil, pure, []string{"AWS_PROFILE is not set, and there is no profile default (~/config) export AWS_PROFILE=terraform"}},
		"default is another": {nil, unnamed + pure, []string{"AWS_PROFILE is not set, and profile default does not call whichrole (~/config:1) export AWS_PROFILE=terraform"}},
		"container": {paths.Env{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"}, unnamed,
			[]string{"AWS_PROFILE is not set, and profile default does not call whichrole: the container's credentials are used, by AWS_CONTAINER_CREDENTIALS_RELATIVE_URI (~/config:1) whichrole setup --profile terraform"}},
		"set to nothing": {paths.Env{"AWS_PROFILE": ""}, strings.Replace(pure, "profile terraform", "default", 1),
			[]string{"with botocore (AWS CLI, boto3) AWS_PROFILE set to nothing names a profile, and there is none without a name (AWS_PROFILE) unset AWS_PROFILE"}},
		"two variables": {with("AWS_DEFAULT_PROFILE", "corp"), pure + plain,
			[]string{"with botocore (AWS CLI, boto3) AWS_DEFAULT_PROFILE names profile corp, which does not call whichrole (~/config:4) export AWS_PROFILE=terraform; unset AWS_DEFAULT_PROFILE"}},
		"no config file": {paths.Env{"AWS_PROFILE": "terraform", "AWS_CONFIG_FILE": filepath.FromSlash("/no/such")}, "", []string{
			"there is no AWS config file " + filepath.FromSlash("/no/such") + " (AWS_CONFIG_FILE) unset AWS_CONFIG_FILE",
			"AWS_PROFILE names profile terraform, which does not exist (AWS_PROFILE) whichrole setup --profile terraform"}},
		"unreadable": {terraform, "[profile terraform]\nhidden\n",
			[]string{"which profile is used cannot be told: ~/config:2: neither a [section] nor a key = value () "}},

		"also a role": {terraform, pure + "role_arn = arn:aws:iam::111111111111:role/x\n",
			[]string{"profile terraform is mixed: with Go SDKs (Terraform) whichrole is asked, and then another role assumed by role_arn, with botocore (AWS CLI, boto3) role_arn is an error (~/config:4) " + nothingElse}},
		"also a role and its source": {terraform, pure + "role_arn = arn:aws:iam::111111111111:role/x\nsource_profile = corp\n" + plain,
			[]string{"profile terraform is mixed: with Go SDKs (Terraform) source_profile is an error, with botocore (AWS CLI, boto3) role_arn is used instead (~/config:5) " + nothingElse}},
		"also Identity Center": {terraform, pure + "sso_account_id = 111111111111\n", []string{"profile terraform is mixed: sso_account_id is used instead (~/config:4) " + nothingElse}},
		"also keys": {terraform, pure + "aws_access_key_id = hidden\naws_secret_access_key = hidden\n",
			[]string{"profile terraform is mixed: with Go SDKs (Terraform) aws_access_key_id is used instead, with botocore (AWS CLI, boto3) whichrole is asked (~/config:4) " + nothingElse}},
		"a role on top": {paths.Env{"AWS_PROFILE": "hop"}, pure + chained,
			[]string{"AWS_PROFILE names profile hop, which assumes a role with what whichrole gives (~/config:5) export AWS_PROFILE=terraform"}},
	} {
		got := find(t, tt.env, tt.config)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s:\n got %s\nwant %s", name, strings.Join(got, "\n     "), strings.Join(tt.want, "\n     "))
		}
		if strings.Contains(strings.Join(got, ""), "hidden") {
			t.Errorf("%s: a secret in %q", name, got)
		}
	}
}

func TestBlocksOfTheModule(t *testing.T) {
	terraform := paths.Env{"AWS_PROFILE": "terraform"}
	own := func(key, value string) modules.Own {
		return modules.Own{Block: `provider "aws"`, Key: key, Value: value, File: "main.tf", Line: 7}
	}
	const files = pure + plain + chained + "[profile mixed]\ncredential_process = whichrole credential-process\nsso_session = s\n"
	for _, tt := range []struct {
		own  modules.Own
		want string
	}{
		{own("assume_role", "arn:aws:iam::111111111111:role/x"), `provider "aws" assumes arn:aws:iam::111111111111:role/x by assume_role, from the role that whichrole gives`},
		{own("role_arn", ""), `provider "aws" assumes a role by role_arn, from the role that whichrole gives`},
		{own("assume_role_with_web_identity", ""), `provider "aws" uses a web identity token by assume_role_with_web_identity, and not what a profile gives`},
		{own("access_key", ""), `provider "aws" has keys of its own by access_key, and uses them instead of any profile`},
		{own("shared_config_files", ""), `provider "aws" reads other AWS files than yours by shared_config_files`},
		{own("profile", "terraform"), ""},
		{own("profile", ""), ""}, // only Terraform knows which
		{own("profile", "corp"), `provider "aws" names profile corp, which does not call whichrole (main.tf:7) name one there that does: terraform`},
		{own("profile", "nobody"), `provider "aws" names profile nobody, which does not exist here (main.tf:7) whichrole setup --profile nobody`},
		{own("profile", "terafrom"), `provider "aws" names profile terafrom, which does not exist here (main.tf:7) did you mean terraform?`},
		{own("profile", "hop"), `provider "aws" names profile hop: whichrole is asked, and then another role assumed by role_arn (main.tf:7) name one there that does: terraform`},
		{own("profile", "mixed"), `profile mixed is mixed: with Go SDKs (Terraform) sso_session is used instead, with botocore (AWS CLI, boto3) whichrole is asked (~/config:11) profile mixed may hold credential_process and region, and nothing else`},
	} {
		var want []string
		switch {
		case strings.HasSuffix(tt.own.Key, "profile") && tt.want != "":
			want = []string{tt.want}
		case tt.want != "":
			want = []string{tt.want + " (main.tf:7) delete " + tt.own.Key + " there: the role map says whose credentials are used"}
		}
		if got := find(t, terraform, files, tt.own); !slices.Equal(got, want) {
			t.Errorf("%s %s:\n got %q\nwant %q", tt.own.Key, tt.own.Value, got, want)
		}
	}
	other := own("secret_key", "")
	other.Block = `backend "s3"`
	if got := find(t, terraform, files, own("access_key", ""), own("secret_key", ""), own("token", ""), other); len(got) != 2 {
		t.Errorf("the keys of two blocks: %q", got)
	}
	if got := find(t, terraform, "[profile terraform]\nbad\n", own("profile", "corp")); len(got) != 1 {
		t.Errorf("without AWS files: %q", got)
	}
}

// profile = "terraform" in every block is a right set-up: it needs no variable, and a warning each time would be read by nobody.
func TestProfileThatTheCodeNamesNeedsNoVariable(t *testing.T) {
	named := modules.Own{Block: `provider "aws"`, Key: "profile", Value: "terraform", File: "main.tf", Line: 7}
	if got := find(t, nil, pure, named); got != nil {
		t.Errorf("%q", got)
	}
	if got := find(t, paths.Env{"AWS_PROFILE": "corp"}, pure+plain, named); len(got) != 1 {
		t.Errorf("with another profile in the environment: %q", got)
	}
	if got := find(t, paths.Env{"AWS_PROFILE": "terraform"}, pure+plain, named, named, named); got != nil {
		t.Errorf("%q", got)
	}
	config := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(config, []byte(pure), 0o600); err != nil {
		t.Fatal(err)
	}
	nowhere := World{AWS: awsconfig.Once(paths.Env{"AWS_CONFIG_FILE": config, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull}, ""), Module: func() (modules.Module, bool) { return modules.Module{}, false }}
	if got := Find(nowhere); got != nil {
		t.Errorf("where Terraform is not run: %q", got)
	}
	named.Value = "corp"
	if got := find(t, nil, pure+plain, named, named); len(got) != 2 {
		t.Errorf("with another profile in the code: %q", got)
	}
}

// The profile's line says --operation apply, and explain told of the plan role that no program gets.
func TestProfileThatAsksWithFlags(t *testing.T) {
	env := paths.Env{"AWS_PROFILE": "terraform"}
	for line, flags := range map[string]string{
		"/usr/local/bin/whichrole credential-process --operation apply": "--operation apply",
		"mise x -- whichrole -e qa credential-process":                  "-e qa",
		"sh -c 'whichrole credential-process'":                          "",
		"env X=1 whichrole credential-process":                          "",
	} {
		want := []string(nil)
		if flags != "" {
			want = []string{"profile terraform asks whichrole with " + flags + ": this explanation is without (~/config:2) whichrole " + flags + " explain"}
		}
		if got := find(t, env, "[profile terraform]\ncredential_process = "+line+"\n"); !slices.Equal(got, want) {
			t.Errorf("%s: %q", line, got)
		}
	}
}

func TestHintOfAnUnreadableFileIsKept(t *testing.T) {
	broken := problem.New(problem.Failure, "it is UTF-16").WithHint("save it as UTF-8")
	for err, want := range map[error]string{broken: "save it as UTF-8", errors.New("odd"): ""} {
		list := Find(World{AWS: func() (*awsconfig.Files, error) { return nil, err }})
		if len(list) != 1 || list[0].Hint != want || !strings.Contains(list[0].Text, err.Error()) {
			t.Errorf("%+v", list)
		}
	}
}

func TestWhichLinesCallUs(t *testing.T) {
	for line, want := range map[string]bool{
		"whichrole credential-process":                                  true,
		"/usr/local/bin/whichrole --map /x credential-process":          true,
		`"C:\Program Files\whichrole\WhichRole.exe" credential-process`: true,
		"mise x -- whichrole credential-process":                        true,
		"env WHICHROLE_ENV=qa /opt/whichrole credential-process":        true,
		"sh -c 'cd /infra && exec whichrole credential-process'":        true,
		"whichrole-1.2 credential-process":                              true,
		"/home/me/.asdf/shims/role credential-process":                  true,
		"whichrole":                                                     false,
		"whichrole export --format process":                             false,
		"granted credential-process --profile corp":                     false,
		"/opt/homebrew/bin/dgranted credential-process --profile corp":  false,
		"aws-sso-util credential-process --profile corp":                false,
		"saml2aws login --credential-process":                           false,
		"aws configure export-credentials --profile x --format process": false,
		"aws-vault exec corp --json":                                    false,
		"credential-process":                                            false,
		"":                                                              false,
		"  ":                                                            false,
	} {
		if calls(line) != want {
			t.Errorf("%s: %v", line, !want)
		}
	}
}
