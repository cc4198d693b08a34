package terraform

import (
	"strings"
	"testing"

	"whichrole/internal/paths"
)

func TestChdir(t *testing.T) {
	for line, want := range map[string]string{
		"": "", "aws -chdir=x": "", "terraform": "", "terraform plan": "",
		"terraform -chdir=production plan": "production", "tofu -chdir=/x/y apply": "/x/y", "tofu --chdir=/x/y apply": "",
		"terraform plan -chdir=x": "", "terraform -- -chdir=x": "", "terraform -chdir x plan": "",
		"terragrunt plan": "", "terragrunt --working-dir qa plan": "qa", "terragrunt run --all plan --working-dir=qa/vpc": "qa/vpc",
		"terragrunt plan --terragrunt-working-dir qa": "qa", "terragrunt plan --working-dir": "",
	} {
		if got := Chdir(strings.Fields(line), nil); got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
	for _, name := range []string{"TG_WORKING_DIR", "TERRAGRUNT_WORKING_DIR"} {
		env := paths.Env{name: "qa"}
		if got := Chdir([]string{"terragrunt", "plan"}, env); got != "qa" {
			t.Errorf("%s: %q", name, got)
		}
		if got := Chdir([]string{"terraform", "plan"}, env); got != "" {
			t.Errorf("terraform does not read %s: %q", name, got)
		}
	}
}
