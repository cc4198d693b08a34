package mapfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"whichrole/internal/problem"
)

const someMap = "version: 1\n"

// tree makes files below a new directory and returns that, symlinks resolved. A name that ends in a slash is a directory; a text
// that begins with "-> " makes a symlink.
func tree(t testing.TB, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	check(t, err)
	add(t, dir, files)
	return dir
}

func add(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if strings.HasSuffix(name, "/") {
			check(t, os.MkdirAll(path, 0o755))
			continue
		}
		check(t, os.MkdirAll(filepath.Dir(path), 0o755))
		if target, ok := strings.CutPrefix(text, "-> "); ok {
			check(t, os.Symlink(target, path))
			continue
		}
		check(t, os.WriteFile(path, []byte(text), 0o644))
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// short is a path from dir on, with slashes; "" stays "".
func short(dir, path string) string {
	if path == "" {
		return ""
	}
	rel, err := filepath.Rel(dir, path)
	if err != nil {
		return path
	}
	return filepath.ToSlash(rel)
}

func mustFind(t testing.TB, s Search) *File {
	t.Helper()
	f, err := Find(s)
	check(t, err)
	return f
}

// refused wants an error of that code whose message holds each of says.
func refused(t testing.TB, s Search, code problem.Code, says ...string) {
	t.Helper()
	f, err := Find(s)
	if err == nil {
		t.Errorf("%+v: found %s", s, f.Path)
		return
	}
	if problem.CodeOf(err) != code {
		t.Errorf("exit %d: %v", problem.CodeOf(err), err)
	}
	for _, want := range says {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v: does not say %q", err, want)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("more than one line: %q", err)
	}
}
