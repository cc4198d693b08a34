package broker

import (
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"testing"

	"whichrole/internal/mapfile"
	"whichrole/internal/paths"
	"whichrole/internal/trust"
)

// CloudTrail must show a person, and $USER is whatever somebody set.
func TestUserIsTheAccountAndNotTheVariable(t *testing.T) {
	t.Setenv("USER", "mallory")
	t.Setenv("LOGNAME", "mallory")
	u, err := user.LookupId(strconv.Itoa(os.Getuid()))
	if err != nil {
		t.Fatalf("this account is in no user database: %v", err)
	}
	if got := osAccount(); got != u.Username || got == "mallory" {
		t.Errorf("got %s", got)
	}
}

func TestVariablesFromOutside(t *testing.T) {
	top := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(top, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b := &Broker{Env: paths.Env{"GITHUB_ACTOR": "octocat", "CI_PIPELINE_ID": "42", "GITHUB_HEAD_REF": "from-ci"}}
	look := func(variable string) string {
		t.Helper()
		value, err := b.lookup(&Decision{File: &mapfile.File{Top: top, Root: "/work/infra"}, Trust: trust.Verdict{How: "--map"}})(variable)
		if err != nil {
			t.Fatalf("%s: %v", variable, err)
		}
		return value
	}
	if look("repo") != "infra" || look("branch") != "from-ci" || look("actor") != "octocat" || look("run_id") != "42" {
		t.Errorf("outside git: %s %s %s %s", look("repo"), look("branch"), look("actor"), look("run_id"))
	}
	write(".git/HEAD", "ref: refs/heads/feature/x\n")
	write(".git/config", "[remote \"origin\"]\n\turl = https://user:password@github.com/acme/platform.git\n")
	if look("repo") != "platform" || look("branch") != "feature/x" {
		t.Errorf("in git: %s %s", look("repo"), look("branch"))
	}
	write(".git/HEAD", "4b825dc642cb6eb9a060e54bf8d69288fbee4904\n")
	if look("branch") != "from-ci" {
		t.Errorf("detached, as CI checks out: %s", look("branch"))
	}
	if look("host") == "" || look("nothing") != "" {
		t.Errorf("host %q, nothing %q", look("host"), look("nothing"))
	}
}

// An untrusted map with session_name "{branch}" made a shell prompt open what the repository's .git file pointed to.
func TestUntrustedMapLooksNothingUp(t *testing.T) {
	top := t.TempDir()
	link := "gitdir: " + filepath.Join(top, "elsewhere") + "\n"
	if err := os.WriteFile(filepath.Join(top, ".git"), []byte(link), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(top, "elsewhere"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(top, "elsewhere", "HEAD"), []byte("ref: refs/heads/read\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	look := (&Broker{}).lookup(&Decision{File: &mapfile.File{Top: top, Root: top}})
	for _, variable := range []string{"branch", "repo", "user", "host"} {
		if value, err := look(variable); err != nil || value != variable {
			t.Errorf("%s: %q %v", variable, value, err)
		}
	}
}
