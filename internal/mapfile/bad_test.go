package mapfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"whichrole/internal/problem"
)

func TestWhatIsNoMap(t *testing.T) {
	big := strings.Repeat("# padding\n", 1<<20/10+1)
	tests := []struct {
		name  string
		files map[string]string
		says  string
	}{
		{"a directory", map[string]string{"r/.whichrole.yaml/": ""}, "r/.whichrole.yaml is a directory, not a file"},
		{"over 1 MiB", map[string]string{"r/.whichrole.yaml": big}, "r/.whichrole.yaml is too large"},
		{"a symlink to an absolute path", map[string]string{"r/.whichrole.yaml": "-> /etc/hosts"}, "leads out of"},
		{"a symlink out by ..", map[string]string{"r/.whichrole.yaml": "-> ../secret", "secret": someMap}, "leads out of"},
		{"a symlink out by a directory", map[string]string{"r/.whichrole.yaml": "-> d/secret", "r/d": "-> ..", "secret": someMap}, "leads out of"},
		{"a symlink to a repository with a longer name", map[string]string{"r/.whichrole.yaml": "-> ../r-evil/m", "r-evil/m": someMap}, "leads out of"},
		{"a symlink to a device", map[string]string{"r/.whichrole.yaml": "-> /dev/zero"}, "leads out of"},
		{"a symlink to nowhere", map[string]string{"r/.whichrole.yaml": "-> gone"}, "r/.whichrole.yaml is a symlink that leads nowhere"},
		{"a symlink to itself", map[string]string{"r/.whichrole.yaml": "-> .whichrole.yaml"}, "r/.whichrole.yaml"},
		{"a symlink to a directory", map[string]string{"r/.whichrole.yaml": "-> d", "r/d/": ""}, "is a directory"},
		{"both names", map[string]string{"r/.whichrole.yaml": someMap, "r/.whichrole.yml": someMap}, "both .whichrole.yaml and .whichrole.yml are in"},
		{"both names, one broken", map[string]string{"r/.whichrole.yaml": someMap, "r/.whichrole.yml": "-> gone"}, "both"},
		{"both names of Terrateam", map[string]string{"r/.terrateam/config.yml": someMap, "r/.terrateam/config.yaml": someMap}, "both config.yml and config.yaml are in"},
		{"Terrateam's directory leads out", map[string]string{"r/.terrateam": "-> ../t", "t/config.yml": someMap}, "leads out of"},
		{"Terrateam's directory leads out by its full path", map[string]string{"r/.terrateam": "-> /etc"}, "leads out of"},
		{"Terrateam's file is a directory", map[string]string{"r/.terrateam/config.yml/": ""}, "is a directory"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := tree(t, tt.files)
			add(t, d, map[string]string{"r/.git/": "", "r/qa/": ""})
			refused(t, Search{Dir: filepath.Join(d, "r/qa")}, problem.BadMap, filepath.FromSlash(tt.says), filepath.Join(d, "r"))
		})
	}
}

// Without a repository a symlink must stay in the directory that holds it.
func TestSymlinkWithoutARepository(t *testing.T) {
	d := tree(t, map[string]string{"m/maps/a": someMap, "m/.whichrole.yaml": "-> maps/a", "m/out/.whichrole.yaml": "-> ../maps/a"})
	if f := mustFind(t, Search{Dir: filepath.Join(d, "m"), Home: d}); string(f.Data) != someMap {
		t.Errorf("%q", f.Data)
	}
	refused(t, Search{Dir: filepath.Join(d, "m/out"), Home: d}, problem.BadMap, "leads out of "+filepath.Join(d, "m/out"))
}

// A map that a broken one further down hides must not be taken instead of it.
func TestABrokenMapDoesNotFallThroughToTheNext(t *testing.T) {
	d := tree(t, map[string]string{"r/.git/": "", "r/.whichrole.yaml": someMap, "r/qa/.whichrole.yaml/": ""})
	refused(t, Search{Dir: filepath.Join(d, "r/qa")}, problem.BadMap, "is a directory")
}

func TestReadPolicy(t *testing.T) {
	d := tree(t, map[string]string{
		"r/.git/": "", "r/live/.whichrole.yaml": someMap, "r/live/policies/p.json": "{}", "r/secret.json": "secret",
		"r/live/in.json": "-> policies/p.json", "r/live/out.json": "-> ../secret.json", "r/live/abs.json": "-> " + filepath.FromSlash("/etc/hosts"),
		"r/live/dir": "-> ..", "r/live/big.json": strings.Repeat(" ", 20<<10+1), "r/live/limit.json": strings.Repeat(" ", 20<<10),
	})
	f := mustFind(t, Search{Dir: filepath.Join(d, "r/live")})
	for rel, says := range map[string]string{
		"policies/p.json": "", "in.json": "", "./in.json": "", "limit.json": "",
		"../secret.json": `without ".."`, "policies/../in.json": `without ".."`, "": "must be a path", "/etc/hosts": "must be a path",
		"out.json": "leads out of", "abs.json": "leads out of", "dir/secret.json": "leads out of",
		"big.json": "too large", "policies": "is a directory", ".": "is a directory", "gone.json": "does not exist", "in.json/x": "in.json",
	} {
		data, err := f.ReadPolicy(rel)
		if says == "" && err == nil {
			continue
		}
		if err == nil || says == "" || !strings.Contains(err.Error(), says) || problem.CodeOf(err) != problem.BadMap {
			t.Errorf("%q: %q, %v", rel, data, err)
		}
	}
}

// trust judges the policy files too, so it must be told each that was read, by the path that it was opened by.
func TestPoliciesThatWereReadAreTold(t *testing.T) {
	d := tree(t, map[string]string{
		"r/.git/": "", "r/.whichrole.yaml": someMap, "r/policies/p.json": "{}", "r/in.json": "-> policies/p.json", "r/out.json": "-> /etc/hosts",
	})
	f := mustFind(t, Search{Dir: filepath.Join(d, "r")})
	for _, rel := range []string{"in.json", "out.json", "gone.json", "./policies/p.json"} {
		f.ReadPolicy(rel)
	}
	if len(f.Policies) != 2 || short(d, f.Policies[0].Path) != "r/in.json" || short(d, f.Policies[1].Path) != "r/policies/p.json" {
		t.Fatalf("%v", f.Policies)
	}
	real, err := os.Lstat(filepath.Join(d, "r/policies/p.json"))
	check(t, err)
	for _, p := range f.Policies {
		if !os.SameFile(real, p.Info) {
			t.Errorf("%s: not what was opened", p.Path)
		}
	}
}

// On Windows such a symlink would send a hash of the user's password to a machine of the repository's choice. os.Root follows
// none that is absolute.
func TestSymlinkToAnotherMachine(t *testing.T) {
	for _, target := range []string{`//evil/share/m`, `\\evil\share\m`, `\\?\UNC\evil\share\m`, `//./UNC/evil/share/m`} {
		d := tree(t, map[string]string{
			"r/.git/": "", "r/.whichrole.yaml": someMap, "r/p.json": "-> " + target, "r/policies": "-> " + target,
			"r/map/.whichrole.yaml": "-> " + target, "r/hop/.whichrole.yaml": "-> ../p.json", "r/tt/.terrateam": "-> " + target,
		})
		says := "leads out of"
		if filepath.Separator == '/' && target[0] == '\\' {
			says = "leads nowhere" // a name like any other
		}
		f := mustFind(t, Search{Dir: filepath.Join(d, "r")})
		for _, rel := range []string{"p.json", "policies/x.json"} {
			if _, err := f.ReadPolicy(rel); problem.CodeOf(err) != problem.BadMap {
				t.Errorf("%s -> %s: %v", rel, target, err)
			}
		}
		for _, dir := range []string{"r/map", "r/hop"} {
			refused(t, Search{Dir: filepath.Join(d, dir)}, problem.BadMap, says)
			refused(t, Search{Dir: filepath.Join(d, "r"), Named: filepath.Join(d, dir, ".whichrole.yaml")}, problem.BadMap, says)
		}
		if _, err := terrateamIn(filepath.Join(d, "r"), filepath.Join(d, "r/tt")); says == "leads out of" && err == nil {
			t.Errorf("%s: .terrateam was followed", target)
		}
		for _, rel := range []string{target, "./" + target} {
			if _, err := f.ReadPolicy(rel); err == nil {
				t.Errorf("%s was read", rel)
			}
		}
	}
}
