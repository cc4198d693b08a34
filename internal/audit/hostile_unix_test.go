//go:build !windows

package audit

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"whichrole/internal/paths"
)

func TestNobodyElseMakesUsWriteOrWait(t *testing.T) {
	for name, tt := range map[string]struct {
		spoil func(t *testing.T, l Log, victim string)
		why   string // "" for an error of package os
	}{
		"a FIFO that nobody reads": {spoil: func(t *testing.T, l Log, _ string) { must(t, syscall.Mkfifo(l.Path(), 0o600)) }},
		"a FIFO that is read": {spoil: func(t *testing.T, l Log, _ string) {
			must(t, syscall.Mkfifo(l.Path(), 0o600))
			f, err := os.OpenFile(l.Path(), os.O_RDONLY|syscall.O_NONBLOCK, 0)
			must(t, err)
			t.Cleanup(func() { f.Close() })
		}},
		"a device": {spoil: func(t *testing.T, l Log, _ string) { must(t, os.Symlink(os.DevNull, l.Path())) }},
		"a link of somebody who may write into the directory": {why: "others may write into it: chmod go-w it", spoil: func(t *testing.T, l Log, victim string) {
			must(t, os.Symlink(victim, l.Path()))
			must(t, os.Chmod(l.Dir, 0o1777))
		}},
		"a file that others may write": {why: "others may write it: chmod go-w it", spoil: func(t *testing.T, l Log, _ string) {
			must(t, os.WriteFile(l.Path(), nil, 0o600))
			must(t, os.Chmod(l.Path(), 0o620))
		}},
		"a read-only directory's file": {spoil: func(t *testing.T, l Log, _ string) {
			must(t, os.WriteFile(l.Dir+"/x", nil, 0o600))
			must(t, os.Symlink(l.Dir+"/x/below", l.Path()))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			l := logIn(t)
			must(t, os.MkdirAll(l.Dir, 0o700))
			victim := filepath.Join(t.TempDir(), ".bashrc")
			must(t, os.WriteFile(victim, []byte("true\n"), 0o600))
			tt.spoil(t, l, victim)
			done := make(chan error, 1)
			go func() { done <- l.Append(full()) }()
			select {
			case err := <-done:
				private, is := errors.AsType[*paths.NotPrivate](err)
				if err == nil || is != (tt.why != "") || is && private.Why != tt.why {
					t.Errorf("%v", err)
				}
			case <-time.After(10 * time.Second):
				t.Fatal("still waiting")
			}
			if text, err := os.ReadFile(victim); err != nil || string(text) != "true\n" {
				t.Errorf("it was written to: %q, %v", text, err)
			}
		})
	}
}

// Who holds the lock of the one that puts files aside keeps nobody from writing, and nothing is lost: it grows on.
func TestWhoHoldsTheLockKeepsNobodyWaiting(t *testing.T) {
	l := logIn(t)
	fill(t, l, "old")
	f, err := os.OpenFile(l.Dir+"/audit.lock", os.O_RDWR|os.O_CREATE, 0o600)
	must(t, err)
	defer f.Close()
	must(t, syscall.Flock(int(f.Fd()), syscall.LOCK_EX))
	before, _ := os.Stat(l.Path())
	for range 5 {
		must(t, l.Append(full()))
	}
	if after, err := os.Stat(l.Path()); err != nil || after.Size() <= before.Size() {
		t.Errorf("%v, %v", after, err)
	}
	must(t, syscall.Flock(int(f.Fd()), syscall.LOCK_UN))
	must(t, l.Append(full()))
	if _, err := os.Stat(l.file(1)); err != nil {
		t.Error(err)
	}
}

func TestOneUnreadableFileHidesNoOther(t *testing.T) {
	l := logIn(t)
	must(t, l.Append(full()))
	must(t, syscall.Mkfifo(l.file(1), 0o600))
	must(t, os.WriteFile(l.file(2), full().encode(), 0o600))
	good, bad := 0, 0
	for _, err := range l.Read(time.Time{}, nil) {
		if err == nil {
			good++
		} else if errors.Is(err, paths.ErrNotRegular) {
			bad++
		}
	}
	if good != 2 || bad != 1 {
		t.Errorf("%d lines and %d errors", good, bad)
	}
}

// A file that a group may read is wanted so: a collector of logs is in it.
func TestFileThatOthersMayReadIsStillWritten(t *testing.T) {
	l := logIn(t)
	must(t, l.Append(full()))
	must(t, os.Chmod(l.Path(), 0o640))
	must(t, os.Chmod(l.Dir, 0o750))
	must(t, l.Append(full()))
	if list, _ := lines(t, l); len(list) != 2 {
		t.Errorf("%d lines", len(list))
	}
}

// A call under sudo with the home of who called it: root's file there could not be added to any more.
func TestRootLeavesNothingInSomebodyElsesHome(t *testing.T) {
	home := "/" // root's
	if os.Getuid() == 0 {
		home = t.TempDir()
		must(t, os.Chown(home, 12345, 12345))
	}
	for _, dir := range []string{home, filepath.Join(home, "audit-test-state"), filepath.Join(home, "audit-test-state", "whichrole")} {
		err := Log{Dir: dir, Now: time.Now}.Append(full())
		if _, is := errors.AsType[*paths.NotPrivate](err); !is {
			t.Errorf("%s: %v", dir, err)
		}
		if _, err := os.Lstat(dir + "/audit.jsonl"); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: it was written there", dir)
		}
	}
}

// Somebody else's file may say what it likes, and takes what is written into it.
func TestFileOfSomebodyElseIsNotOurs(t *testing.T) {
	path := "/etc/passwd" // root's
	if os.Getuid() == 0 {
		path = filepath.Join(t.TempDir(), "audit.jsonl")
		must(t, os.WriteFile(path, full().encode(), 0o644))
		must(t, os.Chown(path, 12345, 12345))
	}
	f, err := os.Open(path)
	must(t, err)
	defer f.Close()
	_, err = ours(f)
	if private, is := errors.AsType[*paths.NotPrivate](err); !is || private.Why != "it belongs to somebody else" {
		t.Errorf("%v", err)
	}
}

func TestFileThatIsMetTwiceIsReadOnce(t *testing.T) {
	l := logIn(t)
	must(t, l.Append(full()))
	must(t, os.Link(l.Path(), l.file(1))) // as it is met when it is put aside while the files are opened
	if list, _ := lines(t, l); len(list) != 1 {
		t.Errorf("%d lines", len(list))
	}
}

// Several find the file full at once; who comes late finds it put aside.
func TestWhoComesLatePutsNothingAside(t *testing.T) {
	l := logIn(t)
	must(t, l.Append(full()))
	l.rotate()
	if _, err := os.Lstat(l.Path()); err != nil {
		t.Error(err)
	}
}
