package userfile

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"whichrole/internal/problem"
	"whichrole/internal/strictyaml"
)

// root is an absolute path of the system at hand.
var root = func() string {
	if runtime.GOOS == "windows" {
		return `C:/`
	}
	return "/"
}()

func read(t *testing.T, content string) (Config, error) {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "config.yaml"), content)
	c, err := Read(dir, filepath.FromSlash(root+"home/me"))
	if c.Path != filepath.Join(dir, "config.yaml") {
		t.Errorf("the path is %s", c.Path)
	}
	c.Path = ""
	return c, err
}

func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestRead(t *testing.T) {
	got, err := read(t, `# mine
repositories:
  ~/work/infra: ~/maps/infra.yaml
  git@github.com:acme/infra.git: `+root+`srv/maps/./acme.yaml
  `+root+`srv/checkouts/: ~/maps/srv.yaml
  https://git.example/acme/infra: ~/maps/acme.yaml
  github.com/acme/other: ~/maps/acme.yaml
trusted_paths: [~/work, `+root+`srv/infra/]
source:
  - oidc: github
  - profile: acme
profiles:
  corp: acme-sso
cache: kernel
prompt: tty
audit: off
`)
	if err != nil {
		t.Fatal(err)
	}
	abs := func(p string) string { return filepath.FromSlash(root + p) }
	want := []Repository{
		{Directory: abs("home/me/work/infra"), Map: abs("home/me/maps/infra.yaml"), Line: 3},
		{Remote: "git@github.com:acme/infra.git", Map: abs("srv/maps/acme.yaml"), Line: 4},
		{Directory: abs("srv/checkouts"), Map: abs("home/me/maps/srv.yaml"), Line: 5},
		{Remote: "https://git.example/acme/infra", Map: abs("home/me/maps/acme.yaml"), Line: 6},
		{Remote: "github.com/acme/other", Map: abs("home/me/maps/acme.yaml"), Line: 7},
	}
	if !reflect.DeepEqual(got.Repositories, want) {
		t.Errorf("repositories:\n%+v\nwant\n%+v", got.Repositories, want)
	}
	if !reflect.DeepEqual(got.TrustedPaths, []string{abs("home/me/work"), abs("srv/infra")}) {
		t.Errorf("trusted paths: %q", got.TrustedPaths)
	}
	if len(got.Sources) != 2 || got.Sources[0].Name != "github" || got.Sources[1].Kind != "profile" || got.Sources[1].Line != 11 {
		t.Errorf("sources: %+v", got.Sources)
	}
	if got.Profiles["corp"] != "acme-sso" || got.Cache != "kernel" || got.Prompt != "tty" || !got.AuditOff {
		t.Errorf("%+v", got)
	}
}

func TestDestBranch(t *testing.T) {
	got, err := read(t, `dest_branch:
  ~/work/infra/: release/1.2
  git@github.com:acme/infra.git: "on"
  github.com/acme/infra: émile#1
repositories:
  ~/work/infra: ~/maps/infra.yaml
`)
	if err != nil {
		t.Fatal(err)
	}
	want := []DestBranch{
		{Directory: filepath.FromSlash(root + "home/me/work/infra"), Branch: "release/1.2", Line: 2},
		{Remote: "git@github.com:acme/infra.git", Branch: "on", Line: 3},
		{Remote: "github.com/acme/infra", Branch: "émile#1", Line: 4},
	}
	if !reflect.DeepEqual(got.DestBranches, want) || len(got.Repositories) != 1 {
		t.Errorf("%+v\nwant\n%+v", got.DestBranches, want)
	}
}

func TestDefaults(t *testing.T) {
	want := Config{Cache: "auto", Prompt: "never"}
	for _, content := range []string{"", "\n", "# audit: off\n---\n  # nothing\n", "audit: on", "audit: true", "cache: auto"} {
		if got, err := read(t, content); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v, %v", content, got, err)
		}
	}
	for _, dir := range []string{"", t.TempDir(), filepath.Join(t.TempDir(), "gone")} {
		if got, err := Read(dir, "/home/me"); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("no file in %q: %+v, %v", dir, got, err)
		}
	}
}

func TestMistakes(t *testing.T) {
	tests := []struct{ content, says, hint string }{
		{"trusted_path: []", ":1:1: unknown key trusted_path", "did you mean trusted_paths?"},
		{"trusted_paths: [work]", ":1:17: trusted_paths: work is not an absolute path", "a path here is absolute or begins with ~/"},
		{"trusted_paths:\n  - ~other/work", ":2:5: trusted_paths: ~other/work is not an absolute path", "a path here is absolute or begins with ~/"},
		{"trusted_paths: ['']", ":1:17: trusted_paths: the value is empty", ""},
		{"trusted_paths: [ROOT]", ":1:17: trusted_paths: ROOT would trust every map", ""},
		{"trusted_paths: [ROOTa/..]", "would trust every map", ""},
		{"trusted_paths: ROOTwork", "a list expected here, not a string", "a list of one is [/work]"},
		{"repositories: {work/infra: ~/m.yaml}", "work/infra is neither a directory nor a git remote", "a directory is absolute or begins with ~/"},
		{"repositories: {../infra: ~/m.yaml}", "../infra is neither a directory nor a git remote", "a directory is absolute or begins with ~/"},
		{"repositories: {~/infra: m.yaml}", "repositories.~/infra: m.yaml is not an absolute path", "a path here is absolute or begins with ~/"},
		{"repositories: {~/infra: 1}", "a string is expected here, not a number", `quote it: "1"`},
		{"repositories: {~/infra: ~/m.yaml, ROOThome/me/infra/: ~/n.yaml}", "ROOThome/me/infra/ is the directory of line 1", ""},
		{"repositories: {~/infra: ~/m.yaml, ~/infra: ~/n.yaml}", "~/infra is here twice", ""},
		{"repositories: [~/infra]", "keys expected here, not a list", ""},
		{"dest_branch: main", "keys expected here, not a string", ""},
		{"dest_branch: {work/infra: main}", "dest_branch: work/infra is neither a directory nor a git remote", "a directory is absolute or begins with ~/"},
		{"dest_branch: {~/infra: main, ROOThome/me/infra/: main}", "dest_branch: ROOThome/me/infra/ is the directory of line 1", ""},
		{"dest_branch: {~/infra: main, ~/infra: main}", "~/infra is here twice", ""},
		{"dest_branch: {~/infra: ''}", "the value is empty", ""},
		{"dest_branch: {~/infra: 1.2}", "a string is expected here, not a number", `quote it: "1.2"`},
		{"dest_branch: {~/infra: [main]}", "a string expected here, not a list", ""},
		{"dest_branch: {~/infra: 'release/*'}", "dest_branch.~/infra: release/* is not the name of a branch", "it is the branch that a pull request goes to, such as main"},
		{"dest_branch: {~/infra: refs/heads/main}", "refs/heads/main is not the name of a branch", "it is the branch that a pull request goes to, such as main"},
		{"dest_branch: {~/infra: -main}", "-main is not the name of a branch", "it is the branch that a pull request goes to, such as main"},
		{"dest_branch: {~/infra: ^main$}", "^main$ is not the name of a branch", "it is the branch that a pull request goes to, such as main"},
		{"dest_branch: {~/infra: main branch}", "main branch is not the name of a branch", "it is the branch that a pull request goes to, such as main"},
		{"dest_branches: {~/infra: main}", ":1:1: unknown key dest_branches", "did you mean dest_branch?"},
		{"source: [{profile: corp, acount: x}]", "unknown key acount", "did you mean account?"},
		{"profiles: {corp: 1}", "a string is expected here, not a number", `quote it: "1"`},
		{"profiles: corp", "keys expected here, not a string", ""},
		{"cache: keyrng", ":1:8: cache: unknown value keyrng", "did you mean keyring?"},
		{"cache: disk", ":1:8: cache: unknown value disk", "it is one of auto, keyring, kernel, file, none"},
		{"prompt: yes", ":1:9: prompt: unknown value yes", "it is one of never, tty, dialog"},
		{"audit: 0", ":1:8: audit: unknown value 0", "it is on or off"},
		{"audit: [off]", "a value expected here, not a list", ""},
		{"audit: off\naudit: on", ":2:1: audit is here twice, first in line 1", ""},
		{"- audit", "keys are expected here, not a list", ""},
		{"cache: none\n---\ncache: none", "a second document starts here", "one file holds one document: remove the line ---"},
	}
	for _, tt := range tests {
		content := strings.ReplaceAll(tt.content, "ROOT", root)
		_, err := read(t, content)
		p, ok := errors.AsType[*problem.Error](err)
		if !ok || p.Code != problem.BadMap || !strings.Contains(p.Message, strings.ReplaceAll(tt.says, "ROOT", root)) ||
			!strings.Contains(p.Message, "config.yaml:") || p.Hint != tt.hint {
			t.Errorf("%q:\n%+v\nwant %q, %q", content, err, tt.says, tt.hint)
		}
	}
}

// Without a home ~/work must not become /work.
func TestTildeWithoutHome(t *testing.T) {
	for _, home := range []string{"", "home/me"} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "config.yaml"), "trusted_paths: [~/work]")
		if c, err := Read(dir, home); problem.CodeOf(err) != problem.BadMap || !strings.Contains(err.Error(), "home directory is not known") {
			t.Errorf("%q: %q, %v", home, c.TrustedPaths, err)
		}
	}
}

// Directories that could not be read are not one and the same.
func TestTwoWrongDirectories(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "config.yaml"), "dest_branch: {~/a: main, ~/b: main}")
	_, err := Read(dir, "")
	mistakes, _ := errors.AsType[strictyaml.Mistakes](err)
	if len(mistakes) != 2 {
		t.Errorf("%v: %v", err, mistakes)
	}
}

func TestFileThatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "config.yaml")
	write(t, file, strings.Repeat("#", maxSize+1))
	if _, err := Read(dir, ""); problem.CodeOf(err) != problem.BadMap || !strings.Contains(err.Error(), file+" is larger than") {
		t.Errorf("too large: %v", err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(file, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(dir, ""); problem.CodeOf(err) != problem.BadMap || !strings.Contains(err.Error(), file) {
		t.Errorf("a directory: %v", err)
	}
}

func TestRepositoryBringsTheUsersFile(t *testing.T) {
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	repo := filepath.Join(top, "infra")
	link := func(target, name string) {
		t.Helper()
		if err := os.Symlink(filepath.Join(top, target), filepath.Join(top, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, dir := range []string{"home", "infra/.config", "infra-mine", "stow", "outside"} {
		write(t, filepath.Join(top, dir, "config.yaml"), "audit: off")
	}
	if err := os.MkdirAll(filepath.Join(repo, "links"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(top, "stow", "config.yaml")); err != nil {
		t.Fatal(err)
	}
	link("infra/.config/config.yaml", "stow/config.yaml")
	link("infra/.config", "innocent")
	link("outside/config.yaml", "infra/links/config.yaml")
	link("infra/links", "twice")
	tests := []struct {
		story, dir string
		refused    bool
	}{
		{"where it belongs", "home", false},
		{"beside, with the same beginning", "infra-mine", false},
		{"inside", "infra/.config", true},
		{"a directory that leads inside", "innocent", true},
		{"a file that leads inside", "stow", true},
		{"a link inside that leads outside", "infra/links", true},
		{"the same by a link to it", "twice", true},
	}
	for _, tt := range tests {
		t.Run(tt.story, func(t *testing.T) {
			c, err := Read(filepath.Join(top, tt.dir), top)
			if err != nil {
				t.Fatal(err)
			}
			err = c.RefuseInside(repo)
			if tt.refused != (problem.CodeOf(err) == problem.NotTrusted) {
				t.Errorf("got %v", err)
			}
			if tt.refused && !strings.Contains(err.Error(), repo) {
				t.Errorf("%v does not name the repository", err)
			}
			if c.RefuseInside("") != nil {
				t.Error("refused without a repository")
			}
		})
	}
	if err := (Config{}).RefuseInside(repo); err != nil {
		t.Errorf("no file: %v", err)
	}
}
