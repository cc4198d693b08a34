package paths

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func replaceable(t *testing.T, path string) *Replacement {
	t.Helper()
	r, err := OpenReplacement(path, 100)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func put(t *testing.T, path, content string, mode fs.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
}

// alone makes sure that nothing but these names is in dir.
func alone(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != len(names) {
		t.Errorf("in %s: %v, want %v", dir, entries, names)
	}
}

func TestReplaceMakesWhatIsMissing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "b", "f")
	r := replaceable(t, path)
	if r.Exists() || r.Path != path || r.Writable() != nil {
		t.Errorf("%+v", r)
	}
	if err := r.Put([]byte("new")); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "new" {
		t.Errorf("%q %v", data, err)
	}
	alone(t, filepath.Dir(path), "f")
}

func TestReplaceFollowsTheLinkAndLeavesIt(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "dotfiles"), 0o700); err != nil {
		t.Fatal(err)
	}
	real, link := filepath.Join(dir, "dotfiles", "config"), filepath.Join(dir, "config")
	put(t, real, "old", 0o600)
	if err := os.Symlink(filepath.Join("dotfiles", "config"), link); err != nil {
		t.Fatal(err)
	}
	r := replaceable(t, link)
	if string(r.Data) != "old" {
		t.Errorf("read %q", r.Data)
	}
	if err := r.Put([]byte("new")); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(real); err != nil || string(data) != "new" {
		t.Errorf("%q %v", data, err)
	}
	if target, err := os.Readlink(link); err != nil || target != filepath.Join("dotfiles", "config") {
		t.Errorf("the link is %q, %v", target, err)
	}
	alone(t, filepath.Dir(real), "config")
}

// A link to nothing may be a volume that is not mounted: a new file in its place would hide what is there.
func TestReplaceDoesNotWriteThroughADanglingLink(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink("gone", filepath.Join(dir, "config")); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenReplacement(filepath.Join(dir, "config"), 100); !errors.Is(err, ErrDangling) {
		t.Errorf("got %v", err)
	}
}

func TestReplaceLosesNoChangeOfAnotherProgram(t *testing.T) {
	change := map[string]func(path string) error{
		"written":  func(path string) error { return os.WriteFile(path, []byte("new"), 0o600) },
		"grown":    func(path string) error { return os.WriteFile(path, []byte("old and more"), 0o600) },
		"removed":  os.Remove,
		"replaced": func(path string) error { return WritePrivate(path, []byte("old")) },
	}
	for name, happens := range change {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "f")
			put(t, path, "old", 0o600)
			r := replaceable(t, path)
			if err := happens(path); err != nil {
				t.Fatal(err)
			}
			before, _ := os.ReadFile(path)
			if err := r.Put([]byte("mine")); err == nil {
				t.Error("written over")
			}
			if after, _ := os.ReadFile(path); string(after) != string(before) {
				t.Errorf("%q became %q", before, after)
			}
		})
	}
	path := filepath.Join(t.TempDir(), "f")
	r := replaceable(t, path)
	put(t, path, "theirs", 0o600)
	if err := r.Put([]byte("mine")); !errors.Is(err, ErrChanged) {
		t.Errorf("made meanwhile: %v", err)
	}
	alone(t, filepath.Dir(path), "f")
}

func TestReplaceRespectsAReadOnlyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	put(t, path, "old", 0o600)
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(path, 0o600) }) // Windows removes no read-only file
	r := replaceable(t, path)
	if err := r.Writable(); !errors.Is(err, ErrReadOnly) {
		t.Errorf("Writable: %v", err)
	}
	if err := r.Put([]byte("new")); !errors.Is(err, ErrReadOnly) {
		t.Errorf("Put: %v", err)
	}
	if data, _ := os.ReadFile(path); string(data) != "old" {
		t.Errorf("now %q", data)
	}
	alone(t, filepath.Dir(path), "f")
}
