//go:build linux

package keyringtest

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestSecretToolFindsWhatItStored(t *testing.T) {
	k := Start(t)
	need(t, "secret-tool")
	store := exec.Command("secret-tool", "store", "--label=x", "service", "whichrole-test")
	store.Env, store.Stdin = k.Env(), strings.NewReader("value")
	if out, err := store.CombinedOutput(); err != nil {
		t.Fatalf("store: %v %s", err, out)
	}
	lookup := exec.Command("secret-tool", "lookup", "service", "whichrole-test")
	lookup.Env = k.Env()
	if out, err := lookup.Output(); err != nil || string(out) != "value" {
		t.Fatalf("lookup: %v %q", err, out)
	}
}

func TestDaemonsDieWithTheTest(t *testing.T) {
	if os.Getenv("KEYRINGTEST_CHILD") != "" {
		k := Start(t)
		os.Stdout.WriteString("dir " + k.Dir + "\n")
		time.Sleep(time.Minute)
		return
	}
	Start(t) // skips where nothing is installed
	child := exec.Command(os.Args[0], "-test.run=^TestDaemonsDieWithTheTest$")
	child.Env = append(os.Environ(), "KEYRINGTEST_CHILD=1")
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	dir := ""
	for lines := bufio.NewScanner(out); dir == "" && lines.Scan(); {
		dir, _ = strings.CutPrefix(lines.Text(), "dir ")
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if n := runningIn(t, dir); n != 2 {
		t.Errorf("%d daemons run before the kill, want 2", n)
	}
	child.Process.Signal(syscall.SIGKILL)
	child.Wait()
	waitFor(t, "the end of the daemons", func() bool { return runningIn(t, dir) == 0 })
}

// runningIn counts the processes whose home lies below dir.
func runningIn(t *testing.T, dir string) (n int) {
	t.Helper()
	if dir == "" {
		t.Fatal("the child did not start")
	}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		env, err := os.ReadFile("/proc/" + e.Name() + "/environ")
		if err == nil && strings.Contains(string(env), "HOME="+dir+"/home\x00") {
			n++
		}
	}
	return n
}
