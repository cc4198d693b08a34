//go:build linux

package real

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// adopt gives the laptop's repository nothing but Terrateam's configuration.
func (l *laptop) adopt(config string) {
	l.t.Helper()
	if err := os.Remove(filepath.Join(l.repo, ".whichrole.yaml")); err != nil {
		l.t.Fatal(err)
	}
	l.write(filepath.Join(l.repo, ".git", "refs", "remotes", "origin", "HEAD"), "ref: refs/remotes/origin/main\n")
	l.write(filepath.Join(l.repo, ".terrateam", "config.yml"), config)
	l.write(filepath.Join(filepath.Dir(l.home), "config", "whichrole", "config.yaml"), "source: [{profile: corp}]\n")
	l.run(l.repo, l.bin, "trust", "--yes")
}

func TestAWSCLIGetsTheRoleOfTerrateam(t *testing.T) {
	t.Parallel()
	l := newLaptop(t, "aws")
	l.adopt(`
version: "1"
tags: { dest_branch: { main: '^main$' } }
dirs:
  production/**: { tags: [production] }
workflows:
  - tag_query: "production and dest_branch:main"
    environment: production
    plan: &steps
      - { type: oidc, provider: aws, role_arn: "` + productionRole + `" }
      - { type: init }
    apply: *steps
  - tag_query: "qa in dir"
    plan:
      - { type: oidc, provider: aws, role_arn: "arn:aws:iam::999999999999:role/entry", assume_role_arn: "` + qaRole + `", session_name: terrateam-qa }
`)
	identity := []string{"sts", "get-caller-identity", "--profile", "terraform", "--query", "Arn", "--output", "text"}
	for dir, want := range map[string]string{"production": "assumed-role/production/", "qa": "assumed-role/qa/terrateam-qa"} {
		if got := l.run(l.in(dir), "aws", identity...); !strings.Contains(got, want) {
			t.Errorf("%s: %s", dir, got)
		}
	}
	if _, stderr, err := l.try(l.in("modules"), "aws", identity...); err == nil || !strings.Contains(stderr, "oidc") {
		t.Errorf("modules: %v %s", err, stderr)
	}
	l.write(filepath.Join(l.repo, ".terrateam", "config.yml"), "version: \"1\"\nhooks: { all: { pre: [ { type: oidc, provider: aws, role_arn: \""+qaRole+"\" } ] } }\n")
	if _, stderr, err := l.try(l.in("production"), "aws", identity...); err == nil || !strings.Contains(stderr, "changed after it was approved") {
		t.Errorf("another branch's configuration: %v %s", err, stderr)
	}
}

// The plan and apply lists of a workflow are for what Terraform is doing, and its backend has the role of the command.
func TestTerraformGetsTheRolesOfTerrateamsPlanAndApply(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.adopt(`
version: "1"
workflows:
  - tag_query: "plain in dir"
    plan:
      - { type: oidc, provider: aws, role_arn: "arn:aws:iam::333333333333:role/plain-plan" }
      - { type: init }
      - { type: plan }
    apply:
      - { type: oidc, provider: aws, role_arn: "arn:aws:iam::333333333333:role/plain-apply" }
      - { type: init }
      - { type: apply }
`)
	s.light("plain", s.deploy)
	s.steps([]step{
		{"plain", "terraform init", roles{backend: "plain-plan"}},
		{"plain", "terraform plan -lock=false", roles{backend: "plain-plan"}},
		{"plain", "terraform apply -auto-approve", roles{backend: "plain-apply", script: "plain-apply"}},
		{"", "terraform -chdir=plain destroy -auto-approve", roles{backend: "plain-apply"}},
	})
}
