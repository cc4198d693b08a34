package mapfile

import (
	"path/filepath"
	"strings"
	"testing"

	"whichrole/internal/problem"
)

func TestNamed(t *testing.T) {
	files := map[string]string{
		"r/.git/": "", "r/.whichrole.yaml": "in the way", "r/qa/vpc/": "", "r/roles.yaml": someMap, "r/live/m.yaml": someMap,
		"r/sub/.git": "gitdir: ../.git/modules/sub", "r/sub/production/": "", "r/maps/m.yaml": someMap,
		"maps/acme.yaml": someMap, "maps/link.yaml": "-> acme.yaml", "maps/.terrateam/config.yml": someMap,
		"plain/m.yaml": someMap, "plain/qa/": "", "to-roles.yaml": "-> r/roles.yaml",
	}
	tests := []struct{ name, from, named, path, root, dir string }{
		{"inside the repository", "r/qa/vpc", "r/roles.yaml", "r/roles.yaml", "r", "qa/vpc"},
		{"a symlink from outside into the repository", "r/qa", "to-roles.yaml", "r/roles.yaml", "r", "qa"},
		{"outside of it, patterns count from git's top", "r/qa/vpc", "maps/acme.yaml", "maps/acme.yaml", "r", "qa/vpc"},
		{"the user may use symlinks", "r/qa", "maps/link.yaml", "maps/link.yaml", "r", "qa"},
		{"Terrateam's, outside", "r/qa", "maps/.terrateam/config.yml", "maps/.terrateam/config.yml", "r", "qa"},
		{"in an outer repository, for a submodule", "r/sub/production", "r/roles.yaml", "r/roles.yaml", "r", "sub/production"},
		{"in an outer repository but beside the submodule", "r/sub/production", "r/maps/m.yaml", "r/maps/m.yaml", "r/sub", "production"},
		{"no git, above the directory", "plain/qa", "plain/m.yaml", "plain/m.yaml", "plain", "qa"},
		{"no git, elsewhere", "plain/qa", "maps/acme.yaml", "maps/acme.yaml", "plain/qa", "."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := tree(t, files)
			f := mustFind(t, Search{Dir: filepath.Join(d, tt.from), Named: filepath.Join(d, tt.named)})
			if short(d, f.Path) != tt.path || short(d, f.Root) != tt.root || f.Dir != tt.dir || f.How != Named {
				t.Errorf("path %s, root %s, dir %s, %v", f.Path, f.Root, f.Dir, f.How)
			}
			if f.Terrateam != strings.Contains(tt.named, ".terrateam") {
				t.Error("Terrateam", f.Terrateam)
			}
		})
	}
	d := tree(t, files)
	if f := mustFind(t, Search{Dir: filepath.Join(d, "r/live"), Named: "m.yaml"}); short(d, f.Path) != "r/live/m.yaml" || f.Dir != "." {
		t.Errorf("a relative name: %+v", f)
	}
	refused(t, Search{Dir: filepath.Join(d, "r/qa"), Named: filepath.Join(d, "r/live/m.yaml")}, problem.NoEnvironment,
		filepath.Join(d, "r/qa")+" lies outside of "+filepath.Join(d, "r/live"))
	refused(t, Search{Dir: filepath.Join(d, "r"), Named: filepath.Join(d, "gone.yaml")}, problem.BadMap, "gone.yaml does not exist")
	refused(t, Search{Dir: filepath.Join(d, "r"), Named: filepath.Join(d, "maps")}, problem.BadMap, "is a directory")
}

// WHICHROLE_MAP may name a file of the checkout; the checkout must not turn it into a file from elsewhere.
func TestNamedMapInsideTheRepositoryMustStayThere(t *testing.T) {
	d := tree(t, map[string]string{
		"r/.git/": "", "r/out.yaml": "-> ../m.yaml", "r/conf": "-> ../elsewhere", "m.yaml": someMap, "elsewhere/m.yaml": someMap,
		"link": "-> r", "r/sub/.git/": "",
	})
	for _, from := range []string{"r", "r/sub"} {
		for _, named := range []string{"r/out.yaml", "r/conf/m.yaml", "link/out.yaml", "link/conf/m.yaml"} {
			refused(t, Search{Dir: filepath.Join(d, from), Named: filepath.Join(d, named)}, problem.BadMap, "leads out of "+filepath.Join(d, "r"))
		}
	}
}

func gitConfig(origin string) string { return "[remote \"origin\"]\n\turl = " + origin + "\n" }

func TestRepositories(t *testing.T) {
	d := tree(t, map[string]string{
		"src/proj/.git/config": gitConfig("git@github.com:acme/infra.git"), "src/proj/.whichrole.yaml": "mine", "src/proj/live/qa/": "",
		"src/proj/sub/.git/config": gitConfig("git@github.com:evil/infra.git"), "src/proj/sub/.whichrole.yaml": "sub", "src/proj/sub/qa/": "",
		"src/proj-evil/.git/config": gitConfig("git@github.com:evil/infra.git"), "src/proj-evil/.whichrole.yaml": "evil", "src/proj-evil/qa/": "",
		"tarball/qa/": "", "maps/a.yaml": "a", "maps/b.yaml": "b", "maps/.terrateam/config.yml": "t", "link": "-> src/proj",
	})
	at := func(name string) string { return filepath.Join(d, filepath.FromSlash(name)) }
	byDir := func(dir, m string) Repository { return Repository{Dir: at(dir), Map: at(m)} }
	remote := Repository{Remote: "https://github.com/acme/infra", Map: at("maps/b.yaml")}
	tests := []struct {
		name, from      string
		entries         []Repository
		data, root, dir string
		how             How
	}{
		{"by directory", "src/proj/live/qa", []Repository{byDir("src/proj", "maps/a.yaml")}, "a", "src/proj", "live/qa", ByDirectory},
		{"the longest directory", "src/proj/live/qa", []Repository{byDir("src/proj/live", "maps/b.yaml"), byDir("src/proj", "maps/a.yaml")}, "b", "src/proj/live", "qa", ByDirectory},
		{"a directory above the repository", "src/proj/live/qa", []Repository{byDir("src", "maps/a.yaml")}, "a", "src", "proj/live/qa", ByDirectory},
		{"by its symlink", "src/proj/live/qa", []Repository{byDir("link", "maps/a.yaml")}, "a", "src/proj", "live/qa", ByDirectory},
		{"a sibling with a longer name is not covered", "src/proj-evil/qa", []Repository{byDir("src/proj", "maps/a.yaml")}, "evil", "src/proj-evil", "qa", Found},
		{"a directory that is gone", "src/proj/live/qa", []Repository{byDir("gone", "maps/a.yaml")}, "mine", "src/proj", "live/qa", Found},
		{"without git", "tarball/qa", []Repository{byDir("tarball", "maps/a.yaml"), remote}, "a", "tarball", "qa", ByDirectory},
		{"a map inside the repository counts from the directory all the same", "src/proj/live/qa", []Repository{byDir("src", "src/proj/.whichrole.yaml")}, "mine", "src", "proj/live/qa", ByDirectory},
		{"a submodule is part of the directory", "src/proj/sub/qa", []Repository{byDir("src/proj", "maps/a.yaml")}, "a", "src/proj", "sub/qa", ByDirectory},
		{"by remote", "src/proj/live/qa", []Repository{remote}, "b", "src/proj", "live/qa", ByRemote},
		{"a directory beats a remote", "src/proj/live/qa", []Repository{remote, byDir("src/proj", "maps/a.yaml")}, "a", "src/proj", "live/qa", ByDirectory},
		{"a submodule has its own remote", "src/proj/sub/qa", []Repository{remote}, "sub", "src/proj/sub", "qa", Found},
		{"another remote", "src/proj-evil/qa", []Repository{remote}, "evil", "src/proj-evil", "qa", Found},
		{"Terrateam's", "src/proj/live/qa", []Repository{byDir("src/proj", "maps/.terrateam/config.yml")}, "t", "src/proj", "live/qa", ByDirectory},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := mustFind(t, Search{Dir: at(tt.from), Repositories: tt.entries})
			if string(f.Data) != tt.data || short(d, f.Root) != tt.root || f.Dir != tt.dir || f.How != tt.how || f.Terrateam != (tt.data == "t") {
				t.Errorf("%q, root %s, dir %s, %v", f.Data, f.Root, f.Dir, f.How)
			}
		})
	}
	from := at("src/proj/live/qa")
	if f := mustFind(t, Search{Dir: from, Named: at("maps/b.yaml"), Repositories: []Repository{byDir("src/proj", "maps/a.yaml")}}); string(f.Data) != "b" {
		t.Errorf("--map comes first: %q", f.Data)
	}
	for _, two := range [][]Repository{
		{byDir("src/proj", "maps/a.yaml"), byDir("link", "maps/b.yaml")},
		{remote, {Remote: "git@github.com:acme/infra", Map: at("maps/a.yaml")}},
	} {
		refused(t, Search{Dir: from, Repositories: two}, problem.BadMap, "repositories: says two things of ")
	}
	refused(t, Search{Dir: from, Repositories: []Repository{byDir("src/proj", "gone.yaml")}}, problem.BadMap, "gone.yaml does not exist")
	refused(t, Search{Dir: from, Repositories: []Repository{{Dir: at("src"), Map: "maps/a.yaml"}}}, problem.BadMap, "absolute")
}
