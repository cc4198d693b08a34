package scaffold

import (
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A limit on the size of files stands for a full disk: it stops a write in its middle as well.
func TestFullDiskLosesNothing(t *testing.T) {
	if os.Getenv("WHICHROLE_TEST_FULL_DISK") == "" {
		rerun(t, "WHICHROLE_TEST_FULL_DISK=1")
		return
	}
	signal.Ignore(syscall.SIGXFSZ)
	dir := t.TempDir()
	old := strings.Repeat("o", 600)
	write(t, dir, map[string]string{".whichrole.yaml": old})
	limit(t, 1000)
	if _, _, err := Save(dir, strings.Repeat("n", 2000), true); err == nil || !strings.Contains(err.Error(), "file too large") {
		t.Errorf("a new map that does not fit: %v", err)
	}
	holds(t, dir, map[string]string{".whichrole.yaml": old})
	limit(t, 500)
	if _, _, err := Save(dir, "new", true); err == nil {
		t.Error("no error where the copy does not fit")
	}
	holds(t, dir, map[string]string{".whichrole.yaml": old})
	check(t, os.Remove(filepath.Join(dir, ".whichrole.yaml")))
	if _, _, err := Save(dir, strings.Repeat("n", 2000), false); err == nil {
		t.Error("no error where the first map does not fit")
	}
	holds(t, dir, nil)
}

func limit(t *testing.T, bytes uint64) {
	t.Helper()
	var now syscall.Rlimit
	check(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &now))
	check(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: bytes, Max: now.Max}))
}

// rerun runs this one test in a process of its own.
func rerun(t *testing.T, env string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), env)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("%v\n%s", err, out)
	}
}
