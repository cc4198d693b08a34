package mapfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"whichrole/internal/problem"
)

func TestNamedTerrateam(t *testing.T) {
	files := map[string]string{
		"r/.git/": "", "r/.whichrole.yaml": "in the way", "r/.terrateam/config.yml": someMap, "r/.terrateam/other.yml": someMap,
		"r/live/.terrateam/config.yaml": someMap, "r/live/qa/": "", "r/qa/vpc/": "", "r/tt": "-> .terrateam", "r/terrateam/config.yml": someMap,
		"r/linked/.terrateam": "-> ../ci", "r/ci/config.yml": someMap, "r/linked/qa/": "", "r/sub/.git": "gitdir: x", "r/sub/qa/": "",
		"plain/.terrateam/config.yml": someMap, "plain/qa/": "", "maps/.terrateam/config.yml": someMap, "other/qa/": "",
	}
	tests := []struct {
		name, from, named, path, root, dir string
		own                                bool // no Terrateam configuration
	}{
		{name: "of the repository", from: "r/qa/vpc", named: "r/.terrateam/config.yml", path: "r/.terrateam/config.yml", root: "r", dir: "qa/vpc"},
		{name: "from its directory", from: "r/.terrateam", named: "r/.terrateam/config.yml", path: "r/.terrateam/config.yml", root: "r", dir: ".terrateam"},
		{name: "further down, the other name", from: "r/live/qa", named: "r/live/.terrateam/config.yaml", path: "r/live/.terrateam/config.yaml", root: "r/live", dir: "qa"},
		{name: "through a symlink to .terrateam", from: "r/qa", named: "r/tt/config.yml", path: "r/.terrateam/config.yml", root: "r", dir: "qa"},
		{name: ".terrateam is a symlink", from: "r/linked/qa", named: "r/linked/.terrateam/config.yml", path: "r/linked/.terrateam/config.yml", root: "r/linked", dir: "qa"},
		{name: "of the outer repository, for a submodule", from: "r/sub/qa", named: "r/.terrateam/config.yml", path: "r/.terrateam/config.yml", root: "r", dir: "sub/qa"},
		{name: "elsewhere, for a repository", from: "r/qa", named: "maps/.terrateam/config.yml", path: "maps/.terrateam/config.yml", root: "r", dir: "qa"},
		{name: "above, without git", from: "plain/qa", named: "plain/.terrateam/config.yml", path: "plain/.terrateam/config.yml", root: "plain", dir: "qa"},
		{name: "elsewhere, without git", from: "other/qa", named: "maps/.terrateam/config.yml", path: "maps/.terrateam/config.yml", root: "other/qa", dir: "."},
		{name: "another name in .terrateam", from: "r/.terrateam", named: "r/.terrateam/other.yml", path: "r/.terrateam/other.yml", root: "r/.terrateam", dir: ".", own: true},
		{name: "another directory", from: "r/terrateam", named: "r/terrateam/config.yml", path: "r/terrateam/config.yml", root: "r/terrateam", dir: ".", own: true},
	}
	d := tree(t, files)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			from, named := filepath.Join(d, tt.from), filepath.Join(d, tt.named)
			relative, err := filepath.Rel(from, named)
			check(t, err)
			for _, name := range []string{named, relative} {
				f := mustFind(t, Search{Dir: from, Named: name})
				if short(d, f.Path) != tt.path || short(d, f.Root) != tt.root || f.Dir != tt.dir || f.How != Named || f.Terrateam == tt.own {
					t.Errorf("%s: path %s, root %s, dir %s, %v, Terrateam %v", name, f.Path, f.Root, f.Dir, f.How, f.Terrateam)
				}
			}
		})
	}
	refused(t, Search{Dir: filepath.Join(d, "r/qa"), Named: filepath.Join(d, "r/live/.terrateam/config.yaml")}, problem.NoEnvironment,
		"lies outside of "+filepath.Join(d, "r/live"))
}

func TestTerrateamUnderRepositories(t *testing.T) {
	d := tree(t, map[string]string{
		"src/proj/.git/config": gitConfig("git@github.com:acme/infra.git"), "src/proj/.whichrole.yaml": "mine", "src/proj/live/qa/": "",
		"maps/.terrateam/config.yaml": "t", "src/proj/.terrateam/config.yml": "own",
	})
	at := func(name string) string { return filepath.Join(d, filepath.FromSlash(name)) }
	tests := []struct {
		name            string
		entry           Repository
		data, root, dir string
		how             How
	}{
		{"by directory", Repository{Dir: at("src/proj/live"), Map: at("maps/.terrateam/config.yaml")}, "t", "src/proj/live", "qa", ByDirectory},
		{"by remote", Repository{Remote: "github.com/acme/infra", Map: at("maps/.terrateam/config.yaml")}, "t", "src/proj", "live/qa", ByRemote},
		{"its own, from above", Repository{Dir: at("src"), Map: at("src/proj/.terrateam/config.yml")}, "own", "src", "proj/live/qa", ByDirectory},
	}
	for _, tt := range tests {
		f := mustFind(t, Search{Dir: at("src/proj/live/qa"), Repositories: []Repository{tt.entry}})
		if string(f.Data) != tt.data || short(d, f.Root) != tt.root || f.Dir != tt.dir || f.How != tt.how || !f.Terrateam {
			t.Errorf("%s: %q, root %s, dir %s, %v, Terrateam %v", tt.name, f.Data, f.Root, f.Dir, f.How, f.Terrateam)
		}
	}
}

func TestReadBeside(t *testing.T) {
	tests := []struct {
		name, from, named, path string
		files                   map[string]string
	}{
		{"at the repository's top", "r/qa", "", "r/.terrateam/config.yml", map[string]string{"r/.git/": "", "r/.whichrole.yaml": someMap, "r/.terrateam/config.yml": "t"}},
		{"the other name", "r/qa", "", "r/.terrateam/config.yaml", map[string]string{"r/.git/": "", "r/.whichrole.yaml": someMap, "r/.terrateam/config.yaml": "t"}},
		{"beside the map, not at the top", "r/live/qa", "", "r/live/.terrateam/config.yml",
			map[string]string{"r/.git/": "", "r/.terrateam/config.yml": "wrong", "r/live/.whichrole.yml": someMap, "r/live/.terrateam/config.yml": "t"}},
		{"a symlink inside the repository", "r/live/qa", "", "r/live/.terrateam/config.yml",
			map[string]string{"r/.git/": "", "r/ci/config.yml": "t", "r/live/.whichrole.yaml": someMap, "r/live/.terrateam": "-> ../ci"}},
		{"beside the link, where the map is one", "r/live/qa", "", "r/live/.terrateam/config.yml",
			map[string]string{"r/.git/": "", "r/maps/m.yaml": someMap, "r/maps/.terrateam/config.yml": "wrong", "r/live/.whichrole.yaml": "-> ../maps/m.yaml", "r/live/.terrateam/config.yml": "t"}},
		{"without git", "r/qa", "", "r/.terrateam/config.yml", map[string]string{"r/.whichrole.yaml": someMap, "r/.terrateam/config.yml": "t"}},
		{"a map kept elsewhere", "r/qa", "maps/m.yaml", "maps/.terrateam/config.yml",
			map[string]string{"r/.git/": "", "r/.terrateam/config.yml": "wrong", "maps/m.yaml": someMap, "maps/.terrateam/config.yml": "t"}},
		{"a map kept elsewhere, a symlink below it", "r/qa", "maps/m.yaml", "maps/.terrateam/config.yml",
			map[string]string{"r/.git/": "", "maps/m.yaml": someMap, "maps/.terrateam": "-> t", "maps/t/config.yml": "t"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := tree(t, tt.files)
			add(t, d, map[string]string{tt.from + "/": ""})
			s := Search{Dir: filepath.Join(d, tt.from)}
			if tt.named != "" {
				s.Named = filepath.Join(d, tt.named)
			}
			b, err := mustFind(t, s).ReadBeside()
			if err != nil || string(b.Data) != "t" || short(d, b.Path) != tt.path {
				t.Fatalf("%+v, %v", b, err)
			}
			if now, err := os.Stat(filepath.Join(d, tt.path)); err != nil || !os.SameFile(now, b.Info) {
				t.Error("Info is not of what was opened")
			}
		})
	}
}

func TestWhatIsNotBeside(t *testing.T) {
	big := strings.Repeat("# padding\n", 1<<20/10+1)
	tests := []struct {
		name  string
		files map[string]string
		says  string
	}{
		{"nothing", nil, "r/live/.whichrole.yaml says import: terrateam, but there is no .terrateam/config.yml in "},
		{"only at the top", map[string]string{"r/.terrateam/config.yml": "t"}, "there is no .terrateam/config.yml in "},
		{"a directory without it", map[string]string{"r/live/.terrateam/": ""}, "there is no .terrateam/config.yml in "},
		{"a file called .terrateam", map[string]string{"r/live/.terrateam": "t"}, "there is no .terrateam/config.yml in "},
		{"both", map[string]string{"r/live/.terrateam/config.yml": "t", "r/live/.terrateam/config.yaml": "t"}, "both config.yml and config.yaml are in"},
		{"a directory", map[string]string{"r/live/.terrateam/config.yml/": ""}, "is a directory, not a file"},
		{"over 1 MiB", map[string]string{"r/live/.terrateam/config.yml": big}, "is too large"},
		{"a symlink out", map[string]string{"r/live/.terrateam/config.yml": "-> ../../../secret"}, "leads out of"},
		{"an absolute symlink", map[string]string{"r/live/.terrateam/config.yml": "-> /etc/passwd"}, "leads out of"},
		{"a device", map[string]string{"r/live/.terrateam/config.yml": "-> /dev/zero"}, "leads out of"},
		{"the directory leads out", map[string]string{"r/live/.terrateam": "-> ../../elsewhere"}, "leads out of"},
		{"the directory leads to another machine", map[string]string{"r/live/.terrateam": "-> //evil/share/t"}, "leads out of"},
		{"the file leads to another machine", map[string]string{"r/live/.terrateam/config.yml": "-> //evil/share/t"}, "leads out of"},
		{"to nowhere", map[string]string{"r/live/.terrateam/config.yml": "-> gone"}, "is a symlink that leads nowhere"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := tree(t, tt.files)
			add(t, d, map[string]string{"r/.git/": "", "r/live/.whichrole.yaml": someMap, "secret": "s3cr3t", "elsewhere/config.yml": "s3cr3t"})
			b, err := mustFind(t, Search{Dir: filepath.Join(d, "r/live")}).ReadBeside()
			if err == nil || !strings.Contains(filepath.ToSlash(err.Error()), tt.says) || problem.CodeOf(err) != problem.BadMap {
				t.Errorf("%+v, %v", b, err)
			}
		})
	}
}

// A map outside of every repository is the user's own, but what lies beside it was not named by him.
func TestBesideAMapKeptElsewhereStaysThere(t *testing.T) {
	d := tree(t, map[string]string{
		"r/.git/": "", "maps/m.yaml": someMap, "maps/.terrateam/config.yml": "-> ../../secret", "secret": "s3cr3t",
		"home/m.yaml": someMap, "home/.terrateam": "-> ../elsewhere", "elsewhere/config.yml": "s3cr3t",
	})
	for _, m := range []string{"maps", "home"} {
		f := mustFind(t, Search{Dir: filepath.Join(d, "r"), Named: filepath.Join(d, m, "m.yaml")})
		if b, err := f.ReadBeside(); err == nil || !strings.Contains(err.Error(), "leads out of "+filepath.Join(d, m)) {
			t.Errorf("%s: %+v, %v", m, b, err)
		}
	}
}
