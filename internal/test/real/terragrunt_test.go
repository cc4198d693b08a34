//go:build linux

package real

import (
	"path/filepath"
	"testing"
)

// Terragrunt asks for itself before it runs Terraform in a copy of the unit below .terragrunt-cache. It is a stand-in; what is
// below it is real.
func TestTerragruntAndTheTerraformBelowIt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	unit := "live/vpc/.terragrunt-cache/Wc4tXq/gPQf9a"
	s.light(unit, s.deploy)
	file, helper := filepath.Join(t.TempDir(), "terragrunt"), s.bin+" credential-process"
	asks := s.standIn(file, helper, "") // as for a dependency's outputs, or to make the bucket
	runs := func(command string) string {
		return "STANDIN_DIR=" + s.in(unit) + " " + s.standIn(file, helper, command)
	}

	s.steps([]step{
		// Its own call.
		{"live", asks + " run --all apply", roles{standIn: liveApply}},
		{"live", asks + " run --all --non-interactive -- plan -destroy", roles{standIn: livePlan}},
		{"live", asks + " run-all apply --terragrunt-non-interactive", roles{standIn: liveApply}},
		{"live", asks + " stack run apply", roles{standIn: liveApply}},
		{"live", asks + " hcl fmt", roles{standIn: livePlan}},
		{"live/vpc", asks + " --log-level debug output -json", roles{standIn: livePlan}},
		// A directory that is called plan.
		{"live", asks + " --working-dir plan destroy", roles{standIn: liveApply}},

		// The Terraform below it.
		{"live/vpc", runs("terraform init") + " plan", roles{backend: liveState, standIn: livePlan}},
		{"live", runs("terraform plan") + " --working-dir vpc plan", roles{backend: liveState, standIn: livePlan}},
		{"live", runs("terraform apply -auto-approve") + " run --all apply", roles{backend: liveState, script: liveApply, standIn: liveApply}},
		{"live", runs("terraform output -json") + " run --all apply", roles{backend: liveState, standIn: liveApply}},
		// The nearest of two decides.
		{"live", runs("terraform apply -auto-approve") + " plan", roles{backend: liveState, script: liveApply, standIn: livePlan}},
		// A hook.
		{"live", runs(s.deploy) + " apply", roles{script: liveApply, standIn: liveApply}},
		{"live", runs(s.deploy) + " plan", roles{script: livePlan, standIn: livePlan}},
	})
}
