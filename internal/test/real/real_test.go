//go:build linux

// Package real runs the built binary under the real clients: AWS CLI, boto3 and Terraform, with the real gnome-keyring and
// an STS that checks every signature.
package real

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"whichrole/internal/test/fakests"
	"whichrole/internal/test/keyringtest"
)

const (
	productionRole = "arn:aws:iam::111111111111:role/production"
	qaRole         = "arn:aws:iam::222222222222:role/qa"
)

const roleMap = `version: 1
source: [{profile: corp}]
defaults: {session_name: "ci-{env}"}
environments:
  production: {dirs: [production], role_arn: "` + productionRole + `"}
  qa: {dirs: [qa], role_arn: "` + qaRole + `"}
no_role: [modules]
`

// laptop is one user's machine: a HOME with a profile that calls whichrole, an unlocked keyring, a repository, an STS.
type laptop struct {
	t    *testing.T
	sts  *fakests.Server
	home string
	env  []string
	repo string
	bin  string
}

func newLaptop(t *testing.T, programs ...string) *laptop {
	t.Helper()
	l := laptopWith(t, fakests.Config{
		Users: []fakests.User{{AccessKeyID: "AKIAWHICHROLEREAL001", SecretAccessKey: "real-client-secret", ARN: "arn:aws:iam::999999999999:user/corp"}},
		Roles: []fakests.Role{
			{ARN: productionRole, Trusted: []string{"999999999999"}},
			{ARN: qaRole, Trusted: []string{"999999999999"}},
		},
	}, roleMap, programs...)
	for _, dir := range []string{"production", "qa", "modules"} {
		if err := os.MkdirAll(filepath.Join(l.repo, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

// laptopWith is one with that STS and that role map, which is trusted.
func laptopWith(t *testing.T, config fakests.Config, roleMap string, programs ...string) *laptop {
	t.Helper()
	for _, p := range programs {
		need(t, p)
	}
	keyring := keyringtest.Start(t)
	sts := fakests.Start(config)
	t.Cleanup(sts.Close)
	l := &laptop{t: t, sts: sts, repo: filepath.Join(t.TempDir(), "infra"), bin: filepath.Join(t.TempDir(), "whichrole"), home: filepath.Join(keyring.Dir, "home")}
	whichrole(t, l.bin)
	for _, v := range keyring.Env() {
		if !strings.HasPrefix(v, "AWS_") && !strings.HasPrefix(v, "WHICHROLE_") && !strings.HasPrefix(v, "TF_") {
			l.env = append(l.env, v)
		}
	}
	l.env = append(l.env, "AWS_ENDPOINT_URL_STS="+sts.URL, "AWS_EC2_METADATA_DISABLED=true")
	l.write(filepath.Join(l.home, ".aws", "credentials"), "[corp]\naws_access_key_id = AKIAWHICHROLEREAL001\naws_secret_access_key = real-client-secret\n")
	l.write(filepath.Join(l.home, ".aws", "config"), "[profile terraform]\nregion = eu-west-1\ncredential_process = "+l.bin+" credential-process\n")
	l.write(filepath.Join(l.repo, ".git", "HEAD"), "ref: refs/heads/main\n")
	l.write(filepath.Join(l.repo, ".whichrole.yaml"), roleMap)
	l.run(l.repo, l.bin, "trust", "--yes")
	return l
}

// need skips where a program is missing, and fails where CI must have it.
func need(t *testing.T, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err == nil {
		return path
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is not installed, and CI must have it", program)
	}
	t.Skipf("%s is not installed", program)
	return ""
}

func (l *laptop) write(path, text string) {
	l.t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		l.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		l.t.Fatal(err)
	}
}

// try runs a command in dir and gives its stdout, its stderr and how it ended.
func (l *laptop) try(dir, name string, args ...string) (stdout, stderr string, err error) {
	l.t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, l.env
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	return out.String(), errs.String(), err
}

// run is try that must succeed.
func (l *laptop) run(dir, name string, args ...string) string {
	l.t.Helper()
	stdout, stderr, err := l.try(dir, name, args...)
	if err != nil {
		l.t.Fatalf("%s %s: %v\n%s%s", filepath.Base(name), strings.Join(args, " "), err, stdout, stderr)
	}
	return stdout
}

func (l *laptop) in(dir string) string { return filepath.Join(l.repo, dir) }

// assumed is how often a role was assumed so far.
func (l *laptop) assumed(role string) int {
	n := 0
	for _, c := range l.sts.Calls() {
		if c.Action == "AssumeRole" && c.Role == role {
			n++
		}
	}
	return n
}
