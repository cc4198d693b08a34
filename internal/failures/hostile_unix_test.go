//go:build !windows

package failures

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// What lies in a failure's place is not followed, not waited for and not read, and the next failure replaces it.
func TestSomethingElseInAFailuresPlace(t *testing.T) {
	for name, put := range map[string]func(t *testing.T, place, outside string) error{
		"a link to a failure elsewhere": func(_ *testing.T, place, outside string) error { return os.Symlink(outside, place) },
		"a link that ends nowhere":      func(_ *testing.T, place, _ string) error { return os.Symlink(place+"x", place) },
		"a link to itself":              func(_ *testing.T, place, _ string) error { return os.Symlink(place, place) },
		"a FIFO":                        func(_ *testing.T, place, _ string) error { return syscall.Mkfifo(place, 0o600) },
		"a gigabyte": func(_ *testing.T, place, _ string) error {
			f, err := os.Create(place)
			if err != nil {
				return err
			}
			defer f.Close()
			return f.Truncate(1 << 30)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStore(t)
			record(t, s, refused("/b"))
			outside := filepath.Join(t.TempDir(), "f")
			must(t, os.WriteFile(outside, []byte(`{"dir":"/a","code":1,"message":"m","time":"2026-11-22T12:00:00Z"}`), 0o600))
			place := filepath.Join(s.Dir, nameOf("/a", ""))
			must(t, put(t, place, outside))
			start := time.Now()
			if f, ok := s.Of("/a"); ok {
				t.Errorf("%+v", f)
			}
			if got := s.Recent(time.Hour); len(got) != 1 {
				t.Errorf("%v", dirs(got))
			}
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("it took %v", took)
			}
			record(t, s, refused("/a"))
			if f, ok := s.Of("/a"); !ok || f.Message != refused("/a").Message {
				t.Errorf("%+v", f)
			}
			if info, err := os.Lstat(place); err != nil || info.Mode() != 0o600 {
				t.Errorf("%v %v", info, err)
			}
			if text, err := os.ReadFile(outside); err != nil || len(text) != 65 {
				t.Errorf("written outside: %q %v", text, err)
			}
		})
	}
}

func TestDirectoryThatIsNotOursAlone(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, s Store){
		"others may look into it": func(t *testing.T, s Store) { must(t, os.Chmod(s.Dir, 0o755)) },
		"others may write it":     func(t *testing.T, s Store) { must(t, os.Chmod(s.Dir, 0o770)) },
		"a link in its place": func(t *testing.T, s Store) {
			must(t, os.Rename(s.Dir, s.Dir+"2"))
			must(t, os.Symlink(s.Dir+"2", s.Dir))
		},
		"a FIFO in its place": func(t *testing.T, s Store) {
			must(t, os.RemoveAll(s.Dir))
			must(t, syscall.Mkfifo(s.Dir, 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStore(t)
			record(t, s, refused("/a"))
			spoil(t, s)
			if _, ok := s.Of("/a"); ok || s.Recent(time.Hour) != nil {
				t.Error("it is believed")
			}
			if s.Record(refused("/b")) == nil {
				t.Error("it is written")
			}
			if firsts(s) != 2 {
				t.Error("nobody would be told")
			}
		})
	}
}

// Under sudo that keeps HOME root writes into the user's directory, and the user would read root's words, or the other way
// round.
func TestFilesOfOthers(t *testing.T) {
	if os.Getuid() != 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("CI must run this as root")
		}
		t.Skip("only root can make somebody else's file")
	}
	s := newStore(t)
	record(t, s, refused("/a"))
	must(t, os.Chown(filepath.Join(s.Dir, nameOf("/a", "")), 54321, 54321))
	if _, ok := s.Of("/a"); ok || len(s.Recent(time.Hour)) != 0 {
		t.Error("somebody else's file is believed")
	}
	record(t, s, refused("/a"))
	must(t, os.Chown(s.Dir, 54321, 54321))
	if _, ok := s.Of("/a"); ok || s.Record(refused("/b")) == nil || !s.First("run") {
		t.Error("somebody else's directory is believed")
	}
}

func TestOnlyTheUserCanRead(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	s := newStore(t)
	record(t, s, refused("/a"))
	s.First("run")
	for path, want := range map[string]os.FileMode{
		filepath.Dir(s.Dir):                    0o700 | os.ModeDir,
		s.Dir:                                  0o700 | os.ModeDir,
		filepath.Join(s.Dir, nameOf("/a", "")): 0o600,
		filepath.Join(s.Dir, marker+digest("run")): 0o600,
	} {
		if info, err := os.Stat(path); err != nil || info.Mode() != want {
			t.Errorf("%s: %v %v", path, info.Mode(), err)
		}
	}
}

// A directory that may be read and not written, as on a read-only file system: what was recorded is still told. Root writes
// all the same.
func TestReadOnlyDirectory(t *testing.T) {
	s := newStore(t)
	record(t, s, refused("/a"))
	s.First("run")
	must(t, os.Chmod(s.Dir, 0o500))
	defer os.Chmod(s.Dir, 0o700)
	if _, ok := s.Of("/a"); !ok {
		t.Error("not told")
	}
	if s.First("run") {
		t.Error("the marker is there")
	}
	if root := os.Getuid() == 0; (s.Record(refused("/b")) == nil) != root || !s.First("another") {
		t.Error("another may be told, but not recorded")
	}
	s.Forget("/a", "")
}

// sudo keeps HOME on some systems: root's own directories there would lock the user out.
func TestNothingIsMadeInSomebodyElsesHome(t *testing.T) {
	home := string(filepath.Separator) // root's
	if os.Getuid() == 0 {
		home = filepath.Join(t.TempDir(), "home")
		must(t, os.Mkdir(home, 0o755))
		must(t, os.Chown(home, 54321, 54321))
	}
	s := newStore(t)
	s.Dir = filepath.Join(home, ".local-of-nobody", "state", "whichrole", "failures")
	if err := s.Record(refused("/a")); err == nil {
		t.Error("it was kept")
	}
	if !s.First("run") {
		t.Error("nobody is told")
	}
	if _, err := os.Lstat(filepath.Join(home, ".local-of-nobody")); err == nil {
		t.Error("a directory is left behind")
	}
}
