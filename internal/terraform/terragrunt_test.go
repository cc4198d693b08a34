package terraform

import (
	"strings"
	"testing"

	"whichrole/internal/paths"
)

func TestTerragrunt(t *testing.T) {
	for line, want := range map[string]string{
		"terragrunt": "plan", "terragrunt --version": "plan", "terragrunt plan": "plan plan", "terragrunt apply": "apply apply",
		"terragrunt state mv a b": "apply state mv", "terragrunt state list": "plan state list", "terragrunt apply plan": "apply apply",
		"terragrunt init": "plan init selects", "terragrunt init -migrate-state": "apply init selects",
		"terragrunt init --working-dir x -migrate-state": "apply init selects", "terragrunt deploy": "apply (unknown)",

		// run, with --all or without, and --.
		"terragrunt run plan": "plan run plan", "terragrunt run apply": "apply run apply", "terragrunt run --all plan": "plan run --all plan",
		"terragrunt run --all apply": "apply run --all apply", "terragrunt run -a apply": "apply run --all apply",
		"terragrunt run --all -- plan -destroy": "plan run --all plan", "terragrunt run -- apply -auto-approve": "apply run apply",
		"terragrunt run -- -chdir=x plan": "plan run plan", "terragrunt run --graph apply": "apply run --graph apply",
		"terragrunt run --all --queue-exclude-dir apply plan": "plan run --all plan", "terragrunt run --all --queue-exclude-dir plan apply": "apply run --all apply",
		"terragrunt run --all --out-dir=plan apply": "apply run --all apply", "terragrunt run workspace new x": "apply run workspace new selects",
		"terragrunt run --all init -migrate-state": "apply run --all init selects", "terragrunt --working-dir apply run --all plan": "plan run --all plan",
		"terragrunt --all plan": "plan --all plan", "terragrunt apply --all": "apply apply", "terragrunt --all run apply": "apply run --all apply",
		"terragrunt run": "plan run", "terragrunt run run apply": "apply run (unknown)", "terragrunt run secret": "apply run (unknown)",

		// Global flags before the command.
		"terragrunt --working-dir plan apply": "apply apply", "terragrunt --working-dir apply plan": "plan plan", "terragrunt --working-dir=plan apply": "apply apply",
		"terragrunt --config apply --log-level debug plan": "plan plan", "terragrunt --terragrunt-working-dir apply plan": "plan plan",
		"terragrunt --terragrunt-iam-role apply plan": "plan plan", "terragrunt -log-level plan apply": "apply apply",
		"terragrunt --non-interactive apply plan": "apply apply", "terragrunt --terragrunt-non-interactive apply plan": "apply apply",
		"terragrunt --feature a=b --filter apply plan": "plan plan", "terragrunt --no-color --log-disable destroy": "apply destroy",

		// A flag of tomorrow: where its value cannot be told from the command, the one that reads.
		"terragrunt --new apply plan": "plan plan", "terragrunt --new plan apply": "plan plan", "terragrunt --new=x apply plan": "apply apply",
		"terragrunt --new x apply": "apply apply", "terragrunt --new apply": "apply apply", "terragrunt --new apply -auto-approve": "apply apply",
		"terragrunt --new --all apply": "apply --all apply", "terragrunt run --new apply plan": "plan run plan", "terragrunt run --new x destroy": "apply run destroy",
		"terragrunt stack run --new apply plan": "plan stack run plan", "terragrunt --new apply state list": "plan state list", "terragrunt --new x": "plan",
		"terragrunt --new init -force-copy": "plan init selects",

		// stack and hcl.
		"terragrunt stack run apply": "apply stack run apply", "terragrunt stack run plan": "plan stack run plan", "terragrunt stack run -- destroy": "apply stack run destroy",
		"terragrunt stack generate": "plan stack generate", "terragrunt stack output": "plan stack output", "terragrunt stack clean": "plan stack clean",
		"terragrunt stack --working-dir run generate": "plan stack generate", "terragrunt stack": "plan stack", "terragrunt stack x": "apply stack (unknown)",
		"terragrunt stack --new run apply": "apply stack apply", "terragrunt stack --new output run apply": "plan stack output", "terragrunt stack --new clean": "plan stack",
		"terragrunt hcl fmt": "plan hcl fmt", "terragrunt hcl format": "plan hcl format", "terragrunt hcl validate": "plan hcl validate", "terragrunt hcl": "plan hcl",

		// Others of its own.
		"terragrunt find --json": "plan find", "terragrunt list": "plan list", "terragrunt render": "plan render", "terragrunt info print": "plan info",
		"terragrunt dag graph": "plan dag", "terragrunt exec -- terraform plan": "apply exec", "terragrunt backend bootstrap": "apply backend bootstrap",
		"terragrunt backend migrate a b": "apply backend migrate", "terragrunt backend delete": "apply backend delete", "terragrunt catalog": "plan catalog",

		// Old ones.
		"terragrunt run-all apply": "apply run-all apply", "terragrunt run-all plan": "plan run-all plan", "terragrunt run-all hclfmt": "plan run-all hclfmt",
		"terragrunt run-all --terragrunt-exclude-dir apply plan": "plan run-all plan", "terragrunt plan-all": "plan plan-all", "terragrunt apply-all": "apply apply-all",
		"terragrunt destroy-all": "apply destroy-all", "terragrunt output-all": "plan output-all", "terragrunt validate-all": "plan validate-all",
		"terragrunt spin-up": "apply spin-up", "terragrunt tear-down": "apply tear-down", "terragrunt force-unlock-all": "apply (unknown)",
		"terragrunt hclfmt": "plan hclfmt", "terragrunt hclvalidate": "plan hclvalidate", "terragrunt validate-inputs": "plan validate-inputs",
		"terragrunt render-json": "plan render-json", "terragrunt terragrunt-info": "plan terragrunt-info", "terragrunt graph-dependencies": "plan graph-dependencies",
		"terragrunt output-module-groups destroy": "plan output-module-groups", "terragrunt aws-provider-patch": "plan aws-provider-patch",
		"terragrunt graph": "plan graph", "terragrunt graph apply": "apply graph apply", "terragrunt graph --graph-root apply plan": "plan graph plan",
		"terragrunt graph -type apply": "plan graph", "terragrunt graph -type=plan": "plan graph", "terragrunt graph x": "plan graph",
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
}

func TestVariablesReachTerragruntsInit(t *testing.T) {
	env := paths.Env{"TF_CLI_ARGS_init": "-force-copy"}
	for line, want := range map[string]string{"terragrunt init": Apply, "terragrunt run --all -- init": Apply, "terragrunt run --all plan": Plan} {
		if d, _ := OfCommand(strings.Fields(line), env); d.Operation != want {
			t.Errorf("%s: %s, want %s", line, d.Operation, want)
		}
	}
}
