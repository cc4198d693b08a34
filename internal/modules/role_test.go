package modules

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// told is what blocks assume, one line for each: name[.alias] @file:line region profile = hops.
func told(blocks []Block) string {
	var lines []string
	for _, k := range blocks {
		line := k.Name
		if k.State {
			line += " state"
		}
		if k.Alias != "" {
			line += "." + k.Alias
		}
		line += fmt.Sprintf(" @%s:%d", k.File, k.Line)
		for _, extra := range []string{k.Region, k.Profile} {
			if extra != "" {
				line += " " + extra
			}
		}
		for _, h := range k.Hops {
			line += " → " + hopText(h)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func hopText(h Hop) string {
	text := fmt.Sprintf("%s:%d %s", h.File, h.Line, strings.TrimPrefix(h.RoleARN, "arn:aws:iam::111111111111:role/"))
	for _, part := range []string{h.SessionName, h.ExternalID, strings.Join(h.Also, "+")} {
		if part != "" {
			text += " " + part
		}
	}
	if h.Duration > 0 {
		text += " " + h.Duration.String()
	}
	if h.Web {
		text += " web"
	}
	for _, u := range h.Unknown {
		text += fmt.Sprintf(" (%d: %s %s)", u.Line, u.Key, u.Why)
	}
	return text
}

// The examples are those of the provider's and the backend's documentation, in other words.
func TestRolesThatBlocksAssume(t *testing.T) {
	const role = `role_arn = "arn:aws:iam::111111111111:role/a"`
	const aws = "provider \"aws\" {\n"
	for name, tt := range map[string]struct{ file, text, want string }{
		"none":                             {"main.tf", aws + "  region = \"eu-west-1\"\n  profile = \"corp\"\n}\nprovider \"aws\" {\n  alias = \"west\"\n}\n", ""},
		"one":                              {"main.tf", aws + "  region = \"eu-west-1\"\n  assume_role {\n    " + role + "\n    session_name = \"ci\"\n    external_id = \"id:7/x\"\n    duration = \"1h30m\"\n  }\n}\n", "aws @main.tf:1 eu-west-1 → main.tf:4 a ci id:7/x 1h30m0s"},
		"with a duration of old":           {"main.tf", aws + "  assume_role {\n    " + role + "\n    duration_seconds = 1800\n  }\n}\n", "aws @main.tf:1 → main.tf:3 a 30m0s"},
		"with a policy and tags":           {"main.tf", aws + "  assume_role {\n    " + role + "\n    policy = jsonencode({})\n    policy_arns = []\n    tags = {\n      a = \"b\"\n    }\n    source_identity = null\n  }\n}\n", "aws @main.tf:1 → main.tf:3 a policy+policy_arns+tags"},
		"a chain":                          {"main.tf", aws + "  assume_role {\n    " + role + "\n  }\n  assume_role {\n    role_arn = \"arn:aws:iam::111111111111:role/b\"\n    external_id = \"xy\"\n  }\n}\n", "aws @main.tf:1 → main.tf:3 a → main.tf:6 b xy"},
		"from a profile":                   {"main.tf", aws + "  profile = \"corp\"\n  assume_role {\n    " + role + "\n  }\n}\n", "aws @main.tf:1 corp → main.tf:4 a"},
		"with a token":                     {"main.tf", aws + "  assume_role {\n    " + role + "\n  }\n  assume_role_with_web_identity {\n    role_arn = \"arn:aws:iam::111111111111:role/w\"\n    session_name = \"s1\"\n    web_identity_token_file = \"/t\"\n  }\n}\n", "aws @main.tf:1 → main.tf:6 w s1 web → main.tf:3 a"},
		"aliases":                          {"main.tf", aws + "  alias = \"west\"\n  region = \"us-west-2\"\n  assume_role { " + role + " }\n}\nprovider \"awscc\" {\n  assume_role = { " + role + " }\n}\nprovider \"aws\" {\n  region = \"not asked for\"\n}\n", "aws.west @main.tf:1 us-west-2 → main.tf:4 a\nawscc @main.tf:6 → main.tf:7 a\naws @main.tf:9"},
		"an alias that is none":            {"main.tf", aws + "  alias = upper(\"x\")\n  assume_role { " + role + " }\n}\n", "aws.? @main.tf:1 → main.tf:3 a"},
		"another provider":                 {"main.tf", "provider \"vault\" {\n  assume_role { " + role + " }\n}\n", ""},
		"of a simple local":                {"main.tf", "locals {\n  account = 111111111111\n  role = \"arn:aws:iam::${local.account}:role/${local.name}\"\n  name = \"a\"\n  region = \"eu-north-1\"\n}\n" + aws + "  region = local.region\n  assume_role {\n    role_arn = local.role\n  }\n}\n", "aws @main.tf:7 eu-north-1 → main.tf:10 a"},
		"an empty one is none":             {"main.tf", aws + "  assume_role {}\n  assume_role {\n    role_arn = \"\"\n    session_name = \"xy\"\n  }\n  assume_role {\n    role_arn = null\n  }\n}\n", ""},
		"ARN of another part of the world": {"main.tf", aws + "  assume_role {\n    role_arn = \"arn:aws-cn:iam::111111111111:role/p/a\"\n  }\n}\n", "aws @main.tf:1 → main.tf:3 arn:aws-cn:iam::111111111111:role/p/a"},

		"a variable":              {"main.tf", "variable \"r\" {\n  default = \"arn:aws:iam::111111111111:role/a\"\n}\nlocals {\n  r = var.r\n}\n" + aws + "  assume_role {\n    role_arn = var.r\n  }\n}\nprovider \"aws\" {\n  alias = \"b\"\n  assume_role {\n    role_arn = \"x${local.r}\"\n  }\n}\n", "aws @main.tf:7 → main.tf:9  (9: role_arn comes from a variable, which may be set elsewhere)\naws.b @main.tf:12 → main.tf:15  (15: role_arn comes from a variable, which may be set elsewhere)"},
		"computed":                {"main.tf", aws + "  assume_role {\n    role_arn = \"arn:aws:iam::${data.aws_caller_identity.x.account_id}:role/a\"\n    session_name = upper(\"x\")\n  }\n}\n", "aws @main.tf:1 → main.tf:3  (3: role_arn is computed) (4: session_name is computed)"},
		"a workspace":             {"main.tf", aws + "  assume_role {\n    role_arn = local.roles[terraform.workspace]\n  }\n}\n", "aws @main.tf:1 → main.tf:3  (3: role_arn is computed)"},
		"no ARN":                  {"main.tf", aws + "  assume_role {\n    role_arn = \"a\"\n  }\n}\n", "aws @main.tf:1 → main.tf:3  (3: role_arn is not the ARN of a role)"},
		"a user's ARN":            {"main.tf", aws + "  assume_role {\n    role_arn = \"arn:aws:iam::111111111111:user/a\"\n  }\n}\n", "aws @main.tf:1 → main.tf:3  (3: role_arn is not the ARN of a role)"},
		"two lines in an ARN":     {"main.tf", aws + "  assume_role {\n    role_arn = \"arn:aws:iam::111111111111:role/a\\nb\"\n  }\n}\n", "aws @main.tf:1 → main.tf:3  (3: role_arn is not the ARN of a role)"},
		"words STS wouldn't take": {"main.tf", aws + "  assume_role {\n    " + role + "\n    session_name = \"a b\"\n    external_id = \"x\"\n    duration = \"soon\"\n    duration_seconds = 60\n  }\n}\n", "aws @main.tf:1 → main.tf:3 a (4: session_name is not one that STS takes) (5: external_id is not one that STS takes) (6: duration is not a duration that STS takes) (7: duration_seconds is not a duration that STS takes)"},
		"a session name too long": {"main.tf", aws + "  assume_role {\n    " + role + "\n    session_name = \"" + strings.Repeat("x", 65) + "\"\n  }\n}\n", "aws @main.tf:1 → main.tf:3 a (4: session_name is not one that STS takes)"},
		"what ends like an ARN":   {"main.tf", aws + "  assume_role {\n    role_arn = \"aws:iam::111111111111:role/a\"\n  }\n}\n", "aws @main.tf:1 → main.tf:3  (3: role_arn is not the ARN of a role)"},
		"a dynamic block":         {"main.tf", aws + "  dynamic \"assume_role\" {\n    for_each = var.x\n    content {\n      " + role + "\n    }\n  }\n}\n", "aws @main.tf:1 → main.tf:2  (2: assume_role is a dynamic block)"},
		"an object by its name":   {"main.tf", "provider \"awscc\" {\n  assume_role = local.r\n}\n", "awscc @main.tf:1 → main.tf:2  (2: assume_role is computed)"},
		"too many":                {"main.tf", aws + strings.Repeat("  assume_role {\n    "+role+"\n  }\n", 12) + "}\n", "aws @main.tf:1" + strings.Join([]string{"", "main.tf:3 a", "main.tf:6 a", "main.tf:9 a", "main.tf:12 a", "main.tf:15 a", "main.tf:18 a", "main.tf:21 a", "main.tf:24 a", "main.tf:27 a", "main.tf:35  (35: assume_role is one of too many)"}, " → ")},

		"a backend":                  {"main.tf", "terraform {\n  backend \"s3\" {\n    region = \"us-east-1\"\n    profile = \"p\"\n    assume_role = {\n      " + role + "\n      session_name = \"tf\"\n      external_id = \"xy\"\n      duration = \"15m\"\n    }\n  }\n}\n", "s3 state @main.tf:2 us-east-1 p → main.tf:6 a tf xy 15m0s"},
		"a backend's block":          {"main.tf", "terraform {\n  backend \"s3\" {\n    assume_role {\n      " + role + "\n    }\n  }\n}\n", "s3 state @main.tf:2 → main.tf:4 a"},
		"a backend of old":           {"main.tf", "terraform {\n  backend \"s3\" {\n    " + role + "\n    session_name = \"tf\"\n    external_id = \"xy\"\n    assume_role_duration_seconds = 7200\n    assume_role_tags = { a = \"b\" }\n  }\n}\n", "s3 state @main.tf:2 → main.tf:3 a tf xy assume_role_tags 2h0m0s"},
		"today's beats old":          {"main.tf", "terraform {\n  backend \"s3\" {\n    role_arn = \"arn:aws:iam::111111111111:role/old\"\n    assume_role = { " + role + " }\n  }\n}\n", "s3 state @main.tf:2 → main.tf:4 a"},
		"old behind a token":         {"main.tf", "terraform {\n  backend \"s3\" {\n    " + role + "\n    assume_role_with_web_identity = { role_arn = \"arn:aws:iam::111111111111:role/w\" }\n  }\n}\n", "s3 state @main.tf:2 → main.tf:4 w web → main.tf:3 a"},
		"a backend without":          {"main.tf", "terraform {\n  backend \"s3\" {\n    session_name = \"tf\"\n    region = \"x\"\n  }\n}\n", ""},
		"another backend":            {"main.tf", "terraform {\n  backend \"oss\" {\n    " + role + "\n  }\n}\n", ""},
		"a provider has no such key": {"main.tf", aws + "  " + role + "\n}\n", ""},

		"JSON":                  {"main.tf.json", "{\"provider\": {\"aws\": [{\"region\": \"eu-west-1\",\n\"assume_role\": [\n{\"role_arn\": \"arn:aws:iam::111111111111:role/a\"},\n{\"session_name\": \"s1\", \"role_arn\": \"${local.r}\",\n \"duration\": \"1h\"}]}, {\"alias\": \"b\"}]},\n \"locals\": {\"r\": \"arn:aws:iam::111111111111:role/b\"}}", "aws @main.tf.json:1 eu-west-1 → main.tf.json:3 a → main.tf.json:4 b s1 1h0m0s\naws.b @main.tf.json:1"},
		"JSON, an object":       {"main.tf.json", "{\"terraform\": {\"backend\": {\"s3\": {\"region\": \"x\",\n\"assume_role\": {\n\"role_arn\": \"arn:aws:iam::111111111111:role/a\", \"policy\": \"{}\"}}}}}", "s3 state @main.tf.json:1 x → main.tf.json:3 a policy"},
		"JSON, of old":          {"main.tf.json", "{\"terraform\": {\"backend\": {\"s3\": {\n\"role_arn\": \"arn:aws:iam::111111111111:role/a\", \"external_id\": null, \"assume_role_duration_seconds\": 900}}}}", "s3 state @main.tf.json:1 → main.tf.json:2 a 15m0s"},
		"JSON of another shape": {"main.tf.json", `{"provider": {"aws": {"assume_role": [[], "x", 1, null, {"role_arn": [1]}], "region": {}, "profile": []}}}`, "aws @main.tf.json:1 → main.tf.json:1  (1: assume_role is computed) → main.tf.json:1  (1: assume_role is computed) → main.tf.json:1  (1: assume_role is computed) → main.tf.json:1  (1: role_arn is computed)"},
	} {
		t.Run(name, func(t *testing.T) {
			m, _, notes := look(t, map[string]string{tt.file: tt.text})
			if got := told(m.Blocks); got != tt.want {
				t.Errorf("%s\nwant %s (%v)", got, tt.want, notes)
			}
		})
	}
}

// Terraform merges an override's provider into the one that it overrides, and takes its backend instead.
func TestOverridesChangeRoles(t *testing.T) {
	assume := func(role, more string) string {
		return "provider \"aws\" {\n" + more + "  assume_role { role_arn = \"arn:aws:iam::111111111111:role/" + role + "\" }\n}\n"
	}
	backend := func(inner string) string { return "terraform {\n  backend " + inner + "\n}\n" }
	const s3 = "\"s3\" {\n    role_arn = \"arn:aws:iam::111111111111:role/s\"\n  }"
	for name, tt := range map[string]struct {
		files map[string]string
		want  string
	}{
		"another role":               {map[string]string{"main.tf": assume("a", "  region = \"eu-west-1\"\n"), "override.tf": assume("b", "")}, "aws @main.tf:1 eu-west-1 → override.tf:2 b"},
		"another region":             {map[string]string{"main.tf": assume("a", ""), "x_override.tf": assume("a", "  region = \"eu-west-1\"\n  profile = \"p\"\n")}, "aws @main.tf:1 eu-west-1 p → x_override.tf:4 a"},
		"of an alias":                {map[string]string{"main.tf": assume("a", "  alias = \"w\"\n") + assume("c", ""), "override.tf": assume("b", "  alias = \"w\"\n")}, "aws.w @main.tf:1 → override.tf:3 b\naws @main.tf:5 → main.tf:6 c"},
		"of none":                    {map[string]string{"main.tf": assume("a", ""), "override.tf": assume("b", "  alias = \"w\"\n")}, "aws @main.tf:1 → main.tf:2 a\naws.w @override.tf:1 → override.tf:3 b"},
		"that says nothing of it":    {map[string]string{"main.tf": assume("a", ""), "override.tf": "provider \"aws\" {}\n"}, "aws @main.tf:1 → main.tf:2 a"},
		"another backend":            {map[string]string{"main.tf": backend(s3), "override.tf": backend(`"local" {}`)}, ""},
		"cloud instead":              {map[string]string{"main.tf": backend(s3), "override.tf": "terraform {\n  cloud {}\n}\n"}, ""},
		"an s3 backend with no role": {map[string]string{"main.tf": backend(s3), "override.tf": backend(`"s3" {}`)}, ""},
		".tofu beside .tf, where either may count": {map[string]string{"main.tf": assume("a", ""), "main.tofu": assume("b", "")}, "aws @main.tf:1 → main.tf:2 a\naws @main.tofu:1 → main.tofu:2 b"},
	} {
		t.Run(name, func(t *testing.T) {
			m, _, _ := look(t, tt.files)
			if got := told(m.Blocks); got != tt.want {
				t.Errorf("%s\nwant %s", got, tt.want)
			}
		})
	}
}

// What a hostile repository says of roles costs no more memory than what it says of anything else.
func TestRolesWithoutEndAreNotKept(t *testing.T) {
	within(t, time.Minute, "roles", func() {
		m, _, _ := look(t, map[string]string{"main.tf": strings.Repeat("provider \"aws\" {\n  alias = \"x\"\n  assume_role = ["+strings.Repeat("0,", 50)+"]\n}\n", maxBlocks)})
		if len(m.Blocks) != maxBlocks || len(m.Blocks[0].Hops) != maxHops {
			t.Errorf("%d blocks, %d hops", len(m.Blocks), len(m.Blocks[0].Hops))
		}
		m, _, _ = look(t, map[string]string{"main.tf.json": `{"provider": {"aws": {"assume_role": [` + strings.Repeat(`{"role_arn": "arn:aws:iam::111111111111:role/a"},`, 10_000) + `{}]}}}`})
		if len(m.Blocks) != 1 || len(m.Blocks[0].Hops) != maxHops || m.Blocks[0].Hops[maxHops-1].RoleARN != "" {
			t.Errorf("%.1000s", told(m.Blocks))
		}
	})
}

// The order of a list is the order of a chain, however long it is.
func TestAListOfRolesKeepsItsOrder(t *testing.T) {
	var list []string
	for i := range maxHops {
		list = append(list, fmt.Sprintf(`{"role_arn": "arn:aws:iam::111111111111:role/r%d"}`, i))
	}
	for range 20 {
		m, _, _ := look(t, map[string]string{"main.tf.json": `{"provider": {"aws": {"profile": "p", "access_key": "x", "region": "r", "token": "t", "secret_key": "k", "assume_role": [` + strings.Join(list, ",") + `]}}}`})
		for i, h := range m.Blocks[0].Hops {
			if h.RoleARN != fmt.Sprintf("arn:aws:iam::111111111111:role/r%d", i) {
				t.Fatal(told(m.Blocks))
			}
		}
	}
}

// A role that the text alone does not say must not be made of a default, nor of a local that has one in it.
func TestAVariableBetweenTwoLiteralsIsNotForgotten(t *testing.T) {
	const hop = "  assume_role {\n    role_arn = \"arn:aws:iam::111111111111:role/a\"\n  }\n}\n"
	m, _, _ := look(t, map[string]string{"main.tf": "variable \"p\" {\n  default = \"corp\"\n}\nprovider \"aws\" {\n  profile = var.p\n  region = var.p\n" + hop + "provider \"aws\" {\n  alias = \"b\"\n  profile = var.p\n" + hop})
	if got, want := told(m.Blocks), "aws @main.tf:4 → main.tf:8 a\naws.b @main.tf:11 → main.tf:15 a"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if len(m.Own) != 4 || m.Own[0].Value != "corp" || m.Own[2].Value != "corp" { // in what is shown, a default is better than nothing
		t.Errorf("%+v", m.Own)
	}
}
