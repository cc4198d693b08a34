package child

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/windows"

	"whichrole/internal/paths"
)

// The test binary is also the helper that is run, as its first argument tells.
const mark = "CHILD_TEST_HELPER"

func TestMain(m *testing.M) {
	if os.Getenv(mark) == "" {
		os.Exit(m.Run())
	}
	switch os.Args[1] {
	case "args":
		json.NewEncoder(os.Stdout).Encode(os.Args[2:])
	case "stdin":
		text, err := io.ReadAll(os.Stdin)
		fmt.Printf("%q %v", text, err)
	case "exit":
		fmt.Fprint(os.Stderr, "a secret")
		os.Exit(3)
	case "flood":
		for {
			fmt.Println(strings.Repeat("x", 1000))
		}
	case "sleep":
		note()
		time.Sleep(time.Hour)
	case "children": // and two of its own, of which one is left alone by its parent
		note()
		descend("parent")
		time.Sleep(time.Hour)
	case "parent":
		note()
		descend("sleep")
	case "leave":
		note()
		descend("sleep")
		fmt.Print("out")
	}
}

// note adds this process to the file that the tests look into.
func note() {
	f, err := os.OpenFile(filepath.Join(os.Getenv("dir"), "pid"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		panic(err)
	}
	fmt.Fprintln(f, os.Getpid())
	f.Close()
}

// descend starts a child that has our streams, and waits until it has noted itself.
func descend(what string) {
	before := len(noted(os.Getenv("dir")))
	cmd := exec.Command(os.Args[0], what)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Start(); err != nil {
		panic(err)
	}
	for len(noted(os.Getenv("dir"))) == before {
		time.Sleep(5 * time.Millisecond)
	}
}

func noted(dir string) []string {
	text, _ := os.ReadFile(filepath.Join(dir, "pid"))
	return strings.Fields(string(text))
}

// ample is more than a run here takes on a busy machine, and far less than its programs would last.
const ample = 30 * time.Second

func world(t *testing.T) paths.Env {
	t.Helper()
	return paths.Env{mark: "1", "dir": t.TempDir(), "SystemRoot": os.Getenv("SystemRoot"), "PATH": os.Getenv("PATH"), "GORACE": "atexit_sleep_ms=1"}
}

// helper is the path of the test binary, under a name that cmd has to be told in quotes.
func helper(t *testing.T) string {
	t.Helper()
	self, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "a helper & more.exe")
	if err := os.WriteFile(path, self, 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// gone fails where one of n processes still runs, or was never noted.
func gone(t *testing.T, dir string, n int) {
	t.Helper()
	all := noted(dir)
	if len(all) != n {
		t.Errorf("%d processes, want %d", len(all), n)
	}
	for _, text := range all {
		pid, err := strconv.ParseUint(text, 10, 32)
		if err != nil {
			t.Fatal(err)
		}
		h, err := windows.OpenProcess(windows.SYNCHRONIZE|windows.PROCESS_TERMINATE, false, uint32(pid))
		if err != nil {
			continue
		}
		if state, _ := windows.WaitForSingleObject(h, 5000); state != windows.WAIT_OBJECT_0 {
			t.Errorf("process %d still runs", pid)
			windows.TerminateProcess(h, 1)
		}
		windows.CloseHandle(h)
	}
}

func TestLineGoesToCmdAsItIs(t *testing.T) {
	program, env := helper(t), world(t)
	for args, want := range map[string][]string{
		`one "two three" "a & b"`: {"one", "two three", "a & b"},
		`--x="C:\a b\c" "^"`:      {`--x=C:\a b\c`, "^"},
		`"%dir%"`:                 {env["dir"]},
	} {
		out, err := Run(t.Context(), Command{Line: `"` + program + `" args ` + args, Env: env})
		var got []string
		if json.Unmarshal(out, &got); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %s %v", args, out, err)
		}
	}
	if out, err := Run(t.Context(), Command{Line: "echo a&echo b", Env: env}); err != nil || string(out) != "a\r\nb\r\n" {
		t.Errorf("%q %v", out, err)
	}
}

func TestHostileLines(t *testing.T) {
	for name, line := range map[string]string{"two lines": "echo a\r\necho b", "a NUL": "echo a\x00b", "half a line": "echo a\n"} {
		out, err := Run(t.Context(), Command{Line: line, Env: world(t)})
		if f := failed(t, err); len(out) > 0 || f.ExitCode != -1 || strings.Contains(f.Error(), "echo") {
			t.Errorf("%s: %q, %v", name, out, err)
		}
	}
}

func TestBatchFileIsNoProgram(t *testing.T) {
	for _, name := range []string{"a.bat", "a.CMD"} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte("@echo %1\r\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		out, err := Run(t.Context(), Command{Path: path, Args: []string{`"&echo hijacked`}, Env: world(t)})
		if f := failed(t, err); len(out) > 0 || f.ExitCode != -1 {
			t.Errorf("%s: %q, %v", name, out, err)
		}
	}
}

// A repository can hold a program of any name, and Windows looks for programs there first.
func TestProgramOfTheWorkingDirectoryIsNotRun(t *testing.T) {
	program, env := helper(t), world(t)
	dir := t.TempDir()
	t.Chdir(dir)
	self, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"cmd.exe", "helper.exe"} {
		if err := os.WriteFile(name, self, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := Run(t.Context(), Command{Line: "echo the real one", Env: env}); err != nil || string(out) != "the real one\r\n" {
		t.Errorf("%q, %v", out, err)
	}
	if out, err := Run(t.Context(), Command{Path: "helper.exe", Args: []string{"args", "hijacked"}, Env: env}); err == nil {
		t.Errorf("%q", out)
	}
}

// Wine's cmd does not know the variable; that it is set, Wine can tell.
func TestCmdDoesNotSearchTheWorkingDirectory(t *testing.T) {
	program, env := helper(t), world(t)
	t.Chdir(t.TempDir())
	if err := os.Rename(program, "hijack.exe"); err != nil {
		t.Fatal(err)
	}
	if out, err := Run(t.Context(), Command{Line: "hijack args hijacked", Env: env}); err == nil {
		t.Errorf("%q", out)
	}
}

func TestCmdIsToldNotToSearchTheWorkingDirectory(t *testing.T) {
	out, err := Run(t.Context(), Command{Line: "set NoDefaultCurrent", Env: world(t)})
	if err != nil || !strings.HasPrefix(string(out), "NoDefaultCurrentDirectoryInExePath=") {
		t.Errorf("%q, %v", out, err)
	}
}

func TestEndsOfAHelper(t *testing.T) {
	program, env := helper(t), world(t)
	if out, err := Run(t.Context(), Command{Path: program, Args: []string{"stdin"}, Env: env}); err != nil || string(out) != `"" <nil>` {
		t.Errorf("%q, %v", out, err)
	}
	_, err := Run(t.Context(), Command{Path: program, Args: []string{"exit"}, Env: env})
	if f := failed(t, err); f.ExitCode != 3 || !f.Said || f.Error() != "it ended with exit code 3" || strings.Contains(fmt.Sprintf("%+v %#v", *f, f.Err), "secret") {
		t.Errorf("%+v", f)
	}
	_, err = Run(t.Context(), Command{Path: program, Args: []string{"flood"}, Env: env})
	if f := failed(t, err); !f.TooLong {
		t.Errorf("%+v", f)
	}
	if _, err = Run(t.Context(), Command{Path: `C:\no\such.exe`}); failed(t, err).ExitCode != -1 {
		t.Errorf("%v", err)
	}
}

func TestHelperThatNeverEndsIsEndedWithItsChildren(t *testing.T) {
	program := helper(t)
	for name, c := range map[string]Command{
		"by path":         {Path: program, Args: []string{"children"}},
		"by line":         {Line: `"` + program + `" children`},
		"on the terminal": {Line: `"` + program + `" children`, Terminal: true},
	} {
		c.Env = world(t)
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			for len(noted(c.Env["dir"])) < 3 && ctx.Err() == nil {
				time.Sleep(5 * time.Millisecond)
			}
			cancel()
		}()
		start := time.Now()
		_, err := Run(ctx, c)
		if f := failed(t, err); !errors.Is(err, context.Canceled) || f.Error() != "it was interrupted" {
			t.Errorf("%s: %+v", name, f)
		}
		if took := time.Since(start); took > ample {
			t.Errorf("%s: it took %v", name, took)
		}
		gone(t, c.Env["dir"], 3)
	}
}

func TestGrandchildThatKeepsStdoutOpenHoldsNobodyUp(t *testing.T) {
	program, env := helper(t), world(t)
	start := time.Now()
	out, err := Run(t.Context(), Command{Path: program, Args: []string{"leave"}, Env: env})
	if err != nil || string(out) != "out" {
		t.Errorf("%q, %v", out, err)
	}
	if took := time.Since(start); took > ample {
		t.Errorf("it took %v", took)
	}
	gone(t, env["dir"], 2)
}
