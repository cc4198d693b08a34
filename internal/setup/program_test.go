package setup

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"whichrole/internal/awsconfig"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// onPath makes a whichrole in a new directory below a temporary one, and an environment whose PATH leads there.
func onPath(t *testing.T, dir string) (env paths.Env, program string) {
	t.Helper()
	program = filepath.Join(t.TempDir(), dir, "whichrole")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	if err := os.MkdirAll(filepath.Dir(program), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(program, nil, 0o700); err != nil {
		t.Fatal(err)
	}
	return paths.Env{"PATH": "relative" + string(filepath.ListSeparator) + filepath.Dir(program)}, program
}

func TestProfileCallsWhatPathLeadsTo(t *testing.T) {
	env, program := onPath(t, "bin")
	if !awsconfig.IsPlain(program, runtime.GOOS) {
		t.Logf("the temporary directory %s is not plain itself", program)
		program = "whichrole"
	}
	p := &Plan{}
	if got, err := p.program(env); err != nil || got != program {
		t.Errorf("%s, %v", got, err)
	}
}

// /opt/my tools/whichrole would be the program /opt/my to one SDK, and nothing to another.
func TestPathThatSDKsMisreadIsABareName(t *testing.T) {
	for _, dir := range []string{"my tools", "it's", "a$b"} {
		env, program := onPath(t, dir)
		p := &Plan{}
		got, err := p.program(env)
		if err != nil || got != "whichrole" || p.Misread != program || p.Version != "" {
			t.Errorf("%s: %s, %v, %+v", dir, got, err, p)
		}
	}
}

// The next upgrade takes such a path away, and every apply with it.
func TestVersionInThePath(t *testing.T) {
	tests := []struct{ path, want string }{
		{"/usr/local/bin/whichrole", ""},
		{"/opt/homebrew/bin/whichrole", ""},
		{"/home/me/.asdf/shims/whichrole", ""},
		{"/home/me/.nix-profile/bin/whichrole", ""},
		{"/home/me.too/v/1/bin2.d/whichrole", ""},
		{"/opt/python3.12/bin/whichrole", ""},
		{"/opt/homebrew/Cellar/whichrole/1.2.3/bin/whichrole", "1.2.3"},
		{"/home/me/.asdf/installs/whichrole/0.1.0-rc1/bin/whichrole", "0.1.0-rc1"},
		{"/home/me/.local/share/aquaproj-aqua/pkgs/x/v2.0/whichrole", "v2.0"},
		{"/home/me/go/pkg/mod/whichrole@v1.0.0/whichrole", "whichrole@v1.0.0"},
		{"/nix/store/0c0ljdnlp6x9-whichrole/bin/whichrole", "0c0ljdnlp6x9-whichrole"},
	}
	for _, tt := range tests {
		if got := VersionIn(tt.path); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.path, got, tt.want)
		}
	}
	env, _ := onPath(t, filepath.Join("whichrole", "1.2.3", "bin"))
	p := &Plan{}
	if _, err := p.program(env); err != nil || p.Version != "1.2.3" && p.Misread == "" {
		t.Errorf("%+v, %v", p, err)
	}
}

// Where whichrole is not on PATH, the profile has the path of the one that runs.
func TestProgramThatIsNotOnPath(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &Plan{}
	got, err := p.program(paths.Env{})
	if awsconfig.IsPlain(self, runtime.GOOS) {
		if err != nil || got != self {
			t.Errorf("%s, %v", got, err)
		}
	} else if problem.HintOf(err) == "" {
		t.Errorf("%s, %v", got, err)
	}
}

// Whichever whichrole was first on PATH, and that may be anybody's, became the one that gives credentials, without a word.
func TestProgramThatIsNotThisOne(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	env, program := onPath(t, "bin")
	p := &Plan{}
	if _, err := p.program(env); err != nil || p.Other != program || p.Self != self {
		t.Errorf("%+v, %v", p, err)
	}
	p = &Plan{}
	if _, err := p.program(paths.Env{}); p.Other != "" || p.Self != "" {
		t.Errorf("%+v, %v", p, err)
	}
	if runtime.GOOS == "windows" {
		return // links are for administrators there
	}
	if err := os.Remove(program); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, program); err != nil {
		t.Fatal(err)
	}
	p = &Plan{}
	if _, err := p.program(env); err != nil || p.Other != "" {
		t.Errorf("%+v, %v", p, err)
	}
}
