package modules

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// look plants files in one directory and reads it both ways, which must agree.
func look(t *testing.T, files map[string]string) (m Module, found bool, notes []Note) {
	t.Helper()
	top := t.TempDir()
	for name, text := range files {
		write(t, top, name, text)
	}
	all, err := Find(context.Background(), Search{Root: top})
	if err != nil {
		t.Fatal(err)
	}
	one, found, err := Read(top)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all.Modules, func(m Module) bool { return m.Dir == "." })
	if found != (i >= 0) || found && pretty(all.Modules[i]) != pretty(one) {
		t.Fatalf("Find: %s\nRead: %v %s", pretty(all.Modules), found, pretty(one))
	}
	return one, found, all.Notes
}

func TestWhatMakesARootModule(t *testing.T) {
	for name, tt := range map[string]struct {
		files map[string]string
		want  string // kind, why, backend, AWS, file:line:column; "" for none
	}{
		"an s3 backend":                    {map[string]string{"main.tf": "# x\nterraform {\n  backend \"s3\" {\n  }\n}\n"}, `terraform|backend "s3"|s3|true|main.tf:3:3`},
		"a local backend":                  {map[string]string{"main.tf": "terraform {\n  backend local {}\n}\n"}, `terraform|backend "local"|local|false|main.tf:2:3`},
		"cloud":                            {map[string]string{"main.tf": "terraform {\n  cloud {\n    organization = \"x\"\n  }\n}\nprovider \"aws\" {}\n"}, `terraform|cloud|cloud|true|main.tf:2:3`},
		"an aws provider":                  {map[string]string{"a.tf": `provider "google" {}`, "b.tf": `provider "aws" {}`}, `terraform|provider "aws"||true|b.tf:1:1`},
		"the label without quotes":         {map[string]string{"b.tf": `provider aws {}`}, `terraform|provider "aws"||true|b.tf:1:1`},
		"awscc":                            {map[string]string{"b.tf": `provider "awscc" {}`}, `terraform|provider "awscc"||true|b.tf:1:1`},
		"another provider":                 {map[string]string{"a.tf": `provider "google" {}`}, `terraform|provider "google"||false|a.tf:1:1`},
		"a backend beats a provider":       {map[string]string{"a.tf": `provider "aws" {}`, "b.tf": "terraform {\n backend \"gcs\" {}\n}"}, `terraform|backend "gcs"|gcs|true|b.tf:2:2`},
		"a backend that is overridden":     {map[string]string{"z.tf": "terraform {\n backend \"s3\" {}\n}", "a_override.tf": "terraform {\n\n backend \"local\" {}\n}"}, `terraform|backend "local"|local|true|a_override.tf:3:2`},
		"override.tf is an override too":   {map[string]string{"z.tf": "terraform {\n backend \"s3\" {}\n}", "override.tf": "terraform {\n\n backend \"local\" {}\n}"}, `terraform|backend "local"|local|true|override.tf:3:2`},
		"JSON":                             {map[string]string{"main.tf.json": "{\"//\": \"x\",\n \"terraform\": {\"backend\": {\"s3\": {}}}}"}, `terraform|backend "s3"|s3|true|main.tf.json:2:34`},
		"JSON, a provider in a list":       {map[string]string{"main.tf.json": `{"provider": [{"google": {}}, {"aws": [{"region": "x"}]}]}`}, `terraform|provider "aws"||true|main.tf.json:1:39`},
		"OpenTofu":                         {map[string]string{"main.tofu": `provider "aws" {}`}, `terraform|provider "aws"||true|main.tofu:1:1`},
		"OpenTofu's JSON":                  {map[string]string{"main.tofu.json": `{"provider": {"aws": {}}}`}, `terraform|provider "aws"||true|main.tofu.json:1:22`},
		"a .tofu beside the .tf":           {map[string]string{"main.tofu": "", "main.tf": "terraform {\n backend \"s3\" {}\n}"}, `terraform|backend "s3"|s3|true|main.tf:2:2`},
		"a .tofu with a backend beside it": {map[string]string{"main.tofu": "terraform {\n backend \"local\" {}\n}", "main.tf": "terraform {\n backend \"s3\" {}\n}"}, `terraform|backend "local"|local|true|main.tofu:2:2`},
		"a .tofu.json beside the .tf.json": {map[string]string{"main.tofu.json": "{}", "main.tf.json": `{"provider": {"aws": {}}}`}, `terraform|provider "aws"||true|main.tf.json:1:22`},
		"escapes in JSON":                  {map[string]string{"main.tf.json": `{"\u0070rovider": {"\u0061ws": {}}}`}, `terraform|provider "aws"||true|main.tf.json:1:32`},
		"a .tofu leaves the .tf.json":      {map[string]string{"main.tofu": "", "main.tf.json": `{"provider": {"aws": {}}}`}, `terraform|provider "aws"||true|main.tf.json:1:22`},
		"with a syntax error below":        {map[string]string{"main.tf": "provider \"aws\" {}\nresource {{{\n"}, `terraform|provider "aws"||true|main.tf:1:1`},
		"with CRLF and a comment between":  {map[string]string{"main.tf": "provider/*x*/\"aws\"{\r\n}\r\n"}, `terraform|provider "aws"||true|main.tf:1:1`},

		"a terragrunt unit":                 {map[string]string{"terragrunt.hcl": "# x\nterraform {\n  source = \"../x\"\n}\n"}, `terragrunt|terragrunt.hcl||false|terragrunt.hcl:2:1`},
		"one that includes":                 {map[string]string{"terragrunt.hcl": "include \"root\" {\n  path = find_in_parent_folders(\"root.hcl\")\n}\n"}, `terragrunt|terragrunt.hcl||false|terragrunt.hcl:1:1`},
		"one that includes in the old way":  {map[string]string{"terragrunt.hcl": "include {\n  path = find_in_parent_folders()\n}\n"}, `terragrunt|terragrunt.hcl||false|terragrunt.hcl:1:1`},
		"one with code beside it":           {map[string]string{"terragrunt.hcl": "include {}\n", "main.tf": `provider "aws" {}`}, `terragrunt|terragrunt.hcl||true|terragrunt.hcl:1:1`},
		"one with a state of its own":       {map[string]string{"terragrunt.hcl": "include {}\nremote_state {\n  backend = \"s3\"\n  config = {}\n}\n"}, `terragrunt|terragrunt.hcl|s3|true|terragrunt.hcl:1:1`},
		"one with a state nobody knows":     {map[string]string{"terragrunt.hcl": "include {}\nremote_state {\n  backend = get_env(\"X\")\n}\n"}, `terragrunt|terragrunt.hcl||false|terragrunt.hcl:1:1`},
		"one in JSON":                       {map[string]string{"terragrunt.hcl.json": `{"terraform": {"source": "x"}}`}, `terragrunt|terragrunt.hcl.json||false|terragrunt.hcl.json:1:15`},
		"the root terragrunt.hcl is none":   {map[string]string{"terragrunt.hcl": "remote_state {\n  backend = \"s3\"\n}\nterraform {\n  extra_arguments \"x\" {}\n}\n"}, ""},
		"root.hcl is none":                  {map[string]string{"root.hcl": "include {}"}, ""},
		"a stack is none":                   {map[string]string{"terragrunt.stack.hcl": "include {}\n", "terragrunt.values.hcl": ""}, ""},
		"a module called by others is none": {map[string]string{"main.tf": "resource \"aws_x\" \"y\" {\n  provider = aws.east\n}\n", "versions.tf": "terraform {\n  required_providers {\n    aws = { source = \"hashicorp/aws\", configuration_aliases = [aws.east] }\n  }\n}\n"}, ""},
		"a remote state makes none":         {map[string]string{"main.tf": `data "terraform_remote_state" "x" { backend = "s3" }`}, ""},
		"a block in a string is none":       {map[string]string{"main.tf": "locals {\n  x = <<-EOT\n    provider \"aws\" {}\n  EOT\n}\n# provider \"aws\" {}\n/* terraform { backend \"s3\" {} } */\n"}, ""},
		"a nested provider is none":         {map[string]string{"main.tf": "x {\n  provider \"aws\" {}\n}\n"}, ""},
		"a test file is none":               {map[string]string{"a.tftest.hcl": `provider "aws" {}`, "b.tfvars": `provider "aws" {}`, "c.hcl": `provider "aws" {}`}, ""},
		"an editor's leftover is none":      {map[string]string{"main.tf~": `provider "aws" {}`, "#main.tf#": `provider "aws" {}`, ".main.tf": `provider "aws" {}`, ".tf": `provider "aws" {}`}, ""},
		"nothing":                           {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			m, found, notes := look(t, tt.files)
			got := ""
			if found {
				got = fmt.Sprintf("%s|%s|%s|%v|%s:%d:%d", m.Kind, m.Why, m.Backend, m.AWS, m.File, m.Line, m.Column)
			}
			if got != tt.want {
				t.Errorf("%s\nwant %s (%v)", got, tt.want, notes)
			}
			if broken := strings.Contains(name, "syntax error"); (len(notes) > 0) != broken {
				t.Errorf("notes: %v", notes)
			}
		})
	}
}

func TestCredentialsThatBlocksBringAlong(t *testing.T) {
	const backend = "terraform {\n  backend \"s3\" {}\n}\n"
	for name, tt := range map[string]struct {
		file, text string
		want       []Own
	}{
		"nothing": {"main.tf", "provider \"aws\" {\n  region = \"x\"\n  default_tags {\n    tags = { profile = \"x\" }\n  }\n}\n", nil},
		"an assume_role block": {"main.tf", "provider \"aws\" {\n  alias = \"prod\"\n  assume_role {\n    role_arn = \"arn:aws:iam::111111111111:role/a\"\n  }\n}\n",
			[]Own{{`provider "aws" (alias prod)`, "assume_role", "arn:aws:iam::111111111111:role/a", "main.tf", 3, 3, "  assume_role {\n    role_arn = \"arn:aws:iam::111111111111:role/a\"\n  }"}}},
		"two of them": {"main.tf", "provider \"aws\" {\n  assume_role { role_arn = \"arn:a\" }\n  assume_role { role_arn = \"arn:b\" }\n}\n",
			[]Own{{`provider "aws"`, "assume_role", "arn:a", "main.tf", 2, 3, "  assume_role { role_arn = \"arn:a\" }"}, {`provider "aws"`, "assume_role", "arn:b", "main.tf", 3, 3, "  assume_role { role_arn = \"arn:b\" }"}}},
		"a dynamic one": {"main.tf", "provider \"aws\" {\n  dynamic \"assume_role\" {\n    for_each = var.x\n    content {\n      role_arn = \"arn:a\"\n    }\n  }\n  dynamic \"ignore_tags\" {}\n}\n",
			[]Own{{`provider "aws"`, "assume_role", "arn:a", "main.tf", 2, 3, "  dynamic \"assume_role\" {\n    for_each = var.x\n    content {\n      role_arn = \"arn:a\"\n    }\n  }"}}},
		"an attribute of awscc": {"main.tf", "provider \"awscc\" {\n  assume_role = { role_arn = \"arn:a\" }\n}\n", []Own{{`provider "awscc"`, "assume_role", "arn:a", "main.tf", 2, 3, "  assume_role = { role_arn = \"arn:a\" }"}}},
		"a web identity": {"main.tf", "provider \"aws\" {\n  assume_role_with_web_identity {\n    role_arn = \"arn:a\"\n    web_identity_token_file = \"/t\"\n  }\n}\n",
			[]Own{{`provider "aws"`, "assume_role_with_web_identity", "arn:a", "main.tf", 2, 3, "  assume_role_with_web_identity {\n    role_arn = \"arn:a\"\n    web_identity_token_file = \"/t\"\n  }"}}},
		"a profile and files": {"main.tf", "provider \"aws\" {\n  profile = \"corp\" # why\n  shared_config_files = [\"/c\"]\n  shared_credentials_files = []\n}\n",
			[]Own{{`provider "aws"`, "profile", "corp", "main.tf", 2, 3, "  profile = \"corp\""}, {`provider "aws"`, "shared_config_files", "", "main.tf", 3, 3, "  shared_config_files = [\"/c\"]"}}},
		"keys": {"main.tf", "provider \"aws\" {\n  access_key = \"AKIA\"\n  secret_key = \"s\"\n  token = var.t\n}\n",
			[]Own{{`provider "aws"`, "access_key", "", "main.tf", 2, 3, ""}, {`provider "aws"`, "secret_key", "", "main.tf", 3, 3, ""}, {`provider "aws"`, "token", "", "main.tf", 4, 3, ""}}},
		"null and empty say nothing": {"main.tf", "provider \"aws\" {\n  profile = null\n  access_key = \"\"\n  token = var.none\n}\nvariable \"none\" {\n  default = null\n}\n", nil},
		"another provider":           {"main.tf", "provider \"vault\" {\n  token = \"x\"\n  profile = \"y\"\n}\n", nil},

		"a backend of old": {"main.tf", "terraform {\n  backend \"s3\" {\n    role_arn = \"arn:a\"\n    profile  = \"p\"\n  }\n}\n",
			[]Own{{`backend "s3"`, "role_arn", "arn:a", "main.tf", 3, 5, "    role_arn = \"arn:a\""}, {`backend "s3"`, "profile", "p", "main.tf", 4, 5, "    profile  = \"p\""}}},
		"a backend of today": {"main.tf", "terraform {\n  backend \"s3\" {\n    assume_role = {\n      role_arn = \"arn:a\"\n    }\n  }\n}\n", []Own{{`backend "s3"`, "assume_role", "arn:a", "main.tf", 3, 5, "    assume_role = {\n      role_arn = \"arn:a\"\n    }"}}},
		"a remote state in escapes": {"main.tf", "data \"terraform\\u005fremote_state\" \"net\" {\n  backend = \"s3\"\n  config = { profile = \"p\" }\n}\n",
			[]Own{{"terraform_remote_state.net", "profile", "p", "main.tf", 3, 14, "profile = \"p\""}}},
		"another backend": {"main.tf", "terraform {\n  backend \"oss\" {\n    profile = \"p\"\n  }\n}\n", nil},
		"a remote state": {"main.tf", backend + "data \"terraform_remote_state\" \"net\" {\n  backend = \"s3\"\n  config = {\n    \"profile\" = \"p\"\n    assume_role = { \"role_arn\" : \"arn:a\" }\n    key = \"x\"\n  }\n}\n",
			[]Own{{"terraform_remote_state.net", "profile", "p", "main.tf", 7, 5, "    \"profile\" = \"p\""}, {"terraform_remote_state.net", "assume_role", "arn:a", "main.tf", 8, 5, "    assume_role = { \"role_arn\" : \"arn:a\" }"}}},
		"the remote state of another backend": {"main.tf", backend + "data \"terraform_remote_state\" \"net\" {\n  backend = \"oss\"\n  config = { profile = \"p\" }\n}\n", nil},
		"a unit's remote state":               {"terragrunt.hcl", "include {}\nlocals {\n  p = \"corp\"\n}\nremote_state {\n  backend = \"s3\"\n  config = {\n    profile = local.p\n  }\n}\n", []Own{{`remote_state "s3"`, "profile", "corp", "terragrunt.hcl", 8, 5, "    profile = local.p"}}},

		"JSON": {"main.tf.json", `{"provider": {"aws": {"alias": "x", "profile": "p", "access_key": "AKIA", "assume_role": [{"role_arn": "arn:a"}, {"role_arn": "arn:b"}]}}}`,
			[]Own{{`provider "aws" (alias x)`, "profile", "p", "main.tf.json", 1, 37, ""}, {`provider "aws" (alias x)`, "access_key", "", "main.tf.json", 1, 53, ""},
				{`provider "aws" (alias x)`, "assume_role", "arn:a", "main.tf.json", 1, 75, ""}, {`provider "aws" (alias x)`, "assume_role", "arn:b", "main.tf.json", 1, 75, ""}}},
		"JSON, an object":       {"main.tf.json", `{"terraform": {"backend": {"s3": {"assume_role": {"role_arn": "arn:a"}, "profile": null, "token": ""}}}}`, []Own{{`backend "s3"`, "assume_role", "arn:a", "main.tf.json", 1, 35, ""}}},
		"JSON, a remote state":  {"main.tf.json", `{"provider": {"aws": {}}, "data": {"terraform_remote_state": {"n": {"backend": "s3", "config": {"profile": "${local.p}"}}}}, "locals": {"p": "corp"}}`, []Own{{"terraform_remote_state.n", "profile", "corp", "main.tf.json", 1, 97, ""}}},
		"JSON of another shape": {"main.tf.json", `{"provider": {"aws": {"profile": ["p"], "role_arn": {"a": 1}, "assume_role": [[], "x", 1]}}, "data": [1], "locals": 3}`, []Own{{`provider "aws"`, "profile", "p", "main.tf.json", 1, 23, ""}, {`provider "aws"`, "role_arn", "", "main.tf.json", 1, 41, ""}, {`provider "aws"`, "assume_role", "", "main.tf.json", 1, 63, ""}, {`provider "aws"`, "assume_role", "", "main.tf.json", 1, 63, ""}, {`provider "aws"`, "assume_role", "", "main.tf.json", 1, 63, ""}}},
	} {
		t.Run(name, func(t *testing.T) {
			m, _, notes := look(t, map[string]string{tt.file: tt.text})
			if got, want := pretty(m.Own), pretty(tt.want); got != want {
				t.Errorf("%s\nwant %s (%v)", got, want, notes)
			}
		})
	}
}

func pretty(v any) string {
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func TestValuesThatAreKnown(t *testing.T) {
	for expr, want := range map[string]string{
		`"p"`: "p", `"${local.p}"`: "corp", `local.p`: "corp", `(local.p)`: "corp", `var.p`: "default", `"a-${var.p}-${local.n}"`: "a-default-111122223333", `local.chain`: "corp!", `<<A` + "\nx\nA\n": "x\n",
		`var.none`: "", `var.absent`: "", `local.loop`: "", `local.laughs`: "", `local.p.x`: "", `local["p"]`: "", `data.x.y`: "", `upper("a")`: "", `true ? "a" : "b"`: "", `[for x in ["a"] : x][0]`: "", `local.big`: "", `"%{if true}a%{endif}"`: "",
		`file("/etc/passwd")`: "", `var.json`: "from corp", `"${1}"`: "1", `"${true}"`: "true", `local`: "", `"$${local.p}"`: "${local.p}", `local.object`: "", `local.long`: "",
	} {
		m, _, notes := look(t, map[string]string{
			"main.tf": "provider \"aws\" {\n  profile = " + expr + "\n}\n",
			"values.tf": "locals {\n  p = \"corp\"\n  n = 111122223333\n  chain = \"${local.p}!\"\n  loop = local.loop2\n  loop2 = \"${local.loop}\"\n  object = { p = \"x\" }\n  big = 1e999999999\n" +
				"  long = \"" + strings.Repeat("x", 1500) + "${local.p}" + strings.Repeat("x", 1500) + "\"\n  laughs = \"" + strings.Repeat("${local.l1}", 100) + "\"\n" + laughs() + "}\nvariable \"p\" {\n  type = string\n  default = \"default\"\n}\nvariable \"none\" {}\n",
			"more.tf.json": `{"variable": {"json": {"default": "from ${local.p}"}}}`,
		})
		if len(m.Own) != 1 || m.Own[0].Value != want {
			t.Errorf("%s: %+v, want %q (%v)", expr, m.Own, want, notes)
		}
	}
}

// What is too long to be shown must not be put together first: a few kilobytes of references make gigabytes.
func TestLongValuesAreGivenUpEarly(t *testing.T) {
	s := &source{data: []byte("locals {\n  a = \"" + strings.Repeat("x", 1000) + "\"\n  b = \"${local.a}${local.a}${local.a}\"\n}\n")}
	r := &reader{ctx: context.Background()}
	r.parsed.Store(maxFile)
	v := &values{r: r, files: []*source{s}}
	v.load()
	if text, ok := v.eval(v.named["local.a"]); !ok || len(text) != 1000 {
		t.Errorf("%d bytes, %v", len(text), ok)
	}
	if text, ok := v.eval(v.named["local.b"]); ok {
		t.Errorf("%d bytes", len(text))
	}
}

// laughs are locals that say nothing a hundred times more often each.
func laughs() string {
	var b strings.Builder
	for i := 1; i < 9; i++ {
		fmt.Fprintf(&b, "  l%d = \"%s\"\n", i, strings.Repeat(fmt.Sprintf("${local.l%d}", i+1), 100))
	}
	return b.String() + "  l9 = \"\"\n"
}

func TestTextToDeleteIsShort(t *testing.T) {
	long := "provider \"aws\" {\n  assume_role {\n    role_arn = \"a\"\n" + strings.Repeat("    # x\n", 50) + "  }\n}\n"
	m, _, _ := look(t, map[string]string{"main.tf": long})
	if lines := strings.Split(m.Own[0].Text, "\n"); len(lines) != 20 || lines[19] != "…" {
		t.Errorf("%d lines: %q", len(lines), m.Own[0].Text)
	}
	m, _, _ = look(t, map[string]string{"main.tf": "provider \"aws\" {\n  assume_role { role_arn = \"" + strings.Repeat("x", 10000) + "\" }\n}\n"})
	if n := len(m.Own[0].Text); n < 4000 || n > 4096 || m.Own[0].Value != "" {
		t.Errorf("%d bytes, value %.20s", n, m.Own[0].Value)
	}
	m, _, _ = look(t, map[string]string{"main.tf.json": `{"provider": {"aws": {"profile": "` + strings.Repeat("x", 3000) + `"}}}`})
	if len(m.Own) != 1 || m.Own[0].Value != "" {
		t.Errorf("%+v", m.Own)
	}
	m, _, _ = look(t, map[string]string{"main.tf": "provider \"aws\" {\r\n  assume_role {\r\n    role_arn = \"a\"\r\n  }\r\n}\r\n"})
	if want := "  assume_role {\n    role_arn = \"a\"\n  }"; m.Own[0].Text != want {
		t.Errorf("%q", m.Own[0].Text)
	}
	m, _, _ = look(t, map[string]string{"main.tf": strings.Repeat("provider \"aws\" {\n  profile = \"p\"\n}\n", 500)})
	if len(m.Own) != 100 {
		t.Errorf("%d", len(m.Own))
	}
}
