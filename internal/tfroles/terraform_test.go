package tfroles

import (
	"strings"
	"testing"
)

func TestTerraform(t *testing.T) {
	const bare = " (the s3 backend assumes no role: this one must reach its bucket, or state needs another)"
	const one = ": one directory has one role"
	for name, tt := range map[string]struct{ text, want string }{
		"a provider": {provider("  region = \"eu-west-1\"\n" + assume("a", `session_name = "ci"`, `external_id = "x:1"`, `duration = "1h30m"`)),
			"d run a @d/main.tf:4 eu-west-1 ci x:1 1h30m0s"},
		"a chain":                    {provider(assume("a", `external_id = "xy"`) + assume("b") + assume("c", `session_name = "ci"`)), "d run a>b>c @d/main.tf:11 ci (left out: external_id of a role on the way)"},
		"a chain with a gap":         {provider(assume("a") + "  assume_role {\n    role_arn = var.b\n  }\n" + assume("c")), "! d/main.tf:7 role_arn comes from a variable, which may be set elsewhere"},
		"what a map has elsewhere":   {provider(assume("a", `policy = "{}"`, `tags = { a = "b" }`)), "d run a @d/main.tf:3 (left out: policy, tags)"},
		"a token":                    {provider("  assume_role_with_web_identity {\n    role_arn = \"arn:aws:iam::111111111111:role/w\"\n  }\n"), "d run w @d/main.tf:3 (is assumed with a web identity token)"},
		"a token, then a role":       {provider(assume("a") + "  assume_role_with_web_identity {\n    role_arn = \"arn:aws:iam::111111111111:role/w\"\n  }\n"), "d run w>a @d/main.tf:3 (the first role is assumed with a web identity token)"},
		"a profile alone":            {provider("  profile = \"corp\"\n"), ""},
		"a profile before a role":    {provider("  profile = \"corp\"\n" + assume("a")), "d run a @d/main.tf:4\nfrom corp"},
		"computed":                   {provider("  assume_role {\n    role_arn = \"arn:aws:iam::${data.x.y.id}:role/a\"\n  }\n"), "! d/main.tf:3 role_arn is computed"},
		"a session that is computed": {provider(assume("a", `session_name = "tf-${terraform.workspace}"`)), "d run a @d/main.tf:3\n! d/main.tf:4 session_name is computed"},

		"the state alone":          {s3("    region = \"us-east-1\"\n    role_arn = \"arn:aws:iam::111111111111:role/s\"\n    session_name = \"tf\"\n"), "d state s @d/main.tf:4 tf"},
		"both":                     {provider(assume("a")) + s3("    assume_role = { role_arn = \"arn:aws:iam::111111111111:role/s\" }\n"), "d run a @d/main.tf:3 state s @d/main.tf:9"},
		"the same for both":        {provider(assume("a")) + s3("    role_arn = \"arn:aws:iam::111111111111:role/a\"\n"), "d run a @d/main.tf:3"},
		"a state with no role":     {provider(assume("a")) + s3(""), "d run a @d/main.tf:3" + bare},
		"a state that is computed": {provider(assume("a")) + s3("    role_arn = local.x\n"), "d run a @d/main.tf:3\n! d/main.tf:9 role_arn is computed"},
		"a provider that is":       {provider("  assume_role { role_arn = local.x }\n") + s3("    role_arn = \"arn:aws:iam::111111111111:role/s\"\n"), "d state s @d/main.tf:6\n! d/main.tf:2 role_arn is computed"},

		"aliases with the same role":                 {provider("  region = \"eu-west-1\"\n"+assume("a")) + alias("west", "  region = \"eu-west-2\"\n"+assume("a")), "d run a @d/main.tf:4"},
		"and the same region":                        {provider("  region = \"eu-west-1\"\n"+assume("a")) + alias("west", "  region = \"eu-west-1\"\n"+assume("a")), "d run a @d/main.tf:4 eu-west-1"},
		"an alias with another":                      {provider("  region = \"eu-west-1\"\n"+assume("a")) + alias("west", assume("b")), "d run a @d/main.tf:4\n! d/main.tf:11 provider aws.west assumes another role than provider aws" + one},
		"an alias with none":                         {provider(assume("a")) + alias("west", ""), "d run a @d/main.tf:3\n! d/main.tf:7 provider aws.west assumes no role, unlike provider aws" + one},
		"an alias alone with one":                    {provider("") + alias("west", assume("b")), "! d/main.tf:6 provider aws.west assumes a role, unlike provider aws" + one},
		"an alias that is computed":                  {provider(assume("a")) + alias("west", "  assume_role { role_arn = var.x }\n"), "d run a @d/main.tf:3\n! d/main.tf:9 role_arn comes from a variable, which may be set elsewhere"},
		"an alias beside what is":                    {provider("  assume_role { role_arn = var.x }\n") + alias("west", assume("b")), "! d/main.tf:2 role_arn comes from a variable, which may be set elsewhere\n! d/main.tf:7 provider aws.west assumes a role beside provider aws" + one},
		"the alias first":                            {alias("west", assume("b")) + provider(assume("a")), "d run a @d/main.tf:10\n! d/main.tf:4 provider aws.west assumes another role than provider aws" + one},
		"aliases and no default":                     {alias("east", assume("a")) + alias("west", assume("a")), "d run a @d/main.tf:4"},
		"no default, two roles":                      {alias("east", assume("a")) + alias("west", assume("b")), "! d/main.tf:11 provider aws.west assumes another role than provider aws.east" + one},
		"no default, and one unknown":                {alias("east", assume("a")) + alias("west", "  assume_role { role_arn = var.x }\n"), "! d/main.tf:10 role_arn comes from a variable, which may be set elsewhere"},
		"awscc alone":                                {"provider \"awscc\" {\n  assume_role = { role_arn = \"arn:aws:iam::111111111111:role/a\" }\n}\n", "d run a @d/main.tf:2"},
		"awscc beside aws":                           {"provider \"awscc\" {\n  assume_role = { role_arn = \"arn:aws:iam::111111111111:role/b\" }\n}\n" + provider(assume("a")), "d run a @d/main.tf:6\n! d/main.tf:2 provider awscc assumes another role than provider aws" + one},
		"another way to the same":                    {provider(assume("a")) + alias("w", assume("x")+assume("a")), "d run a @d/main.tf:3\n! d/main.tf:14 provider aws.w assumes another role than provider aws" + one},
		"awscc by default, aws by an alias":          {alias("w", assume("a")) + "provider \"awscc\" {\n  assume_role = { role_arn = \"arn:aws:iam::111111111111:role/b\" }\n}\n", "d run b @d/main.tf:9\n! d/main.tf:4 provider aws.w assumes another role than provider awscc" + one},
		"an alias with none beside what is computed": {provider("  assume_role { role_arn = var.x }\n") + alias("west", ""), "! d/main.tf:2 role_arn comes from a variable, which may be set elsewhere\n! d/main.tf:4 provider aws.west assumes no role, unlike provider aws" + one},
		"the same for both, by another way":          {provider(assume("x")+assume("a")) + s3("    role_arn = \"arn:aws:iam::111111111111:role/a\"\n"), "d run x>a @d/main.tf:7 state a @d/main.tf:13"},
		"an alias with a text in it":                 {provider(assume("a")) + alias(`x\n\u001b[31m`, assume("b")), "d run a @d/main.tf:3\n! d/main.tf:10 provider aws (alias) assumes another role than provider aws" + one},
	} {
		t.Run(name, func(t *testing.T) { check(t, Terraform, map[string]string{"d/main.tf": tt.text}, tt.want) })
	}
}

// There is one judge of ARNs: what a role map would refuse is told where it is written, and not taken for a role.
func TestWhatIsNoARNIsToldWhereItIsWritten(t *testing.T) {
	for _, arn := range []string{"a", "aws:iam::111111111111:role/a", "arn:aws:iam::111111111111:user/a", "arn:aws:iam::1:role/a", "arn:moon:iam::111111111111:role/a", `arn:aws:iam::111111111111:role/a\nb`} {
		wrong := "  assume_role {\n    role_arn = \"" + arn + "\"\n  }\n"
		check(t, Terraform, map[string]string{"main.tf": provider(wrong) + s3("    role_arn = \""+arn+"\"\n")},
			"! main.tf:3 role_arn is not the ARN of a role", "! main.tf:8 role_arn is not the ARN of a role")
		check(t, Terragrunt, map[string]string{"app/terragrunt.hcl": include(rootAbove), "root.hcl": "iam_role = \"" + arn + "\"\n" + generate("p", provider(wrong)) + "remote_state {\n  backend = \"s3\"\n  config = {\n    role_arn = \"" + arn + "\"\n  }\n}\n"},
			"! root.hcl:1 iam_role is not the ARN of a role", "! root.hcl:7 role_arn is not the ARN of a role", "! root.hcl:15 role_arn is not the ARN of a role")
	}
}

// A role map refuses a region that is none, and with it the role that it stands beside.
func TestRoleIsNotLostOverItsRegion(t *testing.T) {
	check(t, Terraform, map[string]string{"main.tf": provider("  region = \"moon-1\"\n"+assume("a")) + alias("west", "  region = \"Eu West\"\n"+assume("a")) + s3("    region = \"x\"\n    role_arn = \"arn:aws:iam::111111111111:role/s\"\n")},
		". run a @main.tf:4 state s @main.tf:19", "! main.tf:2 region is not one of AWS", "! main.tf:10 region is not one of AWS")
}

func TestTerraformInManyDirectories(t *testing.T) {
	files := map[string]string{
		"b/main.tf": provider("  profile = \"one\"\n" + assume("b")), "a/main.tf.json": `{"provider": {"aws": {"profile": "two", "assume_role": {"role_arn": "arn:aws:iam::111111111111:role/a"}}}}`,
		"c/main.tofu": provider("  profile = \"two\"\n" + assume("c")), "d/main.tf": provider("  profile = \"alone\"\n"), "e/main.tf": s3("    profile = \"zwei\"\n    role_arn = \"arn:aws:iam::111111111111:role/e\"\n"),
		"modules/x/main.tf": "resource \"x\" \"y\" {}\n", "z/main.tf": provider("  assume_role { role_arn = var.z }\n"), "f/main.tf": provider("  assume_role { role_arn = upper(\"f\") }\n"),
	}
	check(t, Terraform, files, "a run a @a/main.tf.json:1", "b run b @b/main.tf:4", "c run c @c/main.tofu:4", "e state e @e/main.tf:4",
		"! f/main.tf:2 role_arn is computed", "! z/main.tf:2 role_arn comes from a variable, which may be set elsewhere", "from two one zwei")
}

// Two files of one name, for Terraform and for OpenTofu, may say two roles: which one counts depends on who runs.
func TestTofuBesideTf(t *testing.T) {
	check(t, Terraform, map[string]string{"main.tf": provider(assume("a")) + s3("    role_arn = \"arn:aws:iam::111111111111:role/s\"\n"), "main.tofu": provider(assume("a")) + s3("    role_arn = \"arn:aws:iam::111111111111:role/s\"\n")}, ". run a @main.tf:3 state s @main.tf:9")
	check(t, Terraform, map[string]string{"main.tf": provider(assume("a")) + s3("    role_arn = \"arn:aws:iam::111111111111:role/s\"\n"), "main.tofu": provider(assume("b")) + s3("    role_arn = \"arn:aws:iam::111111111111:role/t\"\n")},
		". run a @main.tf:3", "! main.tofu:3 provider aws assumes another role than provider aws: one directory has one role", "! main.tofu:8 there is another backend, with another role")
}

func TestTerraformIsThere(t *testing.T) {
	for name, tt := range map[string]struct {
		files map[string]string
		want  bool
	}{
		"nothing": {nil, false}, "a root module": {map[string]string{"a/main.tf": provider("")}, true}, "code": {map[string]string{"a/x.tofu": ""}, true},
		"Terragrunt alone": {map[string]string{"terragrunt.hcl": "include {}\n"}, false}, "another system": {map[string]string{"digger.yml": ""}, false},
	} {
		if said := Terraform(repository(t, tt.files)); said.Existing != tt.want || said.OIDC || len(said.Places) > 0 {
			t.Errorf("%s: %+v", name, said)
		}
	}
}

// Whoever reads changes the one role and not the other.
func TestPlanAndApplyAreTwoRoles(t *testing.T) {
	said := Terraform(repository(t, map[string]string{"main.tf": provider(assume("a"))}))
	if p := said.Places[0]; p.Plan == p.Apply {
		t.Error("they are one")
	}
}

// None of the repository's words stands in what is said of it, but for names that are plain.
func TestWhatIsSaidIsOneLine(t *testing.T) {
	said := Terraform(repository(t, map[string]string{"main.tf": provider(assume("a", `session_name = "x\ny"`, `external_id = "x\u001b[2J"`)) + alias(strings.Repeat("x", 300), assume("b")) + alias("b c", assume("c"))}))
	for _, u := range said.Unread {
		if strings.ContainsAny(u.Text, "\n\x1b") || len(u.Text) > 200 {
			t.Errorf("%q", u.Text)
		}
	}
	if plan := said.Places[0].Plan; len(said.Unread) != 4 || plan.SessionName+plan.ExternalID != "" {
		t.Errorf("%+v %+v", said, plan)
	}
}
