//go:build !windows

package child

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"whichrole/internal/paths"
)

// ample is more than a run here takes on a busy machine, and far less than its programs would last.
const ample = 20 * time.Second

// line runs a line for at most that long.
func line(t *testing.T, line string, most time.Duration) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), most)
	defer cancel()
	start := time.Now()
	out, err := Run(ctx, Command{Line: line, Env: world(t)})
	if took := time.Since(start); took > most+ample/2 {
		t.Errorf("it took %v", took)
	}
	return string(out), err
}

// world is an environment in which lines find the usual programs, and $dir to leave notes in.
func world(t *testing.T) paths.Env {
	t.Helper()
	return paths.Env{"PATH": os.Getenv("PATH"), "dir": t.TempDir()}
}

// gone fails where one of these processes still runs a while later, and ends it.
func gone(t *testing.T, pids string) {
	t.Helper()
	fields := strings.Fields(pids)
	if len(fields) == 0 {
		t.Error("no process was noted")
	}
	for _, field := range fields {
		pid, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(ample / 4); runs(pid); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Errorf("process %d still runs", pid)
				syscall.Kill(pid, syscall.SIGKILL)
				break
			}
		}
	}
}

func runs(pid int) bool {
	_, is := processes()[pid]
	return is
}

func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(ample); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// The table must see what lives: otherwise nothing here could ever be found alive.
func TestProcessesKnowsUsAndOurParent(t *testing.T) {
	if parent := processes()[os.Getpid()]; parent != os.Getppid() {
		t.Errorf("our parent is %d, want %d", parent, os.Getppid())
	}
	if os.Getppid() > 1 && !runs(os.Getppid()) {
		t.Error("our parent is not seen")
	}
}

func TestRun(t *testing.T) {
	for name, tt := range map[string]struct{ line, want string }{
		"stdout as it is":          {`printf '{"Version":1}\n'`, "{\"Version\":1}\n"},
		"stdin never ends nor has": {`cat; echo done`, "done\n"},
		"nothing":                  {`:`, ""},
		"stderr is not stdout":     {`echo a secret >&2; echo out`, "out\n"},
		"much on stderr":           {`head -c 1000000 /dev/zero >&2; echo out`, "out\n"},
		"quotes as sh reads them":  {`printf '%s.' "a b" 'c"d' $((1+1))`, `a b.c"d.2.`},
		"no terminal":              {`(: </dev/tty) 2>/dev/null || echo none`, "none\n"},
		"64 KiB":                   {`head -c 65536 /dev/zero | tr '\0' x`, strings.Repeat("x", 65536)},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := line(t, tt.line, ample); err != nil || got != tt.want {
				t.Errorf("%.80q, %v", got, err)
			}
		})
	}
}

func TestFailures(t *testing.T) {
	for name, tt := range map[string]struct {
		line, text string
		want       Failure
	}{
		"exit code":                 {`exit 3`, "it ended with exit code 3", Failure{ExitCode: 3}},
		"not found":                 {`exec /no/such/program`, "it ended with exit code 127", Failure{ExitCode: 127, Said: true}},
		"a signal":                  {`kill -9 $$`, "it was ended by a signal: killed", Failure{ExitCode: -1}},
		"Ctrl-C, heard by it first": {`kill -INT $$`, "it was interrupted", Failure{ExitCode: -1}},
		"said something":            {`echo why >&2; exit 1`, "it ended with exit code 1", Failure{ExitCode: 1, Said: true}},
		"65 537 bytes":              {`head -c 65537 /dev/zero`, "it wrote more than 64 KiB", Failure{ExitCode: 0, TooLong: true}},
		"70 KB, and it fails for it": {`trap '' PIPE; head -c 70000 /dev/zero; exit 5`,
			"it wrote more than 64 KiB", Failure{ExitCode: 5, TooLong: true}},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := line(t, tt.line, ample)
			f := failed(t, err)
			if out != "" || f.Error() != tt.text || f.Said != tt.want.Said && !f.TooLong || f.TooLong != tt.want.TooLong || f.TimedOut ||
				f.ExitCode != tt.want.ExitCode && !f.TooLong {
				t.Errorf("%q, %+v", out, f)
			}
		})
	}
}

func TestEndlessOutputIsCutOff(t *testing.T) {
	for name, endless := range map[string]string{
		"yes":                         `echo $$ >"$dir/pid"; exec yes`,
		"in a pipe":                   `echo $$ >"$dir/pid"; yes | cat`,
		"by one who minds no signals": `trap '' PIPE TERM INT HUP; echo $$ >"$dir/pid"; while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done 2>/dev/null`,
	} {
		t.Run(name, func(t *testing.T) {
			env := world(t)
			_, err := Run(t.Context(), Command{Line: endless, Env: env})
			if f := failed(t, err); !f.TooLong || f.TimedOut {
				t.Errorf("%+v", f)
			}
			gone(t, read(t, env["dir"], "pid"))
		})
	}
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Each of these never ends by itself, and notes all of its processes.
var endless = map[string]string{
	"sleeps":                   `echo $$ >"$dir/pid"; sleep 1000`,
	"minds no SIGTERM":         `trap '' TERM INT HUP; echo $$ >"$dir/pid"; while :; do sleep 1; done`,
	"stops itself":             `echo $$ >"$dir/pid"; kill -STOP $$; echo never`,
	"has children":             `sleep 1000 & echo $$ $! >"$dir/pid"; wait`,
	"has deaf grandchildren":   `sh -c 'trap "" TERM; sh -c "trap \"\" TERM; echo \$\$ >>\"$dir/pid\"; while :; do sleep 1; done" & echo $$ >>"$dir/pid"; wait'`,
	"has children with groups": `exec bash -c "set -m; sleep 1000 & echo \$\$ \$! >\"$dir/pid\"; wait"`,
	"says much on stderr":      `echo $$ >"$dir/pid"; exec yes >&2`,
}

func TestHelperThatNeverEndsIsEndedWithItsChildren(t *testing.T) {
	for name, script := range endless {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := world(t)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			start := time.Now()
			_, err := Run(ctx, Command{Line: script, Env: env})
			if f := failed(t, err); !f.TimedOut || !errors.Is(err, context.DeadlineExceeded) || f.Error() != "it was not done in time" {
				t.Errorf("%+v", f)
			}
			if took := time.Since(start); took > ample {
				t.Errorf("it took %v", took)
			}
			gone(t, read(t, env["dir"], "pid"))
		})
	}
}

func TestCtrlCEndsTheHelper(t *testing.T) {
	env := world(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for read, _ := os.ReadFile(env["dir"] + "/pid"); len(read) == 0 && ctx.Err() == nil; read, _ = os.ReadFile(env["dir"] + "/pid") {
			time.Sleep(5 * time.Millisecond)
		}
		cancel()
	}()
	_, err := Run(ctx, Command{Line: endless["has children"], Env: env})
	if f := failed(t, err); !errors.Is(err, context.Canceled) || f.TimedOut || f.Error() != "it was interrupted" {
		t.Errorf("%+v", f)
	}
	gone(t, read(t, env["dir"], "pid"))
}

func TestNothingIsStartedTooLate(t *testing.T) {
	env := world(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Run(ctx, Command{Line: `echo $$ >"$dir/pid"`, Env: env})
	if !errors.Is(err, context.Canceled) || failed(t, err).ExitCode != -1 {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(filepath.Join(env["dir"], "pid")); err == nil {
		t.Error("it ran")
	}
}

// Whoever waits for the end of the pipe waits for a process that has nothing more to say.
func TestGrandchildThatKeepsStdoutOpenHoldsNobodyUp(t *testing.T) {
	for name, script := range map[string]string{
		"in the background":         `sleep 1000 & echo $! >"$dir/pid"; echo out`,
		"deaf":                      `sh -c 'trap "" TERM HUP; while :; do sleep 1; done' & echo $! >"$dir/pid"; echo out`,
		"orphaned twice":            `(sh -c 'sleep 1000 & echo $! >"$dir/pid"' &) ; while ! test -s "$dir/pid"; do sleep 0.01; done; echo out`,
		"in a group of its own":     `bash -c "set -m; sleep 1000 & echo \$! >\"$dir/pid\"; echo out"`,
		"that has let go of stdout": `sleep 1000 >/dev/null 2>&1 & echo $! >"$dir/pid"; echo out`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := world(t)
			start := time.Now()
			out, err := Run(t.Context(), Command{Line: script, Env: env})
			if err != nil || string(out) != "out\n" {
				t.Errorf("%q, %v", out, err)
			}
			if took := time.Since(start); took > ample {
				t.Errorf("it took %v", took)
			}
			gone(t, read(t, env["dir"], "pid"))
		})
	}
}

func TestSecretsOnStderrAndInTheLineAreInNoError(t *testing.T) {
	const secret = "wJalrXUtnFEMI"
	for _, script := range []string{
		`echo ` + secret + `; echo ` + secret + ` >&2; exit 1`,
		`echo ` + secret + ` >&2; kill -9 $$`,
		`echo ` + secret + ` >&2; yes ` + secret,
		`echo ` + secret + ` >&2; sleep 1000`,
		`/no/such/` + secret,
		`echo ` + secret + "\x00",
	} {
		_, err := line(t, script, time.Second)
		f := failed(t, err)
		for _, text := range []string{fmt.Sprintf("%v %+v %#v %q", err, err, err, err), fmt.Sprintf("%v %+v %#v %s", *f, *f, *f, f.Err), fmt.Sprintf("%+v %#v", f.Err, f.Err)} {
			if strings.Contains(text, secret) {
				t.Errorf("%s: %s", script, text)
			}
		}
	}
}

func TestProgramByPath(t *testing.T) {
	env := paths.Env{"A": "1", "EMPTY": "", "WITH": "a=b\nc"}
	out, err := Run(t.Context(), Command{Path: "/usr/bin/env", Args: []string{"-0"}, Env: env})
	got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	slices.Sort(got)
	want := []string{"A=1", "EMPTY=", DepthVariable + "=1", "WITH=a=b\nc"}
	slices.Sort(want)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v", got, err)
	}
	hostile := []string{"$(id)", "`id`", "-n", "a b", "'", `"`, "", "; id", "\x1b"}
	out, err = Run(t.Context(), Command{Path: "/bin/sh", Args: append([]string{"-c", `printf '%s|' "$@"`, "sh"}, hostile...), Env: env})
	if want := strings.Join(hostile, "|") + "|"; err != nil || string(out) != want {
		t.Errorf("%q, want %q, %v", out, want, err)
	}
}

// A repository can hold a program of any name.
func TestProgramOfTheWorkingDirectoryIsNotRun(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for _, name := range []string{"sh", "helper"} {
		if err := os.WriteFile(name, []byte("#!/bin/sh\necho hijacked\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
	for _, path := range []string{"helper", "./helper", "", "sh"} {
		out, err := Run(t.Context(), Command{Path: path})
		if f := failed(t, err); len(out) > 0 || f.ExitCode != -1 || !strings.HasPrefix(f.Error(), "it can't be run: ") {
			t.Errorf("%q: %q, %v", path, out, err)
		}
	}
	if out, err := Run(t.Context(), Command{Line: "echo the real one"}); err != nil || string(out) != "the real one\n" {
		t.Errorf("%q, %v", out, err)
	}
}

func TestWhatCannotBeRunIsSaid(t *testing.T) {
	_, err := Run(t.Context(), Command{Path: "/no/such/program"})
	if f := failed(t, err); f.Error() != "it can't be run: no such file or directory" || !errors.Is(err, os.ErrNotExist) || f.ExitCode != -1 {
		t.Errorf("%v %+v", err, f)
	}
}

func TestDepthIsOneMoreBelow(t *testing.T) {
	for above, want := range map[string]string{"": "1", "0": "1", "1": "2", "41": "42", "-1": "2", "many": "2", "99999999999999999999": "2"} {
		out, err := Run(t.Context(), Command{Line: "echo $" + DepthVariable, Env: paths.Env{DepthVariable: above}})
		if err != nil || string(out) != want+"\n" {
			t.Errorf("%q: %q, %v", above, out, err)
		}
	}
}

// The SDKs wait for whoever holds their pipes, and a lock of ours is not to be held by a daemon.
func TestNoneOfOurFilesIsPassedOn(t *testing.T) {
	dir := t.TempDir()
	var mine []string
	for i := range 5 {
		f, err := os.Create(filepath.Join(dir, fmt.Sprint(i)))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		mine = append(mine, strconv.Itoa(int(f.Fd())))
	}
	script := "for fd in " + strings.Join(mine, " ") + `; do (eval ": >&$fd") 2>/dev/null && echo "$fd"; done; :`
	if out, err := line(t, script, ample); err != nil || out != "" {
		t.Errorf("passed on: %q, %v", out, err)
	}
	if out, err := line(t, strings.Replace(script, "; do", " 1; do", 1), ample); err != nil || out != "1\n" {
		t.Errorf("of 1 it should say so: %q, %v", out, err)
	}
}

func TestLaunchedProgramOutlivesUs(t *testing.T) {
	env := world(t)
	start := time.Now()
	err := Launch(env, "/bin/sh", "-c", `echo $$ $(ps -o sid= -p $$) >"$dir/pid"; cat; echo x; echo x >&2; exec sleep 1000`)
	if err != nil || time.Since(start) > ample {
		t.Errorf("%v after %v", err, time.Since(start))
	}
	var pid, session string
	until(t, "it runs", func() bool {
		text, _ := os.ReadFile(filepath.Join(env["dir"], "pid"))
		n, _ := fmt.Sscan(string(text), &pid, &session)
		return n == 2
	})
	if pid != session {
		t.Errorf("it is in session %s, where Ctrl-C may reach it", session)
	}
	n, err := strconv.Atoi(pid)
	if err != nil || !runs(n) {
		t.Fatalf("%s is gone, %v", pid, err)
	}
	syscall.Kill(n, syscall.SIGKILL)
	gone(t, pid)
}

// The browser had the depth of the call that opened it, and the keys of the shell: whatever was started from it a week later, too.
func TestLaunchedProgramInheritsNoKeysAndNoDepth(t *testing.T) {
	env := world(t)
	env["BROWSER"], env["AWS_PROFILE"] = "firefox", "corp"
	none := []string{"WHICHROLE_DEPTH", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"}
	for _, name := range none {
		env[name] = "1"
	}
	if err := Launch(env, "/bin/sh", "-c", `env >"$dir/new"; mv "$dir/new" "$dir/env"`); err != nil {
		t.Fatal(err)
	}
	until(t, "it has run", func() bool { _, err := os.Stat(env["dir"] + "/env"); return err == nil })
	got := "\n" + read(t, env["dir"], "env")
	for _, line := range []string{"BROWSER=firefox", "AWS_PROFILE=corp"} {
		if !strings.Contains(got, "\n"+line+"\n") {
			t.Errorf("it lacks %s: %s", line, got)
		}
	}
	for _, name := range none {
		if strings.Contains(got, "\n"+name+"=") {
			t.Errorf("it has %s", name)
		}
	}
}

func TestLaunchTellsOfAProgramThatFailsAtOnce(t *testing.T) {
	if err := Launch(world(t), "/bin/sh", "-c", "exit 0"); err != nil {
		t.Error(err)
	}
	if f := failed(t, Launch(world(t), "/bin/sh", "-c", "exit 3")); f.ExitCode != 3 {
		t.Errorf("%+v", f)
	}
	if err := Launch(world(t), "/no/such/program"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

// Ctrl-C in the terminal reached us and not the helper, which has a session of its own: its children lived on.
func TestSignalThatEndsUsEndsTheHelperFirst(t *testing.T) {
	if dir := os.Getenv("CHILD_TEST_SIGNAL"); dir != "" {
		Run(context.Background(), Command{Line: `sleep 300 & echo $$ $! >"$dir/pids.new"; mv "$dir/pids.new" "$dir/pids"; wait`, Env: paths.Env{"PATH": os.Getenv("PATH"), "dir": dir}})
		time.Sleep(ample) // the signal must end us, too
		return
	}
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		dir := t.TempDir()
		us := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
		us.Env = append(os.Environ(), "CHILD_TEST_SIGNAL="+dir)
		if err := us.Start(); err != nil {
			t.Fatal(err)
		}
		var pids []byte
		for end := time.Now().Add(ample); len(pids) == 0 && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
			pids, _ = os.ReadFile(filepath.Join(dir, "pids"))
		}
		us.Process.Signal(s)
		err := us.Wait()
		status, ok := us.ProcessState.Sys().(syscall.WaitStatus)
		if !ok || !status.Signaled() || status.Signal() != s {
			t.Errorf("%v: we ended by %v", s, err)
		}
		gone(t, string(pids))
	}
}
