//go:build linux

package real

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Each directory's backend and provider use the one profile terraform, and not one line of role ARN.
const mainTF = `
terraform {
  required_providers { aws = { source = "hashicorp/aws", version = "5.100.0" } }
  backend "s3" {
    bucket         = "state"
    key            = "%s.tfstate"
    region         = "eu-west-1"
    profile        = "terraform"
    use_path_style = true
  }
}
provider "aws" {
  region            = "eu-west-1"
  profile           = "terraform"
  s3_use_path_style = true
}
data "aws_caller_identity" "who" {}
resource "aws_s3_object" "proof" {
  bucket  = "state"
  key     = "proof-%s"
  content = data.aws_caller_identity.who.arn
}
output "arn" { value = data.aws_caller_identity.who.arn }
`

func TestTerraformAppliesWithEachDirectorysRole(t *testing.T) {
	l := newLaptop(t, "terraform", "python3")
	s3 := startS3(t, l)
	l.env = append(l.env, "AWS_ENDPOINT_URL_S3="+s3.url, "TF_CLI_CONFIG_FILE="+mirror(t, l), "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1")
	for _, dir := range []string{"production", "qa"} {
		l.write(filepath.Join(l.in(dir), "main.tf"), fmt.Sprintf(mainTF, dir, dir))
	}

	l.run(l.in("production"), "terraform", "init", "-input=false", "-no-color")
	l.run(l.in("production"), "terraform", "apply", "-input=false", "-auto-approve", "-no-color")
	l.run(l.repo, "terraform", "-chdir=qa", "init", "-input=false", "-no-color")
	l.run(l.repo, "terraform", "-chdir=qa", "apply", "-input=false", "-auto-approve", "-no-color")

	for dir, want := range map[string]string{
		"production": "arn:aws:sts::111111111111:assumed-role/production/ci-production",
		"qa":         "arn:aws:sts::222222222222:assumed-role/qa/ci-qa",
	} {
		if got := l.run(l.in(dir), "terraform", "output", "-raw", "arn"); got != want {
			t.Errorf("%s: %s, want %s", dir, got, want)
		}
	}
	// Each role once: backend and provider, init, apply and output share what is cached.
	if p, q := l.assumed(productionRole), l.assumed(qaRole); p != 1 || q != 1 {
		t.Errorf("production was assumed %d times, qa %d times", p, q)
	}
	// The state and the object were written with the directory's own keys, never with the other's.
	minted := map[string]string{}
	for _, c := range l.sts.Calls() {
		if c.Minted != "" {
			minted[c.Minted] = c.Role
		}
	}
	for _, put := range s3.puts("production") {
		if minted[put.key] != productionRole {
			t.Errorf("%s was written by %q", put.path, minted[put.key])
		}
	}
	for _, put := range s3.puts("qa") {
		if minted[put.key] != qaRole {
			t.Errorf("%s was written by %q", put.path, minted[put.key])
		}
	}
	if len(s3.puts("production.tfstate")) == 0 || len(s3.puts("proof-qa")) == 0 {
		t.Errorf("the writes were not seen: %+v", s3.puts(""))
	}

	// Shared code: Terraform fails, and says why.
	l.write(filepath.Join(l.in("modules"), "main.tf"), fmt.Sprintf(mainTF, "modules", "modules"))
	_, stderr, err := l.try(l.in("modules"), "terraform", "init", "-input=false", "-no-color")
	if err == nil || !strings.Contains(stderr, "no role") {
		t.Errorf("modules: %v\n%s", err, stderr)
	}
}

// mirror writes a CLI configuration that takes the provider from this machine's file-system mirror.
func mirror(t *testing.T, l *laptop) string {
	t.Helper()
	home, _ := os.UserHomeDir()
	out, _ := exec.Command("find", "/opt", "/usr/local", "/usr/share", "/usr/lib", "/var/lib", filepath.Join(home, ".terraform.d"),
		"-name", "terraform-provider-aws_v5.100.0*", "-type", "f").Output()
	found, _, _ := strings.Cut(string(out), "\n")
	if found == "" {
		need(t, "a mirror of terraform-provider-aws 5.100.0")
	}
	root := found
	for range 6 { // HOST/hashicorp/aws/5.100.0/linux_amd64/terraform-provider-aws_…
		root = filepath.Dir(root)
	}
	rc := filepath.Join(t.TempDir(), "terraform.rc")
	l.write(rc, fmt.Sprintf("provider_installation {\n  filesystem_mirror { path = %q }\n}\n", root))
	return rc
}
