package launch

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
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
	"whichrole/internal/problem"
)

// command is what the test binary does for exec.
func command(what string) int {
	switch what {
	case "args":
		json.NewEncoder(os.Stdout).Encode(os.Args[1:])
	case "ask":
		var line string
		fmt.Scanln(&line)
		fmt.Println(line, os.Getenv("AWS_PROFILE"), os.Getenv("PWD"))
		return 42
	case "sleep":
		fmt.Println(os.Getpid())
		time.Sleep(time.Hour)
	case "leave":
		self, _ := os.Executable()
		left := exec.Command(self)
		left.Env = append(os.Environ(), "LAUNCH_TEST=sleep")
		left.Start()
		fmt.Println(left.Process.Pid)
	}
	return 0
}

func execOf(t *testing.T, what string, args ...string) (cmd *exec.Cmd, home string) {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	home = t.TempDir()
	cmd = exec.Command(self, append([]string{self}, args...)...)
	cmd.Env = append(os.Environ(), "LAUNCH_TEST=exec", "LAUNCH_TEST_THEN="+what, "HOME="+home, "LAUNCH_TEST_STATE="+home+`\state`)
	return cmd, home
}

func sessionsIn(t *testing.T, home string) int {
	t.Helper()
	list, err := filepath.Glob(home + `\state\run\exec-*`)
	must(t, err)
	return len(list)
}

func TestExitCodeStdinAndArgumentsPassThrough(t *testing.T) {
	cmd, home := execOf(t, "ask")
	cmd.Stdin = strings.NewReader("typed\n")
	out, err := cmd.Output()
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok || exit.ExitCode() != 42 || strings.TrimSpace(string(out)) != "typed whichrole-exec" {
		t.Errorf("%v %q", err, out)
	}
	if n := sessionsIn(t, home); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
	args := []string{`a b`, `"`, `\`, `c:\x\`, `%PATH%`, `^&|`, ``}
	cmd, _ = execOf(t, "args", args...)
	var got []string
	if out, err = cmd.Output(); err != nil || json.Unmarshal(out, &got) != nil || !slices.Equal(got, args) {
		t.Errorf("%v %s", err, out)
	}
}

// beginning starts it, and gives the number of the process that it names.
func beginning(t *testing.T, cmd *exec.Cmd) (pid uint32) {
	t.Helper()
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	must(t, err)
	n, err := strconv.Atoi(strings.TrimSpace(line))
	must(t, err)
	return uint32(n)
}

func handleOf(t *testing.T, pid uint32) windows.Handle {
	t.Helper()
	h, err := windows.OpenProcess(windows.SYNCHRONIZE|windows.PROCESS_TERMINATE, false, pid)
	must(t, err)
	t.Cleanup(func() { windows.TerminateProcess(h, 1); windows.CloseHandle(h) })
	return h
}

func TestKilledExecTakesTheCommandAlong(t *testing.T) {
	cmd, home := execOf(t, "sleep")
	h := handleOf(t, beginning(t, cmd))
	if n := Sweep(paths.Dirs{State: home + `\state`}, time.Now().Add(time.Hour)); n != 0 || sessionsIn(t, home) != 1 {
		t.Error("the session of a command that runs was swept")
	}
	must(t, cmd.Process.Kill())
	cmd.Wait()
	if ended, err := windows.WaitForSingleObject(h, 20000); ended != windows.WAIT_OBJECT_0 {
		t.Errorf("the command goes on: %v", err)
	}
	if n := Sweep(paths.Dirs{State: home + `\state`}, time.Now()); n != 1 || sessionsIn(t, home) != 0 {
		t.Errorf("%d were swept", n)
	}
}

func TestWhatTheCommandOpensStays(t *testing.T) {
	cmd, _ := execOf(t, "leave")
	h := handleOf(t, beginning(t, cmd))
	must(t, cmd.Wait())
	if ended, _ := windows.WaitForSingleObject(h, 300); ended == windows.WAIT_OBJECT_0 {
		t.Error("it was ended")
	}
}

func TestFindsWhatPATHAndPATHEXTSay(t *testing.T) {
	dir, checkout := t.TempDir(), t.TempDir()
	for _, name := range []string{"tool.exe", "other.cmd", "bare"} {
		must(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
	must(t, os.WriteFile(filepath.Join(checkout, "terraform.exe"), nil, 0o600))
	t.Chdir(checkout)
	for name, want := range map[string]string{
		"tool": dir + `\tool.exe`, "tool.exe": dir + `\tool.exe`, "other": dir + `\other.cmd`, dir + `\tool`: dir + `\tool.exe`,
		"terraform": "", "bare": "", dir + `\none`: "", "none": "", `.\terraform`: `.\terraform.exe`,
	} {
		c := Command{Args: []string{name}, Env: paths.Env{"Path": `.;` + dir, "PATHEXT": ".exe;.cmd"}}
		if got, err := c.find(); !strings.EqualFold(got, want) || (err == nil) != (want != "") {
			t.Errorf("%s: %s %v, want %s", name, got, err, want)
		}
	}
}

// cmd reads the arguments of a batch file as a line of its own.
func TestBatchFileIsGivenNothingThatCmdWouldObey(t *testing.T) {
	batch := filepath.Join(t.TempDir(), "tool.cmd")
	must(t, os.WriteFile(batch, []byte("@echo got %1 %2\r\n@exit /b 5\r\n"), 0o600))
	env := paths.EnvOf(os.Environ())
	for _, arg := range []string{`"&calc"`, `%PATH%`, `a&b`, `a|b`, `^`, `a>b`, "a\r\nb", `!x!`, `(`} {
		_, err := Run(Command{Args: []string{batch, arg}, Env: env})
		codeOf(t, err, NotExecutable, "batch file")
	}
	code, err := Run(Command{Args: []string{batch, "plain", "two words"}, Env: env})
	if err != nil || code != 5 {
		t.Errorf("%d %v", code, err)
	}
	_, err = Run(Command{Args: []string{"nonesuch"}, Env: env})
	codeOf(t, err, NotFound)
	_, err = Run(Command{})
	codeOf(t, err, problem.Usage)
}

func TestServesInThisProcess(t *testing.T) {
	answer, err := Keep(Keeping{Order: []byte("everything"), Serve: serveTest})
	if err != nil || string(answer) != strconv.Itoa(os.Getpid()) {
		t.Errorf("%s %v", answer, err)
	}
	if answer, err := Keep(Keeping{}); answer != nil || err != nil {
		t.Errorf("%s %v", answer, err)
	}
}
