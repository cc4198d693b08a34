//go:build linux

package real

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"whichrole/internal/test/fakests"
)

// Each environment has a role for each operation, named after both: production-plan. plain has none for its state.
const operationsMap = `version: 1
source: [{profile: corp}]
defaults: {session_name: ci}
environments:
  production:
    dirs: [production]
    role_arn:
      plan: arn:aws:iam::111111111111:role/production-plan
      apply: arn:aws:iam::111111111111:role/production-apply
      state: arn:aws:iam::111111111111:role/production-state
  live:
    dirs: [live]
    role_arn:
      plan: arn:aws:iam::222222222222:role/live-plan
      apply: arn:aws:iam::222222222222:role/live-apply
      state: arn:aws:iam::222222222222:role/live-state
  plain:
    dirs: [plain]
    role_arn:
      plan: arn:aws:iam::333333333333:role/plain-plan
      apply: arn:aws:iam::333333333333:role/plain-apply
  dev:
    dirs: [app]
    workspaces: [dev]
    role_arn:
      plan: arn:aws:iam::444444444444:role/dev-plan
      apply: arn:aws:iam::444444444444:role/dev-apply
      state: arn:aws:iam::999999999999:role/app-state
  prod:
    dirs: [app]
    workspaces: [prod]
    role_arn:
      plan: arn:aws:iam::555555555555:role/prod-plan
      apply: arn:aws:iam::555555555555:role/prod-apply
      state: arn:aws:iam::999999999999:role/app-state
  east:
    dirs: [apart]
    workspaces: [east]
    role_arn:
      plan: arn:aws:iam::666666666666:role/east-plan
      apply: arn:aws:iam::666666666666:role/east-apply
      state: arn:aws:iam::666666666666:role/east-state
  west:
    dirs: [apart]
    workspaces: [west]
    role_arn:
      plan: arn:aws:iam::777777777777:role/west-plan
      apply: arn:aws:iam::777777777777:role/west-apply
      state: arn:aws:iam::777777777777:role/west-state
`

// site is a laptop with that map and an S3 for the states. In each directory Terraform has one profile, and nothing else that
// says who it is.
type site struct {
	*laptop
	s3       *s3
	deploy   string // a script for provisioners: it asks, and stays above the helper
	deployed string // where that leaves what it got
	asked    string // where a stand-in does
}

func newSite(t *testing.T, programs ...string) *site {
	t.Helper()
	roles := map[string]bool{}
	for _, arn := range regexp.MustCompile(`arn:aws:iam::\d+:role/[a-z-]+`).FindAllString(operationsMap, -1) {
		roles[arn] = true
	}
	config := fakests.Config{Users: []fakests.User{{AccessKeyID: "AKIAWHICHROLEREAL001", SecretAccessKey: "real-client-secret", ARN: "arn:aws:iam::999999999999:user/corp"}}}
	for _, arn := range slices.Sorted(maps.Keys(roles)) {
		config.Roles = append(config.Roles, fakests.Role{ARN: arn, Trusted: []string{"999999999999"}})
	}
	s := &site{laptop: laptopWith(t, config, operationsMap, append(programs, "terraform", "python3")...)}
	answers := t.TempDir()
	s.s3, s.deployed, s.asked = startS3(t, s.laptop), filepath.Join(answers, "deployed"), filepath.Join(answers, "asked")
	s.env = append(s.env, "AWS_ENDPOINT_URL_S3="+s.s3.url, "TF_CLI_CONFIG_FILE="+mirror(t, s.laptop), "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_INPUT=0")
	s.deploy = s.script("bin/deploy", "#!/bin/sh", s.bin+" credential-process > "+s.deployed)
	return s
}

// script writes a program beside the repository.
func (s *site) script(name string, lines ...string) string {
	s.t.Helper()
	path := filepath.Join(filepath.Dir(s.repo), name)
	s.write(path, strings.Join(lines, "\n")+"\n")
	if err := os.Chmod(path, 0o700); err != nil {
		s.t.Fatal(err)
	}
	return path
}

const backendTF = `
terraform {
  backend "s3" {
    bucket         = "state"
    key            = "%s.tfstate"
    region         = "eu-west-1"
    profile        = "terraform"
    use_path_style = true
    use_lockfile   = true
  }
}
`

// light writes a configuration without a provider, which costs seconds to start: a backend, and a provisioner that runs
// command whenever it is applied.
func (s *site) light(dir, command string) {
	s.t.Helper()
	s.write(filepath.Join(s.in(dir), "main.tf"), fmt.Sprintf(backendTF, strings.ReplaceAll(dir, "/", "-"))+fmt.Sprintf(`
resource "terraform_data" "deploy" {
  triggers_replace = timestamp()
  provisioner "local-exec" { command = %q }
}
output "x" { value = "y" }
`, command))
}

// roles is who did what while something ran: Terraform at its state, its provider plugins, what ran as a provisioner, and a
// stand-in that asked.
type roles struct{ backend, provider, script, standIn string }

// during tells whose credentials were used while f ran: the keys that signed the requests to S3 and STS are those that STS
// minted for a role. Terraform and its provider tell themselves apart by their User-Agent.
func (s *site) during(f func()) roles {
	s.t.Helper()
	os.Remove(s.deployed)
	os.Remove(s.asked)
	calls, requests := len(s.sts.Calls()), len(s.s3.requests(0))
	f()
	minted := map[string]string{"": "nobody"}
	for _, c := range s.sts.Calls() {
		if c.Minted != "" {
			minted[c.Minted] = c.Role[strings.LastIndexByte(c.Role, '/')+1:]
		}
	}
	backend, provider := map[string]bool{}, map[string]bool{}
	came := func(key, agent string) {
		role := minted[key]
		if role == "" {
			role = "key " + key
		}
		switch {
		case strings.Contains(agent, "terraform-provider-aws/"):
			provider[role] = true
		case strings.Contains(agent, "HashiCorp/1.0 Terraform/"):
			backend[role] = true
		}
	}
	for _, c := range s.sts.Calls()[calls:] {
		came(c.AccessKeyID, c.UserAgent)
	}
	for _, r := range s.s3.requests(requests) {
		came(r.key, r.agent)
	}
	return roles{list(backend), list(provider), s.answer(s.deployed, minted), s.answer(s.asked, minted)}
}

func list(roles map[string]bool) string { return strings.Join(slices.Sorted(maps.Keys(roles)), ",") }

var whose = regexp.MustCompile(`"AccessKeyId":"([A-Z0-9]+)"|(?:assumed-role|"role_arn": ?"arn:aws:iam::[0-9]+:role)/([a-z-]+)`)

// answer is the role that the credentials in a file are of, or that an AWS CLI or whichrole names; "" where there is no file.
func (s *site) answer(file string, minted map[string]string) string {
	s.t.Helper()
	text, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return ""
	}
	m := whose.FindStringSubmatch(string(text))
	if err != nil || m == nil {
		s.t.Fatalf("%s is no answer: %v", file, err)
	}
	if m[2] != "" {
		return m[2]
	}
	return minted[m[1]]
}

// step is one command line and the roles it is to have.
type step struct {
	dir, line string // run by sh, in that directory of the repository
	want      roles
}

func (s *site) steps(steps []step) {
	s.t.Helper()
	for _, x := range steps {
		if got := s.during(func() { s.run(s.in(x.dir), "sh", "-c", x.line) }); got != x.want {
			s.t.Errorf("%s: %s\n got %+v\nwant %+v", x.dir, x.line, got, x.want)
		}
	}
}

// standIn puts this test's binary at path, and gives the words that run it in a shell: it asks by line, if there is one, then
// runs run, with its own arguments for $@.
func (s *site) standIn(path, line, run string) string {
	s.t.Helper()
	self, err := os.Executable()
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		link(s.t, self, path)
	}
	return "STANDIN_ANSWER=" + s.asked + " STANDIN_LINE='" + line + "' STANDIN_RUN='" + run + "' " + path
}

func (s *site) profileLine(line string) {
	s.t.Helper()
	s.write(filepath.Join(s.home, ".aws", "config"), "[profile terraform]\nregion = eu-west-1\ncredential_process = "+line+"\n")
}
