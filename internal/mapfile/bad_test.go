package mapfile

import (
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

func TestReadTerrateam(t *testing.T) {
	d := tree(t, map[string]string{
		"r/.git/": "", "r/.whichrole.yaml": someMap, "r/.terrateam/config.yaml": "t", "r/sub/.whichrole.yaml": someMap,
		"r/bad/.whichrole.yaml": someMap, "r/bad/.terrateam": "-> ../../out", "out/config.yml": "evil", "out/.terrateam/config.yml": "o", "out/m.yaml": someMap,
	})
	path, data, err := mustFind(t, Search{Dir: filepath.Join(d, "r")}).ReadTerrateam()
	if err != nil || short(d, path) != "r/.terrateam/config.yaml" || string(data) != "t" {
		t.Error(path, data, err)
	}
	for dir, says := range map[string]string{"r/sub": "no .terrateam/config.yml to import", "r/bad": "leads out of"} {
		if _, _, err := mustFind(t, Search{Dir: filepath.Join(d, dir)}).ReadTerrateam(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", dir, err)
		}
	}
	outside := mustFind(t, Search{Dir: filepath.Join(d, "r"), Named: filepath.Join(d, "out/m.yaml")})
	if _, data, err := outside.ReadTerrateam(); err != nil || string(data) != "o" {
		t.Error(data, err)
	}
}

func TestTops(t *testing.T) {
	d := tree(t, map[string]string{"r/.git/": "", "r/v/x/.git/": "", "r/v/x/live/.whichrole.yaml": someMap})
	tops := mustFind(t, Search{Dir: filepath.Join(d, "r/v/x/live")}).Tops()
	if len(tops) < 2 || short(d, tops[0]) != "r/v/x" || short(d, tops[1]) != "r" {
		t.Error(tops)
	}
}
