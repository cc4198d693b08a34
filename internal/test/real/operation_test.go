//go:build linux

package real

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

const twoAliases = `
terraform {
  required_providers { aws = { source = "hashicorp/aws", version = "5.100.0" } }
}
provider "aws" {
  region            = "eu-west-1"
  profile           = "terraform"
  s3_use_path_style = true
}
provider "aws" {
  alias   = "second"
  region  = "us-east-1"
  profile = "terraform"
}
data "aws_caller_identity" "first" {}
data "aws_caller_identity" "second" { provider = aws.second }
output "first" { value = data.aws_caller_identity.first.arn }
output "second" { value = data.aws_caller_identity.second.arn }
`

const proofAndDeploy = `
resource "aws_s3_object" "proof" {
  bucket  = "state"
  key     = "proof"
  content = "proof"
}
resource "terraform_data" "deploy" {
  provisioner "local-exec" { command = %q }
}
`

// The sentence: plan shows the plan role on both provider aliases, apply the apply role, and the backend's calls carry
// the state role, with one profile and no other setting.
func TestEachOperationOfTerraformHasItsRole(t *testing.T) {
	t.Parallel()
	s := newSite(t, "aws")
	s.write(filepath.Join(s.in("production"), "main.tf"), fmt.Sprintf(backendTF, "production")+twoAliases+
		fmt.Sprintf(proofAndDeploy, "aws sts get-caller-identity --profile terraform --query Arn --output text > "+s.deployed))
	const state, plan, apply = "production-state", "production-plan", "production-apply"

	s.steps([]step{{"production", "terraform init", roles{backend: state}}})
	var shown string
	if got := s.during(func() { shown = s.run(s.in("production"), "terraform", "plan", "-no-color", "-out=saved") }); got != (roles{backend: state, provider: plan}) {
		t.Errorf("plan: %+v", got)
	}
	for _, alias := range []string{"first ", "second"} {
		if want := "+ " + alias + ` = "arn:aws:sts::111111111111:assumed-role/production-plan/ci"`; !strings.Contains(shown, want) {
			t.Errorf("plan does not show %s:\n%s", want, shown)
		}
	}
	if locks := s.s3.puts("production.tfstate.tflock"); len(locks) != 1 { // during tells that it was the state role's
		t.Errorf("plan locked the state %d times", len(locks))
	}
	s.steps([]step{
		{"production", "terraform apply saved", roles{backend: state, provider: apply, script: apply}}, // the provisioner's aws is nearer to Terraform than any plugin
		{"production", "terraform output", roles{backend: state}},
		{"production", "terraform state list", roles{backend: state}},
		{"production", "terraform state mv terraform_data.deploy terraform_data.moved", roles{backend: state}},
		{"production", "terraform state mv terraform_data.moved terraform_data.deploy", roles{backend: state}},
		{"production", "terraform state rm aws_s3_object.proof", roles{backend: state}},
		{"production", "terraform import aws_s3_object.proof state/proof", roles{backend: state, provider: apply}},
		{"production", "terraform refresh", roles{backend: state, provider: apply}},
		{"production", "terraform apply -refresh-only -auto-approve", roles{backend: state, provider: apply}},
		{"", "terraform -chdir=production plan -destroy", roles{backend: state, provider: plan}},
		{"", "terraform -chdir=production destroy -auto-approve", roles{backend: state, provider: apply}},
	})
	for _, put := range s.s3.puts("/state/proof") {
		if !strings.Contains(put.agent, "terraform-provider-aws/") {
			t.Errorf("the proof was written by %s", put.agent)
		}
	}
	for _, op := range []string{state, plan, apply} { // every helper of every alias and run shares what is cached
		if n := s.assumed("arn:aws:iam::111111111111:role/" + op); n != 1 {
			t.Errorf("%s was assumed %d times", op, n)
		}
	}
}

func TestTheBackendsRoleWhereTheMapHasNone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.light("plain", s.deploy)
	s.steps([]step{
		{"plain", "terraform init", roles{backend: "plain-plan"}},
		{"plain", "terraform plan -lock=false", roles{backend: "plain-plan"}},
		{"plain", "terraform apply -auto-approve", roles{backend: "plain-apply", script: "plain-apply"}},
		{"plain", "terraform output", roles{backend: "plain-plan"}},
		{"plain", "terraform state mv terraform_data.deploy terraform_data.moved", roles{backend: "plain-apply"}},
		{"plain", "terraform init -migrate-state", roles{backend: "plain-apply"}},
		{"plain", "TF_CLI_ARGS_init=-migrate-state terraform init", roles{backend: "plain-apply"}},
		{"", "TF_CLI_ARGS='-force-copy -input=false' terraform -chdir=plain init", roles{backend: "plain-apply"}},
	})
}

// Terraform reads other directories' states as itself, and many of them at once.
func TestRemoteStateIsReadWithTheStateRole(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.light("plain", s.deploy)
	s.run(s.in("plain"), "terraform", "init")
	s.run(s.in("plain"), "terraform", "apply", "-auto-approve")
	s.write(filepath.Join(s.in("live"), "main.tf"), fmt.Sprintf(backendTF, "live")+`
data "terraform_remote_state" "plain" {
  for_each = toset(["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"])
  backend  = "s3"
  config   = { bucket = "state", key = "plain.tfstate", region = "eu-west-1", profile = "terraform", use_path_style = true }
}
output "x" { value = [for s in data.terraform_remote_state.plain : s.outputs.x] }
`)
	before := len(s.s3.requests(0))
	s.steps([]step{
		{"live", "terraform init", roles{backend: "live-state"}},
		{"live", "terraform plan", roles{backend: "live-state"}},
		{"live", "terraform apply -auto-approve", roles{backend: "live-state"}},
	})
	read := 0
	for _, r := range s.s3.requests(before) {
		if r.method == "GET" && r.path == "/state/plain.tfstate" {
			read++
		}
	}
	if n := s.assumed("arn:aws:iam::222222222222:role/live-state"); read < 24 || n != 1 {
		t.Errorf("the other state was read %d times, the state role assumed %d times", read, n)
	}
}
