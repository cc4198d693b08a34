//go:build !windows

package paths

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"
)

func TestReplaceKeepsTheMode(t *testing.T) {
	for _, mode := range []os.FileMode{0o600, 0o640, 0o644, 0o666} {
		path := filepath.Join(t.TempDir(), "f")
		put(t, path, "old", 0o600)
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if err := replaceable(t, path).Put([]byte("new")); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%v became %v, %v", mode, info.Mode(), err)
		}
	}
	path := filepath.Join(t.TempDir(), "dir", "f")
	if err := replaceable(t, path).Put(nil); err != nil {
		t.Fatal(err)
	}
	for p, mode := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
		if info, err := os.Stat(p); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s is %v, %v", p, info.Mode(), err)
		}
	}
}

// With sudo the file stays its owner's.
func TestReplaceUnderSudo(t *testing.T) {
	if os.Getuid() != 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("CI must run this as root")
		}
		t.Skip("only root can give files away")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	put(t, path, "old", 0o640)
	if err := os.Chown(path, 12345, 12346); err != nil {
		t.Fatal(err)
	}
	if err := replaceable(t, path).Put([]byte("new")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if st := info.Sys().(*syscall.Stat_t); st.Uid != 12345 || st.Gid != 12346 || info.Mode().Perm() != 0o640 {
		t.Errorf("now of %d:%d, %v", st.Uid, st.Gid, info.Mode())
	}
	alone(t, dir, "f")
}

func TestReplaceMakesNothingInSomebodyElsesHome(t *testing.T) {
	home := theirs(t)
	for _, missing := range []string{filepath.Join(home, "whichrole-test"), filepath.Join(home, "whichrole-test", "new")} {
		err := replaceable(t, missing).Put(nil)
		if private, ok := errors.AsType[*NotPrivate](err); !ok || private.Path != home {
			t.Errorf("%s: %v", missing, err)
		}
		if _, err := os.Lstat(filepath.Join(home, "whichrole-test")); err == nil {
			t.Error("something is left behind")
		}
	}
}

func TestReplaceWaitsForNoFIFO(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "f")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	within(t, 5*1e9, func() {
		if _, err := OpenReplacement(fifo, 10); !errors.Is(err, ErrNotRegular) {
			t.Errorf("got %v", err)
		}
	})
}

// asUser is true in a process to which directories can be closed: for root it runs the calling test again as somebody else.
func asUser(t *testing.T) bool {
	t.Helper()
	if os.Getuid() != 0 {
		return true
	}
	temp, err := os.MkdirTemp("", "whichrole-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(temp) })
	if err := os.Chown(temp, 12345, 12346); err != nil {
		t.Fatal(err)
	}
	self := os.Args[0]
	if runtime.GOOS == "linux" {
		self = "/proc/self/exe" // the path may be closed to others
	}
	cmd := exec.Command(self, "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Dir, cmd.Env = "/", []string{"TMPDIR=" + temp, "GORACE=atexit_sleep_ms=1"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 12345, Gid: 12346}}
	if out, err := cmd.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--- PASS: "+t.Name())) {
		t.Errorf("%v\n%s", err, out)
	}
	return false
}

// Nothing is left behind where a file may be written, and its directory not.
func TestReplaceInAClosedDirectory(t *testing.T) {
	if !asUser(t) {
		return
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	put(t, path, "old", 0o600)
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(dir, 0o700) })
	if err := replaceable(t, path).Put([]byte("new")); !errors.Is(err, os.ErrPermission) {
		t.Errorf("got %v", err)
	}
	if data, _ := os.ReadFile(path); string(data) != "old" {
		t.Errorf("now %q", data)
	}
	alone(t, dir, "f")
}

// Two of us with another XDG_RUNTIME_DIR each know nothing of the other's lock there: both looked, both wrote, and one change was lost
// though both had said "written".
func TestReplaceLosesNoChangeOfAnotherOfUs(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	put(t, path, "old", 0o600)
	r := replaceable(t, path)
	other, err := os.Open(dir) // the other one, about to write
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if err := syscall.Flock(int(other.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- r.Put([]byte("mine")) }()
	select {
	case err := <-done:
		t.Fatalf("did not wait: %v", err)
	case <-time.After(200 * time.Millisecond):
	}
	if err := WritePrivate(path, []byte("theirs")); err != nil {
		t.Fatal(err)
	}
	other.Close()
	if err := <-done; !errors.Is(err, ErrChanged) {
		t.Errorf("got %v", err)
	}
	if data, _ := os.ReadFile(path); string(data) != "theirs" {
		t.Errorf("now %q", data)
	}
	alone(t, dir, "f")
}

// Any user may lock a directory that is open to all, for ever.
func TestReplaceWaitsNotForEver(t *testing.T) {
	dir := t.TempDir()
	other, err := os.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if err := syscall.Flock(int(other.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	within(t, 30*time.Second, func() {
		if err := replaceable(t, filepath.Join(dir, "f")).Put([]byte("new")); err != nil {
			t.Error(err)
		}
	})
	alone(t, dir, "f")
}
