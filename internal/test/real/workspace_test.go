//go:build linux

package real

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// dev and prod are workspaces of one directory, with one role for the state of both, so that a workspace can be made and
// selected before there is one.
func TestWorkspacesHaveTheirRoles(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.light("app", s.deploy)
	const shared = "app-state"
	data := t.TempDir()
	s.steps([]step{
		{"app", "terraform init", roles{backend: shared}}, // in default, which matches nothing
		{"app", "terraform workspace new prod", roles{backend: shared}},
		{"app", "terraform workspace new dev", roles{backend: shared}},
		{"app", "terraform apply -auto-approve", roles{backend: shared, script: "dev-apply"}},
		{"app", "TF_WORKSPACE=prod terraform apply -auto-approve", roles{backend: shared, script: "prod-apply"}},
		{"", "terraform -chdir=app workspace select prod", roles{backend: shared}},
		{"", "terraform -chdir=app apply -auto-approve", roles{backend: shared, script: "prod-apply"}},
		// Each TF_DATA_DIR has a workspace of its own selected.
		{"app", "export TF_DATA_DIR=.data; terraform init && terraform workspace select dev", roles{backend: shared}},
		{"app", "TF_DATA_DIR=.data terraform apply -auto-approve", roles{backend: shared, script: "dev-apply"}},
		{"", "TF_DATA_DIR=.data terraform -chdir=app apply -auto-approve", roles{backend: shared, script: "dev-apply"}},
		{"", "export TF_DATA_DIR=" + data + "; terraform -chdir=app init && terraform -chdir=app workspace select dev", roles{backend: shared}},
		{"", "TF_DATA_DIR=" + data + " terraform -chdir=app apply -auto-approve", roles{backend: shared, script: "dev-apply"}},
		{"app", "terraform apply -auto-approve", roles{backend: shared, script: "prod-apply"}},
		{"app", "terraform workspace select default", roles{backend: shared}},
	})
	_, stderr, err := s.try(s.in("app"), "terraform", "apply", "-auto-approve", "-no-color") // nothing is applied in default
	if err == nil || !strings.Contains(stderr, "whichrole: error:") || !strings.Contains(stderr, "exit status 3") {
		t.Errorf("apply in a workspace without an environment: %v\n%s", err, stderr)
	}

	s.write(filepath.Join(s.in("app/cdn"), "main.tf"), fmt.Sprintf(backendTF, "cdn")+twoAliases)
	s.steps([]step{
		{"app/cdn", "terraform init", roles{backend: shared}},
		{"app/cdn", "terraform workspace new prod", roles{backend: shared}},
		{"app/cdn", "terraform plan", roles{backend: shared, provider: "prod-plan"}},
	})
}

// Without a role that all workspaces share, nobody can tell which state to open; what the hint says to run does.
func TestWorkspacesWithoutACommonStateRole(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.light("apart", s.deploy)
	var stderr string
	got := s.during(func() {
		var err error
		if _, stderr, err = s.try(s.in("apart"), "terraform", "init", "-no-color"); err == nil {
			t.Error("init worked in default")
		}
	})
	hint := regexp.MustCompile(`whichrole: hint: .*(TF_WORKSPACE=\S+ terraform init)`).FindStringSubmatch(stderr)
	if got != (roles{}) || hint == nil || !strings.Contains(stderr, "exit status 3") {
		t.Fatalf("%+v\n%s", got, stderr)
	}
	s.steps([]step{
		{"apart", hint[1], roles{backend: "east-state"}},
		{"apart", "TF_WORKSPACE=east terraform apply -auto-approve", roles{backend: "east-state", script: "east-apply"}},
	})
}
