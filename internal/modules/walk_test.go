package modules

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"whichrole/internal/problem"
)

const aws = "provider \"aws\" {}\n"

// search finds what is below top/root, and is the modules' directories and the notes.
func search(t *testing.T, top, root string, l limits) (dirs, notes []string) {
	t.Helper()
	found, err := find(context.Background(), Search{Root: filepath.Join(top, filepath.FromSlash(root)), Top: top}, l)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range found.Modules {
		dirs = append(dirs, m.Dir)
	}
	for _, n := range found.Notes {
		notes = append(notes, fmt.Sprintf("%s:%d: %s", n.File, n.Line, n.Text))
	}
	return dirs, notes
}

func expect(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func repository(t *testing.T, files map[string]string) (top string) {
	t.Helper()
	top = t.TempDir()
	for name, text := range files {
		write(t, top, name, text)
	}
	return top
}

func TestWhatIsLeftOut(t *testing.T) {
	top := repository(t, map[string]string{
		".git/HEAD": "", ".git/x/main.tf": aws, ".git/info/exclude": "/private\n", ".gitignore": "build/\n*_gen.tf\n!/infra/keep/build\n",
		"main.tf": aws, "infra/qa/main.tf": aws, "infra/qa/.terraform/modules/x/main.tf": aws, "infra/qa/.terragrunt-cache/x/main.tf": aws, "node_modules/x/main.tf": aws,
		"build/main.tf": aws, "infra/build/x/main.tf": aws, "infra/keep/build/main.tf": aws, "infra/gen/x_gen.tf": aws, "private/main.tf": aws, "infra/private/main.tf": aws,
		"infra/.gitignore": "old\n", "infra/old/main.tf": aws, "infra/qa/old/main.tf": aws, "old/main.tf": aws, ".github/main.tf": aws,
		"vendor/other/.git/HEAD": "", "vendor/other/main.tf": aws, "vendor/submodule/.git": "gitdir: ../../.git/modules/x", "vendor/submodule/deep/main.tf": aws,
	})
	repos := []string{"vendor/other:0: is another git repository: left out", "vendor/submodule:0: is another git repository: left out"}
	dirs, notes := search(t, top, ".", usual())
	expect(t, "from the top", dirs, ".", ".github", "infra/keep/build", "infra/private", "infra/qa", "old")
	expect(t, "notes", notes, repos...)

	dirs, notes = search(t, top, "infra", usual())
	expect(t, "from infra, with the rules above it", dirs, "keep/build", "private", "qa")
	expect(t, "notes", notes)

	dirs, _ = search(t, top, "infra/qa", usual())
	expect(t, "from infra/qa, with the rules above it", dirs, ".")

	found, err := Find(context.Background(), Search{Root: top, Top: filepath.Join(top, "infra")})
	if err != nil || len(found.Modules) != 12 {
		t.Errorf("without a repository around it nothing is ignored: %+v %v", found, err)
	}
}

// A map in a directory that git ignores was put there on purpose.
func TestRootItselfIsNeverIgnored(t *testing.T) {
	top := repository(t, map[string]string{".gitignore": "/private\n", "private/main.tf": aws, "private/qa/main.tf": aws})
	dirs, _ := search(t, top, "private", usual())
	expect(t, "private", dirs, ".", "qa")
	if m, found, err := Read(filepath.Join(top, "private")); err != nil || !found || m.File != "main.tf" {
		t.Errorf("%+v %v %v", m, found, err)
	}
}

func TestSymlinkedDirectoriesAreNotFollowed(t *testing.T) {
	top := repository(t, map[string]string{"a/main.tf": aws, "common/provider.tf": "\n" + aws, "linked/x.txt": "", "b/x.txt": ""})
	link(t, top, "loop", ".")
	link(t, top, "a/up", "..")
	link(t, top, "twin", "a")
	link(t, top, "linked/provider.tf", "../common/provider.tf")
	link(t, top, "b/dir.tf", "../a")
	link(t, top, "b/gone.tf", "nowhere")
	link(t, top, "b/self.tf", "self.tf")
	dirs, notes := search(t, top, ".", usual())
	expect(t, "modules", dirs, "a", "common", "linked")
	if len(notes) != 3 || !strings.HasPrefix(notes[0], "b/dir.tf:0: is not a regular file") || !strings.HasPrefix(notes[1], "b/gone.tf:0: cannot be read: ") || !strings.HasPrefix(notes[2], "b/self.tf:0: ") {
		t.Errorf("%q", notes)
	}
	write(t, top, ".git/HEAD", "")
	if m, found, err := Read(filepath.Join(top, "linked")); err != nil || !found || m.File != "provider.tf" || m.Line != 2 {
		t.Errorf("a file that is linked from elsewhere in the repository: %+v %v %v", m, found, err)
	}
}

func link(t *testing.T, top, name, target string) {
	t.Helper()
	if err := os.Symlink(filepath.FromSlash(target), filepath.Join(top, filepath.FromSlash(name))); err != nil {
		t.Fatal(err)
	}
}

// Each limit is told where it is met, and all before it is found.
func TestLimits(t *testing.T) {
	top := repository(t, map[string]string{
		".gitignore": "x1\nx2\nx3\n", "a/main.tf": aws, "a/b/main.tf": aws, "a/b/c/main.tf": aws, "a/b/c/d/main.tf": aws, "e/main.tf": aws, "x1/main.tf": aws,
	})
	for name, tt := range map[string]struct {
		change func(*limits)
		dirs   []string
		note   string
	}{
		"none":    {func(*limits) {}, []string{"a", "a/b", "a/b/c", "a/b/c/d", "e"}, ""},
		"depth":   {func(l *limits) { l.depth = 2 }, []string{"a", "a/b", "e"}, "a/b:0: what lies below is too deep: not read"},
		"dirs":    {func(l *limits) { l.dirs = 1 }, nil, ".:0: there are more than 1 directories: not all were read"},
		"listing": {func(l *limits) { l.listing = 1 }, nil, ".:0: has more than 1 entries: not all were read"},
		"bytes":   {func(l *limits) { l.bytes = 10 }, nil, ".:0: there is too much to read: not all files were"},
		"parsed":  {func(l *limits) { l.parsed = 10 }, nil, ".:0: there is too much to read: not all files were"},
		"one's":   {func(l *limits) { l.directory = 10 }, nil, "a/b/c/d:0: has too much configuration: not all of it was read"},
		"rules":   {func(l *limits) { l.rules = 2 }, []string{"a", "a/b", "a/b/c", "a/b/c/d", "e", "x1"}, ".gitignore:0: git's ignore rules here and above are more than 2: those of this file are left out"},
		"effort":  {func(l *limits) { l.effort = 0 }, []string{"a", "a/b", "a/b/c", "a/b/c/d", "e", "x1"}, ".:0: git's ignore rules take too long: they are left out in part, so ignored directories may be listed"},
		"files":   {func(l *limits) { l.files = 0 }, nil, "a/b/c/d:0: has too many configuration files: not all were read"},
	} {
		l := usual()
		tt.change(&l)
		dirs, notes := search(t, top, ".", l)
		if name != "listing" { // which one is listed depends on the system
			expect(t, name, dirs, tt.dirs...)
		}
		if tt.note == "" && len(notes) > 0 || tt.note != "" && !slices.Contains(notes, tt.note) {
			t.Errorf("%s: %q, want %q", name, notes, tt.note)
		}
	}
}

func TestAHundredNotesAreEnough(t *testing.T) {
	top := t.TempDir()
	for i := range 150 {
		write(t, top, fmt.Sprintf("%03d/main.tf", i), aws+"{")
	}
	_, notes := search(t, top, ".", usual())
	if len(notes) != 100 || notes[0] != "000/main.tf:2: syntax error" || notes[98] != "098/main.tf:2: syntax error" || notes[99] != ".:0: 51 more notes are left out" {
		t.Errorf("%d: %q", len(notes), notes)
	}
}

func TestAnInterruptedSearchEnds(t *testing.T) {
	top := t.TempDir()
	for i := range 300 {
		write(t, top, fmt.Sprintf("%d/main.tf", i), aws)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r, err := newReader(ctx, top, top, usual())
	if err != nil {
		t.Fatal(err)
	}
	defer r.top.Close()
	w := newWalk(r, false)
	w.visit(place{rel: "."})
	cancel()
	if err := w.run(nil); !errors.Is(err, context.Canceled) || w.dirs.Load() > 50 {
		t.Errorf("%v after %d directories", err, w.dirs.Load())
	}
	d, err := r.open("0") // many large files may be left in the directory that is at hand
	if err != nil {
		t.Fatal(err)
	}
	defer d.root.Close()
	entries, _, err := d.list(10)
	if err != nil || len(entries) != 1 || d.load(entries[0]) != nil {
		t.Errorf("a file was read: %v %v", entries, err)
	}
	if body := (&source{data: []byte(aws)}).parse(r); len(blocks(body, blockOf("provider", "name"))) > 0 {
		t.Error("a file was parsed")
	}
	if found, err := Find(ctx, Search{Root: top}); found != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("%v %v", found, err)
	}
}

func TestProgressIsToldUntilTheEnd(t *testing.T) {
	var w walk
	w.dirs.Store(42)
	var calls atomic.Int64
	called := make(chan int, 1000)
	stop := w.report(func(dirs int) { calls.Add(1); called <- dirs })
	select {
	case dirs := <-called:
		if dirs != 42 {
			t.Errorf("%d", dirs)
		}
	case <-time.After(20 * time.Second):
		t.Error("nothing was told")
	}
	stop()
	n := calls.Load()
	time.Sleep(250 * time.Millisecond)
	if calls.Load() != n {
		t.Error("told after the end")
	}
}

func TestRootThatCannotBeRead(t *testing.T) {
	gone := filepath.Join(t.TempDir(), "gone")
	_, err := Find(context.Background(), Search{Root: gone})
	if p, ok := errors.AsType[*problem.Error](err); !ok || !strings.HasPrefix(p.Message, "cannot read "+gone+": ") || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
	_, found, err := Read(gone)
	if p, ok := errors.AsType[*problem.Error](err); !ok || found || !strings.HasPrefix(p.Message, "cannot read "+gone+": ") {
		t.Errorf("%v %v", found, err)
	}
}

// The nearest map wins: what the one above says of these directories is not what they get.
func TestDirectoriesOfAnotherMapAreLeftOut(t *testing.T) {
	top := repository(t, map[string]string{
		".whichrole.yaml": "", "a/main.tf": aws, "b/.whichrole.yaml": "", "b/main.tf": aws, "b/qa/main.tf": aws, "c/.whichrole.yml": "", "c/qa/main.tf": aws,
		"d/.terrateam/config.yml": "", "d/main.tf": aws, "e/.git/HEAD": "", "e/.whichrole.yaml": "", "e/main.tf": aws, ".gitignore": ".whichrole.yml\n",
	})
	for oneMap, want := range map[bool][]string{false: {"a", "d"}, true: {"a", "b", "b/qa", "c/qa", "d"}} {
		found, err := Find(t.Context(), Search{Root: top, Top: top, OneMap: oneMap})
		if err != nil {
			t.Fatal(err)
		}
		var dirs []string
		for _, m := range found.Modules {
			dirs = append(dirs, m.Dir)
		}
		expect(t, fmt.Sprint("one map: ", oneMap), dirs, want...)
		kinds := map[string]NoteKind{}
		for _, n := range found.Notes {
			kinds[n.File] = n.Kind()
		}
		if kinds["e"] != OtherRepository || oneMap != (len(kinds) == 1) || !oneMap && (len(kinds) != 3 || kinds["b"] != OtherMap || kinds["c"] != OtherMap) {
			t.Errorf("one map: %v: %v", oneMap, found.Notes)
		}
	}
}

// git's own files hold addresses with passwords, and are nobody's configuration.
func TestSymlinksIntoGitAreNotFollowed(t *testing.T) {
	top := repository(t, map[string]string{".git/x.tf": aws, ".git/info/x": "", "a/ok.tf": aws, "b/x.txt": ""})
	link(t, top, "a/x.tf", "../.git/x.tf")
	link(t, top, "b/y.tf", "../z")
	link(t, top, "z", "g/../x.tf")
	link(t, top, "g", ".git/info")
	dirs, notes := search(t, top, ".", usual())
	expect(t, "modules", dirs, "a")
	expect(t, "notes", notes, "a/x.tf:0: is a symlink that leads into .git: not read", "b/y.tf:0: is a symlink that leads into .git: not read")
	if m, found, err := Read(filepath.Join(top, "b")); err != nil || found {
		t.Errorf("%+v %v", m, err)
	}
}

func TestDirectoriesWithCodeThatAreNoRootModules(t *testing.T) {
	const code = "resource \"aws_x\" \"y\" {}\n"
	top := repository(t, map[string]string{
		".gitignore": "gone/\n*_gen.tf\n", "modules/vpc/main.tf": code, "modules/vpc/deep/x.tofu": code, "modules/json/main.tf.json": "{}", "modules/tofu/a.tofu.json": "{}", "modules/none/README.md": "",
		"root.hcl": "", "live/terragrunt.hcl": "remote_state {}\n", "live/qa/terragrunt.hcl": "include {}\n", "qa/main.tf": aws, "qa/modules/x/main.tf": code, "gone/main.tf": code, "gen/x_gen.tf": code,
		"modules/broken/main.tf": "resource {{{", "modules/huge/main.tf": strings.Repeat("#", maxFile+1), ".terraform/modules/x/main.tf": code, "modules/vars/terraform.tfvars": "", "modules/test/a.tftest.hcl": "", "other/.git/HEAD": "", "other/main.tf": code,
	})
	found, err := Find(context.Background(), Search{Root: top, Top: top})
	if err != nil {
		t.Fatal(err)
	}
	expect(t, "code", found.Code, "modules/broken", "modules/huge", "modules/json", "modules/tofu", "modules/vpc", "modules/vpc/deep", "qa/modules/x")
	if len(found.Modules) != 2 {
		t.Errorf("%+v", found.Modules)
	}
}

func TestCodeWithoutEndIsCut(t *testing.T) {
	w := newWalk(&reader{}, false)
	for i := range maxCode + 5 {
		w.code = append(w.code, fmt.Sprintf("m%06d", maxCode+4-i))
	}
	code, notes := w.sortedCode(), w.r.notes.sorted()
	if len(code) != maxCode || code[0] != "m000000" || code[maxCode-1] != fmt.Sprintf("m%06d", maxCode-1) || len(notes) != 1 {
		t.Errorf("%d, %s … %s, %v", len(code), code[0], code[len(code)-1], notes)
	}
	w = newWalk(&reader{}, false)
	w.code = []string{"b", "a"}
	expect(t, "few", w.sortedCode(), "a", "b")
	if notes := w.r.notes.sorted(); len(notes) > 0 {
		t.Error(notes)
	}
}
