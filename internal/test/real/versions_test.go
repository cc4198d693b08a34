//go:build linux

package real

import (
	"os"
	"path/filepath"
	"testing"
)

const (
	liveState = "live-state"
	liveApply = "live-apply"
	livePlan  = "live-plan"
)

// Whatever a version manager calls Terraform, and whoever starts it.
func TestTerraformUnderOtherNamesAndOtherPrograms(t *testing.T) {
	t.Parallel()
	s := newSite(t, "flock", "xargs", "env", "time", "bash")
	s.light("live", s.deploy)
	s.run(s.in("live"), "terraform", "init")
	terraform, dir := need(t, "terraform"), t.TempDir()
	versioned := link(t, terraform, filepath.Join(dir, "versions", "terraform_1.11.4"))
	real := link(t, terraform, filepath.Join(dir, "Terraform", "1.11.4", "terraform"))
	tofu := link(t, terraform, filepath.Join(dir, "versions", "tofu"))
	symlink := filepath.Join(dir, "tf")
	if err := os.Symlink(terraform, symlink); err != nil {
		t.Fatal(err)
	}
	// tfenv's terraform is a script of bash that becomes another one, and that becomes the version.
	exec := s.script("tfenv/tfenv", "#!/usr/bin/env bash", "set -eu", "shift", "exec "+versioned+` "$@"`)
	tfenv := s.script("tfenv/terraform", "#!/usr/bin/env bash", "set -eu", "export TFENV_TERRAFORM_VERSION=1.11.4", "exec bash "+exec+` exec "$@"`)
	// tenv's is a program of the same name that starts the version and waits.
	tenv := s.standIn(filepath.Join(dir, "tenv", "terraform"), "", real+" $@")
	sudo := s.standIn(filepath.Join(dir, "sudo"), "", "$@")

	both := roles{backend: liveState, script: liveApply}
	s.steps([]step{
		{"live", versioned + " apply -auto-approve", both},
		{"live", tofu + " apply -auto-approve", both},
		{"live", symlink + " apply -auto-approve", both},
		{"live", tfenv + " apply -auto-approve", both},
		{"", tenv + " -chdir=live apply -auto-approve", both},
		{"live", sudo + " env A=plan time -p flock " + dir + "/lock bash -c 'echo -auto-approve | xargs sh -c \"$0 apply \\$0; true\"; true' terraform", both},
		{"live", tfenv + " output", roles{backend: liveState}},
	})
}

// A provisioner stands right below Terraform, with no plugin in between, and must not write to the state: whatever it runs.
// What has Terraform in its name and is not Terraform gets the weaker role.
func TestOnlyTerraformItselfHasTheStateRole(t *testing.T) {
	t.Parallel()
	s := newSite(t, "bash", "aws")
	s.light("plain", s.deploy)
	s.run(s.in("plain"), "terraform", "init")
	helper, dir := s.bin+" credential-process", t.TempDir()
	apply := roles{backend: liveState, script: liveApply}
	for _, x := range []struct {
		command string
		want    roles
	}{
		{s.deploy, apply},
		{"exec bash -e " + s.deploy, apply},
		// A shell that stays is not the SDK's; and whoever wants no credentials for Terraform is not Terraform.
		{helper + " > " + s.deployed + "; true", apply},
		{"exec " + s.bin + " show --json > " + s.deployed, apply},
		{"aws sts get-caller-identity --profile terraform --query Arn --output text > " + s.deployed, apply},
		// The nearest of two decides.
		{s.deploy + " && terraform -chdir=../plain output", roles{backend: "live-state,plain-plan", script: liveApply}},
		{s.standIn(filepath.Join(dir, "terraform-docs"), helper, ""), roles{backend: liveState, standIn: liveApply}},
	} {
		s.light("live", x.command)
		s.run(s.in("live"), "terraform", "init")
		if got := s.during(func() { s.run(s.in("live"), "terraform", "apply", "-auto-approve") }); got != x.want {
			t.Errorf("%s\n got %+v\nwant %+v", x.command, got, x.want)
		}
	}
	for _, name := range []string{"terraform-ls", "terraform-docs", "terraform-switcher"} {
		s.steps([]step{{"live", s.standIn(filepath.Join(dir, name), helper, "") + " apply", roles{standIn: livePlan}}})
	}
}

// The profile's line may lead to whichrole through a version manager, and may say which operation it is for.
func TestTheProfilesLineUnderTerraform(t *testing.T) {
	t.Parallel()
	s := newSite(t, "bash")
	s.light("live", s.deploy)
	s.run(s.in("live"), "terraform", "init")
	runs := s.bin + ` "$@"`
	asdf := s.script("asdf/shims/whichrole", "#!/usr/bin/env bash", "exec "+s.script("asdf/asdf", "#!/bin/sh", "shift 2", "exec "+runs)+` exec whichrole "$@"`)
	waits := s.script("other/shims/whichrole", "#!/bin/sh", runs, "exit $?") // instead of becoming the program
	mise := s.standIn(filepath.Join(filepath.Dir(s.repo), "mise"), "", s.bin+" credential-process") + " exec -- whichrole credential-process"

	for line, want := range map[string]string{
		asdf + " credential-process":  liveState,
		waits + " credential-process": liveState,
		mise:                          liveState,
		"cd . && " + s.bin + " credential-process":                 liveState,
		s.bin + " --operation apply credential-process":            liveApply,
		"WHICHROLE_OPERATION=plan " + asdf + " credential-process": livePlan,
	} {
		s.profileLine(line)
		if got := s.during(func() { s.run(s.in("live"), "terraform", "output") }); got.backend != want {
			t.Errorf("%s: %s, want %s", line, got.backend, want)
		}
	}
	s.profileLine(s.bin + " credential-process")
	s.steps([]step{
		{"live", "WHICHROLE_OPERATION=plan terraform apply -auto-approve", roles{backend: livePlan, script: livePlan}},
		{"live", "WHICHROLE_OPERATION=state terraform apply -auto-approve", roles{backend: liveState, script: liveState}},
	})
}
