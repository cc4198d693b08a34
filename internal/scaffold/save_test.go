package scaffold

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"whichrole/internal/problem"
)

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		check(t, os.MkdirAll(filepath.Dir(path), 0o755))
		check(t, os.WriteFile(path, []byte(text), 0o644))
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// content is all that lies in dir: file → text.
func content(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	check(t, err)
	files := map[string]string{}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		check(t, err)
		files[e.Name()] = string(data)
	}
	return files
}

func holds(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	got := content(t, dir)
	if len(got) != len(want) {
		t.Errorf("%d files, want %d: %v", len(got), len(want), got)
	}
	for name, text := range want {
		if got[name] != text {
			t.Errorf("%s holds %q, want %q", name, got[name], text)
		}
	}
}

func TestSaveNeverOverwrites(t *testing.T) {
	for _, name := range []string{".whichrole.yaml", ".whichrole.yml"} {
		dir := t.TempDir()
		write(t, dir, map[string]string{name: "mine"})
		_, _, err := Save(dir, "new", false)
		if problem.CodeOf(err) != problem.Failure || !strings.Contains(err.Error(), "by --force it is kept as "+name+".bak") || !errors.Is(err, fs.ErrExist) {
			t.Errorf("%v, hint %s", err, problem.HintOf(err))
		}
		holds(t, dir, map[string]string{name: "mine"})
	}
}

func TestForceKeepsEveryCopy(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{".whichrole.yaml": "1", ".whichrole.yaml.bak": "0"})
	for _, text := range []string{"2", "3"} {
		if _, _, err := Save(dir, text, true); err != nil {
			t.Fatal(err)
		}
	}
	holds(t, dir, map[string]string{".whichrole.yaml": "3", ".whichrole.yaml.bak": "0", ".whichrole.yaml.bak.1": "1", ".whichrole.yaml.bak.2": "2"})
}

// Two maps in one directory are a mistake: --force must not leave one.
func TestForceLeavesOneMap(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{".whichrole.yml": "short", ".whichrole.yaml": "long"})
	_, backups, err := Save(dir, "new", true)
	check(t, err)
	holds(t, dir, map[string]string{".whichrole.yaml": "new", ".whichrole.yaml.bak": "long", ".whichrole.yml.bak": "short"})
	if want := []string{filepath.Join(dir, ".whichrole.yaml.bak"), filepath.Join(dir, ".whichrole.yml.bak")}; !slices.Equal(backups, want) {
		t.Errorf("%v", backups)
	}
}

func TestSavedMapIsNobodyElsesToWrite(t *testing.T) {
	dir := t.TempDir()
	path, _, err := Save(dir, "new", false)
	check(t, err)
	info, err := os.Stat(path)
	check(t, err)
	if info.Mode().Perm()&0o022 != 0 {
		t.Errorf("mode %v", info.Mode())
	}
	holds(t, dir, map[string]string{".whichrole.yaml": "new"})
}

func TestSymlinkOutOfTheRepositoryIsNotFollowed(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	write(t, outside, map[string]string{"secret": "of another repository"})
	symlink(t, filepath.Join(outside, "secret"), filepath.Join(dir, ".whichrole.yaml"))
	for _, force := range []bool{false, true} {
		if _, _, err := Save(dir, "new", force); err == nil {
			t.Errorf("no error with force %v", force)
		}
	}
	holds(t, outside, map[string]string{"secret": "of another repository"})
	entries, err := os.ReadDir(dir)
	check(t, err)
	if len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
}

func TestDirectoryInTheMapsPlace(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{".whichrole.yaml/child": "x"})
	if _, _, err := Save(dir, "new", true); err == nil {
		t.Error("no error")
	}
	holds(t, filepath.Join(dir, ".whichrole.yaml"), map[string]string{"child": "x"})
}

// Another process may write a map while this one asks.
func TestMapThatAppearsMeanwhileIsNotOverwritten(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	check(t, err)
	defer root.Close()
	s := &saver{root, dir}
	temporary, err := s.temporary([]byte("new"))
	check(t, err)
	write(t, dir, map[string]string{".whichrole.yaml": "theirs"})
	if err := s.place(temporary); problem.CodeOf(err) != problem.Failure {
		t.Errorf("%v", err)
	}
	holds(t, dir, map[string]string{".whichrole.yaml": "theirs", temporary: "new"})
}

// symlink skips the test where the user may make none, but on a machine of CI's that is a mistake.
func symlink(t *testing.T, to, at string) {
	t.Helper()
	if err := os.Symlink(to, at); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("no symlinks here")
	}
}
