package mapfile

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"whichrole/internal/problem"
)

func TestSearch(t *testing.T) {
	tests := []struct {
		name, from, path, root, dir, top string
		files                            map[string]string
	}{
		{"at the repository's top", "r/qa/vpc", "r/.whichrole.yaml", "r", "qa/vpc", "r",
			map[string]string{"r/.git/": "", "r/.whichrole.yaml": someMap, "r/qa/vpc/": ""}},
		{"from the top itself", "r", "r/.whichrole.yaml", "r", ".", "r",
			map[string]string{"r/.git/": "", "r/.whichrole.yaml": someMap}},
		{"the short name", "r/qa", "r/.whichrole.yml", "r", "qa", "r",
			map[string]string{"r/.git/": "", "r/.whichrole.yml": someMap, "r/qa/": ""}},
		{"the nearest", "r/live/qa", "r/live/.whichrole.yaml", "r/live", "qa", "r",
			map[string]string{"r/.git/": "", "r/.whichrole.yaml": someMap, "r/live/.whichrole.yaml": someMap, "r/live/qa/": ""}},
		{"without git", "r/qa", "r/.whichrole.yaml", "r", "qa", "",
			map[string]string{"r/.whichrole.yaml": someMap, "r/qa/": ""}},
		{"a worktree, whose .git is a file", "w/qa", "w/.whichrole.yaml", "w", "qa", "w",
			map[string]string{".whichrole.yaml": someMap, "w/.git": "gitdir: ../r/.git/worktrees/w\n", "w/.whichrole.yaml": someMap, "w/qa/": ""}},
		{"Terrateam", "r/qa", "r/.terrateam/config.yml", "r", "qa", "r",
			map[string]string{"r/.git/": "", "r/.terrateam/config.yml": someMap, "r/qa/": ""}},
		{"Terrateam's other name, without git", "r/qa", "r/.terrateam/config.yaml", "r", "qa", "",
			map[string]string{"r/.terrateam/config.yaml": someMap, "r/qa/": ""}},
		{"a vendored Terrateam configuration does not hide the map", "r/vendor/x", "r/.whichrole.yaml", "r", "vendor/x", "r",
			map[string]string{"r/.git/": "", "r/.whichrole.yaml": someMap, "r/vendor/x/.terrateam/config.yml": someMap}},
		{"a file called .terrateam", "r/qa", "r/.terrateam/config.yml", "r", "qa", "r",
			map[string]string{"r/.git/": "", "r/.terrateam/config.yml": someMap, "r/qa/.terrateam": "junk"}},
		{"a symlink inside the repository", "r/qa", "r/qa/.whichrole.yaml", "r/qa", ".", "r",
			map[string]string{"r/.git/": "", "r/maps/m.yaml": someMap, "r/qa/.whichrole.yaml": "-> ../maps/m.yaml"}},
		{"Terrateam's directory as a symlink inside the repository", "r/qa", "r/.terrateam/config.yml", "r", "qa", "r",
			map[string]string{"r/.git/": "", "r/ci/config.yml": someMap, "r/.terrateam": "-> ci", "r/qa/": ""}},
		{"a name with spaces and a dash", "r/-x y", "r/.whichrole.yaml", "r", "-x y", "r",
			map[string]string{"r/.git/": "", "r/.whichrole.yaml": someMap, "r/-x y/": ""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := tree(t, tt.files)
			f := mustFind(t, Search{Dir: filepath.Join(d, tt.from)})
			if short(d, f.Path) != tt.path || short(d, f.Root) != tt.root || f.Dir != tt.dir || short(d, f.Top) != tt.top {
				t.Errorf("path %s, root %s, dir %s, top %s", f.Path, f.Root, f.Dir, f.Top)
			}
			if f.How != Found || f.Terrateam != strings.Contains(tt.path, ".terrateam") || string(f.Data) != someMap {
				t.Errorf("%v, Terrateam %v, %q", f.How, f.Terrateam, f.Data)
			}
			if f.Info.Size() != int64(len(someMap)) || short(d, f.Physical) != tt.from {
				t.Errorf("size %d, physical %s", f.Info.Size(), f.Physical)
			}
		})
	}
}

// With a trusted path whoever may write qa/ could have given it production's role.
func TestTerrateamsConfigurationIsTheOneAtTheRepositorysTop(t *testing.T) {
	d := tree(t, map[string]string{"r/.git/": "", "r/.terrateam/config.yml": someMap, "r/qa/.terrateam/config.yml": "evil", "n/a/.terrateam/config.yml": someMap, "n/a/b/": "", "m/.git/": "", "m/qa/.terrateam/config.yml": "evil"})
	for from, want := range map[string]string{"r/qa": "r/.terrateam/config.yml", "n/a/b": "n/a/.terrateam/config.yml"} {
		if f := mustFind(t, Search{Dir: filepath.Join(d, from), Home: d}); short(d, f.Path) != want {
			t.Errorf("%s: %s", from, f.Path)
		}
	}
	refused(t, Search{Dir: filepath.Join(d, "m/qa"), Home: d}, problem.NoEnvironment, "no role map")
}

func TestSymlinkedMapKeepsItsOwnPathForTrust(t *testing.T) {
	d := tree(t, map[string]string{"r/.git/": "", "r/maps/m.yaml": someMap, "r/a/.whichrole.yaml": "-> ../maps/m.yaml", "r/b/.whichrole.yaml": "-> ../maps/m.yaml"})
	a, b := mustFind(t, Search{Dir: filepath.Join(d, "r/a")}), mustFind(t, Search{Dir: filepath.Join(d, "r/b")})
	if short(d, a.Path) != "r/a/.whichrole.yaml" || short(d, b.Path) != "r/b/.whichrole.yaml" || string(a.Data) != string(b.Data) {
		t.Errorf("%s and %s: the approval of one would serve the other", a.Path, b.Path)
	}
}

func TestSymlinkedWorkingDirectory(t *testing.T) {
	d := tree(t, map[string]string{
		"r/.git/": "", "r/.whichrole.yaml": someMap, "r/production/vpc/": "",
		"other/.git/": "", "other/.whichrole.yaml": "evil", "other/qa": "-> ../r/production",
	})
	f := mustFind(t, Search{Dir: filepath.Join(d, "other/qa/vpc")})
	if short(d, f.Path) != "r/.whichrole.yaml" || f.Dir != "production/vpc" || short(d, f.Physical) != "r/production/vpc" {
		t.Errorf("%+v", f)
	}
}

func TestTerragruntCacheTwiceIsCutAtTheOutermost(t *testing.T) {
	const deep = "r/qa/vpc/.terragrunt-cache/a/b/m/.terragrunt-cache/c/d"
	d := tree(t, map[string]string{
		"r/.git/": "", "r/.whichrole.yaml": someMap, deep + "/": "",
		"r/qa/vpc/.terragrunt-cache/a/b/.git/": "", "r/qa/vpc/.terragrunt-cache/a/b/.whichrole.yaml": "a copy",
	})
	f := mustFind(t, Search{Dir: filepath.Join(d, deep)})
	if short(d, f.Path) != "r/.whichrole.yaml" || f.Dir != "qa/vpc" || short(d, f.Physical) != deep || short(d, f.Top) != "r" {
		t.Errorf("%+v", f)
	}
	for from, want := range map[string]string{
		"/a/.terragrunt-cache": "/a", "/a/.terragrunt-cache/b": "/a", "/.terragrunt-cache/b": "/", "/a/.terragrunt-cache2/b": "/a/.terragrunt-cache2/b",
		"/a/x.terragrunt-cache/b": "/a/x.terragrunt-cache/b", "/": "/",
	} {
		if got := filepath.ToSlash(Cut(filepath.FromSlash(from))); got != want {
			t.Errorf("%s is cut to %s", from, got)
		}
	}
}

func TestNestedRepositoryEndsTheSearch(t *testing.T) {
	d := tree(t, map[string]string{
		"r/.git/": "", "r/.whichrole.yaml": someMap, "r/vendor/x/.git/": "", "r/vendor/x/production/": "",
		"r/sub/.git": "gitdir: ../.git/modules/sub\n", "r/sub/production/": "",
	})
	for _, dir := range []string{"r/vendor/x", "r/sub"} {
		refused(t, Search{Dir: filepath.Join(d, dir, "production")}, problem.NoEnvironment,
			"from "+filepath.Join(d, dir, "production")+" up to "+filepath.Join(d, dir), "the repository's top")
	}
}

func TestSearchEndsAtHome(t *testing.T) {
	d := tree(t, map[string]string{".whichrole.yaml": "planted", "home/.whichrole.yaml": "planted", "home/me/src/": "", "me": "-> home/me"})
	for _, home := range []string{"home/me", "me"} { // HOME may itself be a symlink
		refused(t, Search{Dir: filepath.Join(d, "home/me/src"), Home: filepath.Join(d, home)}, problem.NoEnvironment,
			"up to "+filepath.Join(d, "home/me")+" (the home directory)")
		refused(t, Search{Dir: filepath.Join(d, "home/me"), Home: filepath.Join(d, home)}, problem.NoEnvironment, "the home directory")
	}
	add(t, d, map[string]string{"home/me/.whichrole.yaml": someMap})
	if f := mustFind(t, Search{Dir: filepath.Join(d, "home/me/src"), Home: filepath.Join(d, "me")}); f.Dir != "src" {
		t.Errorf("%+v", f)
	}
}

func TestMapInAParentOfHomeIsNotObeyed(t *testing.T) {
	d := tree(t, map[string]string{"home/.whichrole.yaml": "planted", "home/.git/": "", "home/me/": "", "home/other/qa/": "", "home/me2/": ""})
	for _, from := range []string{"home/other/qa", "home/me2"} {
		refused(t, Search{Dir: filepath.Join(d, from), Home: filepath.Join(d, "home/me")}, problem.NoEnvironment,
			filepath.Join(d, "home")+" is never searched: it lies above the home directory")
	}
	refused(t, Search{Dir: filepath.Join(d, "home"), Home: filepath.Join(d, "home/me")}, problem.NoEnvironment, "never searched")
}

func TestTheRootDirectoryIsNeverSearched(t *testing.T) {
	root := filepath.VolumeName(t.TempDir()) + string(filepath.Separator)
	refused(t, Search{Dir: root}, problem.NoEnvironment, "it is the root directory")
}

func TestNothingFoundSaysWhatToDo(t *testing.T) {
	d := tree(t, map[string]string{"r/.git/": "", "r/qa/.terragrunt-cache/x/": "", "r/copy/.terragrunt-module-manifest": ""})
	for from, hint := range map[string]string{"r": "whichrole init -C", "r/qa": "whichrole init -C", "r/qa/.terragrunt-cache/x": "WHICHROLE_DIR", "r/copy": "WHICHROLE_DIR"} {
		_, err := Find(Search{Dir: filepath.Join(d, from)})
		p, ok := errors.AsType[*problem.Error](err)
		if !ok || p.Code != problem.NoEnvironment || !strings.Contains(p.Hint, hint) || !strings.Contains(p.Message, ".whichrole.yaml") {
			t.Errorf("%s: %v, hint %q", from, err, p.Hint)
		}
	}
}

// A hint is pasted: init would refuse a place that is never searched, and a shell the words before a command.
func TestHintOfAPlaceWithoutAMapCanBePasted(t *testing.T) {
	d := tree(t, map[string]string{"r/.git/": "", "r/qa/": ""})
	root := filepath.VolumeName(d) + string(filepath.Separator)
	for from, want := range map[string]string{root: "cd to your repository", filepath.Join(d, "r/qa"): "whichrole init -C " + problem.Quote(filepath.Join(d, "r"))} {
		if _, err := Find(Search{Dir: from}); problem.HintOf(err) != want {
			t.Errorf("%s: %v, hint %q", from, err, problem.HintOf(err))
		}
		if _, _, err := Root(from, ""); (err == nil) != strings.HasPrefix(want, "whichrole init") {
			t.Errorf("init in %s: %v", from, err)
		}
	}
}

// An IDE that was started from the desktop asks from HOME, or on macOS from the root directory.
func TestProgramThatWasStartedInHomeIsToldSo(t *testing.T) {
	d := tree(t, map[string]string{"home/me/infra/": ""})
	home := filepath.Join(d, "home/me")
	for from, told := range map[string]bool{home: true, filepath.Dir(home): true, filepath.VolumeName(d) + string(filepath.Separator): true, filepath.Join(home, "infra"): false} {
		_, err := Find(Search{Dir: from, Home: home})
		if hint := problem.HintOf(err); strings.Contains(hint, "IDE") != told {
			t.Errorf("%s: hint %q", from, hint)
		}
	}
}

func TestDirectoryThatIsNone(t *testing.T) {
	d := tree(t, map[string]string{"file": "", "loop": "-> loop"})
	for _, dir := range []string{"gone", "file", "file/x", "loop"} {
		refused(t, Search{Dir: filepath.Join(d, dir)}, problem.Usage, "cannot enter "+filepath.Join(d, strings.TrimSuffix(dir, "/x")))
	}
	refused(t, Search{Dir: "relative"}, problem.Failure, "not absolute")
}

func TestSpelling(t *testing.T) {
	d := tree(t, map[string]string{"r/production/vpc/": "", "r/qa/": "", "r/Production": "-> production"})
	r := filepath.Join(d, "r")
	// A symlink stands for the second spelling that macOS would open.
	if got := spelling(r, "Production", []string{"qa", "production"}); got != "production" {
		t.Error(got)
	}
	if got := spelling(r, "gone", []string{"qa"}); got != "gone" {
		t.Error(got)
	}
	if got := asOnDisk(r, filepath.Join("production", "vpc")); got != filepath.Join("production", "vpc") {
		t.Error(got)
	}
	if got := asOnDisk(r, "."); got != "." {
		t.Error(got)
	}
}

func BenchmarkFind(b *testing.B) {
	d := tree(b, map[string]string{"r/.git/": "", "r/.whichrole.yaml": someMap, "r/live/payments/eu-west-1/vpc/": ""})
	s := Search{Dir: filepath.Join(d, "r/live/payments/eu-west-1/vpc"), Home: d}
	for b.Loop() {
		mustFind(b, s)
	}
}
