package terraform

import (
	"reflect"
	"strings"
	"testing"

	"whichrole/internal/paths"
)

func TestToolNames(t *testing.T) {
	for want, names := range map[string]string{
		"terraform": "terraform terraform.exe terraform1 terraform1.9 terraform-1.9.0 terraform_1.9.0 terraform_v1.9.0 terraform-v0.12.31 " +
			"terraform_1.9.0-rc1 terraform-1.9.0-beta2 terraform_1.10.0-alpha20240101 terraform_1.9.0_linux_amd64 terraform1.exe",
		"tofu":       "tofu tofu.exe tofu_1.8.0 tofu1.9.0-rc1 tofu-v1",
		"terragrunt": "terragrunt terragrunt.exe terragrunt_linux_amd64 terragrunt_darwin_arm64 terragrunt_windows_386.exe terragrunt-v0.68.13-beta2024111301",
		"": "terraform-ls terraform-docs terraform-provider-aws_v5.100.0_x5 terraform-config-inspect terragrunt-atlantis-config terraform.bak " +
			"terraformer terraform- terraform_ terraform-v terraform1. terraform-.1 terraform--1 terraform-1.9.0- terraform-1.9.0-dirty terraform-1.9.0-rcx " +
			"terraform1.x tofutool tofu-controller opentofu xterraform terraform.exe.exe Terraform TERRAFORM.EXE terraform_linux terraform_amd64 tf code .",
	} {
		for _, name := range strings.Fields(names) {
			if got := toolOf("linux", name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
	}
}

func TestOfCommand(t *testing.T) {
	for line, want := range map[string]string{
		// SPEC's table: these read.
		"terraform init": "plan init selects", "terraform validate": "plan validate", "terraform plan": "plan plan", "terraform show tfplan": "plan show",
		"terraform output -json": "plan output", "terraform console": "plan console", "terraform graph": "plan graph", "terraform providers": "plan providers",
		"terraform providers lock": "plan providers lock", "terraform get": "plan get", "terraform fmt": "plan fmt", "terraform version": "plan version",
		"tofu metadata functions": "plan metadata functions", "terraform workspace list": "plan workspace list selects",
		"terraform workspace show": "plan workspace show selects", "terraform workspace select qa": "plan workspace select selects",
		"terraform state list": "plan state list", "terraform state show x": "plan state show", "terraform state pull": "plan state pull",

		// Every other writes.
		"terraform apply": "apply apply", "terraform destroy": "apply destroy", "terraform import a b": "apply import", "terraform refresh": "apply refresh",
		"terraform test": "apply test", "terraform taint x": "apply taint", "terraform untaint x": "apply untaint", "terraform force-unlock 1": "apply force-unlock",
		"terraform state mv a b": "apply state mv", "terraform state rm a": "apply state rm", "terraform state push -": "apply state push",
		"terraform state replace-provider a b": "apply state replace-provider", "terraform workspace new qa": "apply workspace new selects",
		"terraform workspace delete qa": "apply workspace delete selects", "terraform login": "apply login", "terraform query": "apply query",
		"terraform state": "apply state", "terraform deploy": "apply (unknown)", "terraform state frob": "apply state",

		// Names that stand for another.
		"terraform env select qa": "plan env select selects", "terraform env new qa": "apply env new selects", "tofu state ls": "plan state ls",
		"tofu state move a b": "apply state move",

		// What looks like another command.
		"terraform plan -destroy": "plan plan", "terraform plan apply": "plan plan", "terraform apply plan": "apply apply", "terraform apply tfplan": "apply apply",
		"terraform apply -refresh-only": "apply apply", "terraform plan -out=apply": "plan plan", "terraform state -lock=false list": "apply state",

		// Flags before it.
		"terraform -chdir=envs/qa apply": "apply apply", "terraform -chdir=apply plan": "plan plan", "terraform -chdir=x state list": "plan state list",
		"terraform -help apply": "apply apply", "terraform -version": "plan", "terraform": "plan", "terraform --": "plan", "terraform -- apply": "plan",

		"/usr/local/bin/terraform_1.9.0 apply": "apply apply", "tofu1.9 plan": "plan plan", "terragrunt plan": "plan plan",
	} {
		d, isTool := OfCommand(strings.Fields(line), nil)
		got := strings.TrimSpace(d.Operation + " " + d.Subcommand)
		if d.SelectsWorkspace {
			got += " selects"
		}
		if got != want || !isTool {
			t.Errorf("%s: %s, tool %v; want %s", line, got, isTool, want)
		}
	}
	for _, line := range []string{"", "aws s3 ls", "terraform-ls apply", "sudo terraform apply", "./apply"} {
		if d, isTool := OfCommand(strings.Fields(line), nil); isTool {
			t.Errorf("%q is no tool: %+v", line, d)
		}
	}
}

func TestInitThatMigratesStateWrites(t *testing.T) {
	for _, tt := range []struct {
		line, forInit, forAll string
		want                  string
	}{
		{"init", "", "", Plan},
		{"init -reconfigure", "", "", Plan},
		{"init -migrate-state", "", "", Apply},
		{"init -force-copy", "", "", Apply},
		{"init --force-copy", "", "", Apply},
		{"-chdir=x init -input=false -migrate-state=true", "", "", Apply},
		{"init -migrate-state=1", "", "", Apply},
		{"init -migrate-state=false", "", "", Plan},
		{"init -force-copy=F", "", "", Plan},
		{"init -migrate-state=perhaps", "", "", Plan}, // is refused
		{"init -migrate-state -migrate-state=false", "", "", Plan},
		{"init -migrate-state=false -force-copy", "", "", Apply},
		{"init -migrate-states", "", "", Plan},

		// The value of another flag, or behind where flags end.
		{"init -backend-config -migrate-state", "", "", Plan},
		{"init -backend-config=x -migrate-state", "", "", Apply},
		{"init -backend-config x -migrate-state", "", "", Apply},
		{"init -- -migrate-state", "", "", Plan},
		{"init dir -migrate-state", "", "", Plan},

		{"init", "-migrate-state", "", Apply},
		{"init", "", "-force-copy", Apply},
		{"init", "-upgrade '-force-copy'", "", Apply},
		{"init", `-backend-config="key=a -force-copy b"`, "", Plan},
		{"init", `-backend-config="key=a b" -force-copy`, "", Apply},
		{"init -force-copy=false", "-force-copy", "", Plan},
		{"init", "-force-copy", "-force-copy=false", Plan}, // the general one stands behind
		{"init", "-force-copy=false", "-force-copy", Apply},
		{"plan", "-force-copy", "-force-copy", Plan},
		{"workspace select init", "-force-copy", "", Plan},
	} {
		env := paths.Env{"TF_CLI_ARGS_init": tt.forInit, "TF_CLI_ARGS": tt.forAll}
		for _, tool := range []string{"terraform ", "tofu "} {
			if d, _ := OfCommand(strings.Fields(tool+tt.line), env); d.Operation != tt.want {
				t.Errorf("%s%s with %q and %q: %s, want %s", tool, tt.line, tt.forInit, tt.forAll, d.Operation, tt.want)
			}
		}
	}
}

func TestShellWords(t *testing.T) {
	for text, want := range map[string][]string{
		"":                     nil,
		"  ":                   nil,
		" a  b\tc\n":           {"a", "b", "c"},
		`a"b c"'d e'f`:         {"ab cd ef"},
		`"" ''`:                {"", ""},
		`a\ b "c\"d" 'e\f' \\`: {"a b", `c"d`, `e\f`, `\`},
		`"never closed`:        {"never closed"},
		`end\`:                 {"end"},
	} {
		if got := shellWords(text); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
