//go:build linux

package real

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestMain(m *testing.M) {
	if answer := os.Getenv("STANDIN_ANSWER"); answer != "" {
		os.Exit(standIn(answer))
	}
	status := m.Run()
	if built.dir != "" {
		os.RemoveAll(built.dir)
	}
	os.Exit(status)
}

// built is the binary that all laptops share: linking it takes longer than most of what is done with it.
var built struct {
	once sync.Once
	dir  string
	err  error
}

// whichrole puts the binary at path.
func whichrole(t *testing.T, path string) {
	t.Helper()
	built.once.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "whichrole-real-"); built.err != nil {
			return
		}
		build := exec.Command("go", "build", "-tags", "nethttpomithttp2", "-trimpath", "-o", filepath.Join(built.dir, "whichrole"), "whichrole")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			built.err = fmt.Errorf("go build: %v\n%s", err, out)
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	link(t, filepath.Join(built.dir, "whichrole"), path)
}

// link gives a program another name: /proc/PID/exe shows that one, as it does not for a symlink.
func link(t *testing.T, program, path string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if os.Link(program, path) == nil {
		return path
	}
	// On another file system, or somebody else's. A file that this process writes could not be run as long as a child that is
	// just being started has it open.
	if out, err := exec.Command("cp", program, path).CombinedOutput(); err != nil {
		t.Fatalf("cp: %v\n%s", err, out)
	}
	return path
}

// standIn is this test's own binary under the name of a program that cannot be installed here. It asks for credentials as an
// SDK of Go does, where STANDIN_LINE says how, keeps the answer, and then starts STANDIN_RUN in STANDIN_DIR and waits for it;
// $@ there are its own arguments.
func standIn(answer string) int {
	line, run, dir := os.Getenv("STANDIN_LINE"), os.Getenv("STANDIN_RUN"), os.Getenv("STANDIN_DIR")
	for _, name := range []string{"STANDIN_ANSWER", "STANDIN_LINE", "STANDIN_RUN", "STANDIN_DIR"} {
		os.Unsetenv(name)
	}
	if line != "" {
		ask := exec.Command("sh", "-c", line)
		ask.Stderr = os.Stderr
		out, err := ask.Output()
		if err == nil {
			err = os.WriteFile(answer, out, 0o600)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "stand-in:", err)
			return 1
		}
	}
	var args []string
	for _, arg := range strings.Fields(run) {
		if arg == "$@" {
			args = append(args, os.Args[1:]...)
		} else {
			args = append(args, arg)
		}
	}
	if len(args) == 0 {
		return 0
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = dir, os.Stdin, os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "stand-in:", err)
		return 1
	}
	return 0
}
