package launch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// world is where one test's execs run.
type world struct {
	t     *testing.T
	home  string
	extra []string
}

func newWorld(t *testing.T, extra ...string) *world {
	w := &world{t: t, home: t.TempDir(), extra: extra}
	t.Cleanup(func() { w.gone() }) // after a test nothing is left, not even a keeper
	return w
}

// exec is whichrole exec COMMAND….
func (w *world) exec(command ...string) *exec.Cmd {
	w.t.Helper()
	self, err := os.Executable()
	must(w.t, err)
	ctx, stop := context.WithTimeout(context.Background(), 30*time.Second) // whoever waits for its keeper fails the test
	w.t.Cleanup(stop)
	cmd := exec.CommandContext(ctx, self, command...)
	cmd.Env = append([]string{"LAUNCH_TEST=exec", "HOME=" + w.home, "LAUNCH_TEST_STATE=" + w.home + "/state", "PATH=" + os.Getenv("PATH")}, w.extra...)
	return cmd
}

func (w *world) run() string { return filepath.Join(w.home, "state", "run") }

func (w *world) sessions() []string {
	dirs, err := filepath.Glob(w.run() + "/exec-*")
	must(w.t, err)
	return dirs
}

// gone waits until no session is left.
func (w *world) gone() {
	w.t.Helper()
	eventually(w.t, "the session goes", func() bool { return len(w.sessions()) == 0 })
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if is() {
			return
		}
	}
	t.Fatalf("still waiting: %s", what)
}

// started runs a command that says so with a line, and goes on.
func started(t *testing.T, cmd *exec.Cmd) (said string) {
	t.Helper()
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	line := make([]byte, 256)
	n, err := out.Read(line)
	must(t, err)
	return strings.TrimSpace(string(line[:n]))
}

func TestCommandTakesOurPlace(t *testing.T) {
	w := newWorld(t)
	cmd := w.exec("sh", "-c", `echo $$; cat "$AWS_CONFIG_FILE" >&2; echo "$AWS_PROFILE $AWS_REGION"; cat; exit 42`)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader("stdin untouched"), &out, &errs
	err := cmd.Run()
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok || exit.ExitCode() != 42 {
		t.Errorf("%v, want exit status 42", err)
	}
	if want := fmt.Sprintf("%d\nwhichrole-exec eu-west-1\nstdin untouched", cmd.Process.Pid); out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
	if !strings.Contains(errs.String(), "credential-process --pinned exec-") {
		t.Errorf("the config: %s", errs.String())
	}
	w.gone()
}

func TestSignalThatEndsTheCommandIsSeen(t *testing.T) {
	err := newWorld(t).exec("sh", "-c", "kill -TERM $$").Run()
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM {
		t.Errorf("%v", err)
	}
}

// Go raises the number of files that a process may open; the command's must be as it was.
func TestCommandHasTheLimitsOfItsCaller(t *testing.T) {
	const show = "ulimit -Sn; ulimit -Hn; umask; trap"
	want, err := exec.Command("sh", "-c", "ulimit -Sn 256; "+show).Output()
	must(t, err)
	cmd := newWorld(t).exec("sh", "-c", show)
	all := exec.Command("sh", append([]string{"-c", `ulimit -Sn 256; exec "$@"`, "sh"}, cmd.Args...)...)
	all.Env = cmd.Env
	if got, err := all.Output(); err != nil || string(got) != string(want) {
		t.Errorf("%s %v, want %s", got, err, want)
	}
}

func TestKilledCommandLeavesNothing(t *testing.T) {
	w := newWorld(t)
	cmd := w.exec("sh", "-c", "echo up; exec sleep 600")
	started(t, cmd)
	if n := len(w.sessions()); n != 1 {
		t.Fatalf("%d sessions", n)
	}
	must(t, cmd.Process.Kill())
	w.gone()
}

func TestStoppedServiceLetsTheCommandSaveItsState(t *testing.T) {
	w := newWorld(t)
	cmd := w.exec("sh", "-c", "echo up; exec sleep 600")
	started(t, cmd)
	for _, s := range []unix.Signal{unix.SIGTERM, unix.SIGINT, unix.SIGHUP, unix.SIGQUIT} {
		must(t, unix.Kill(w.keeper(), s))
	}
	time.Sleep(50 * time.Millisecond)
	if unix.Kill(w.keeper(), 0) != nil || len(w.sessions()) != 1 {
		t.Error("the keeper has ended before the command")
	}
	must(t, cmd.Process.Kill())
	w.gone()
}

// It lives as long as the command, and everything of the same user can look into it.
func TestKeeperThatServesNothingHasNoKeys(t *testing.T) {
	w := newWorld(t, "AWS_SECRET_ACCESS_KEY=never", "XDG_STATE_HOME=/x")
	cmd := w.exec("sh", "-c", "echo up; exec sleep 600")
	started(t, cmd)
	text, err := os.ReadFile("/proc/" + strconv.Itoa(w.keeper()) + "/environ")
	if err != nil || strings.Contains(string(text), "never") || !strings.Contains(string(text), "XDG_STATE_HOME=/x") {
		t.Errorf("%q %v", text, err)
	}
	if dir, err := os.Readlink("/proc/" + strconv.Itoa(w.keeper()) + "/cwd"); dir != "/" {
		t.Errorf("it keeps %s busy, %v", dir, err)
	}
	must(t, cmd.Process.Kill())
	w.gone()
}

// Before Linux 5.3, and where a container forbids it, the kernel does not tell when a process ends.
func TestEndIsSeenWhereTheKernelDoesNotTell(t *testing.T) {
	cmd := exec.Command("sleep", "600")
	must(t, cmd.Start())
	started, known := startOf(cmd.Process.Pid)
	if !known || started == 0 {
		t.Fatalf("%d %v", started, known)
	}
	ended := make(chan struct{})
	go func() { running{cmd.Process.Pid, started}.ended(func() {}); close(ended) }()
	select {
	case <-ended:
		t.Error("it was not waited for")
	case <-time.After(300 * time.Millisecond):
	}
	if (running{cmd.Process.Pid, started + 1}).runs() {
		t.Error("another process of the same number passes for it")
	}
	if !(running{pid: cmd.Process.Pid}).runs() {
		t.Error("a process whose start is not known passes for ended")
	}
	must(t, cmd.Process.Kill()) // and nobody has waited for it yet
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Error("its end was not seen")
	}
	cmd.Wait()
}

// Else the keeper would look ten times a second, for hours.
func TestKernelWakesTheKeeperAtTheEnd(t *testing.T) {
	cmd := exec.Command("sleep", "600")
	must(t, cmd.Start())
	sleep, woken := asleepUntil(running{pid: cmd.Process.Pid}), make(chan struct{})
	go func() { sleep(); close(woken) }()
	select {
	case <-woken:
		t.Error("it did not sleep")
	case <-time.After(200 * time.Millisecond):
	}
	must(t, cmd.Process.Kill())
	select {
	case <-woken:
	case <-time.After(10 * time.Second):
		t.Error("it sleeps on")
	}
	cmd.Wait()
}

// A command such as dumb-init waits for whatever child there is.
func TestCommandThatWaitsForAllChildrenEnds(t *testing.T) {
	cmd := newWorld(t, "LAUNCH_TEST_THEN=waitall").exec(self0(t))
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Run(); err != nil || out.String() != "0 children\n" {
		t.Errorf("%v, %s", err, out.String())
	}
}

// The first process of a container is everybody's parent in the end.
func TestCommandThatAdoptsIsNotGivenAKeeper(t *testing.T) {
	w := newWorld(t, "LAUNCH_TEST_THEN=waitall", "LAUNCH_TEST_ADOPTS=1")
	if out, err := w.exec(self0(t)).CombinedOutput(); err != nil || string(out) != "0 children\n" {
		t.Errorf("%v, %s", err, out)
	}
	w.extra = nil
	must(t, w.exec("true").Run()) // sweeps
}

func adoptAll() {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		panic(err)
	}
}

func self0(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	return self
}

// command waits for whatever child it has.
func command(string) int {
	n := 0
	for {
		_, err := syscall.Wait4(-1, nil, 0, nil)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil {
			break
		}
		n++
	}
	fmt.Println(n, "children")
	return 0
}

// CI waits until nobody holds its pipes, and flock(1) until nobody holds its file: not for the keeper, even if it hangs.
func TestNothingInheritedIsHeldByTheKeeper(t *testing.T) {
	w := newWorld(t)
	cmd := w.exec("sh", "-c", "echo up; exec sleep 600")
	readers := make([]*os.File, 3)
	for i := range readers {
		r, theirs, err := os.Pipe()
		must(t, err)
		defer r.Close()
		readers[i] = r
		switch i {
		case 0:
			cmd.Stdout = theirs
		case 1:
			cmd.Stderr = theirs
		case 2:
			cmd.ExtraFiles = []*os.File{nil, nil, nil, nil, nil, nil, theirs}
		}
		defer theirs.Close()
	}
	must(t, cmd.Start())
	for _, f := range append(cmd.ExtraFiles, cmd.Stdout.(*os.File), cmd.Stderr.(*os.File)) {
		if f != nil {
			f.Close()
		}
	}
	_, err := readers[0].Read(make([]byte, 10))
	must(t, err)
	keeper := w.keeper()
	must(t, unix.Kill(keeper, unix.SIGSTOP))
	defer unix.Kill(keeper, unix.SIGCONT)
	cmd.Process.Kill()
	cmd.Wait()
	for i, r := range readers {
		must(t, r.SetReadDeadline(time.Now().Add(10*time.Second)))
		if _, err := io.Copy(io.Discard, r); err != nil {
			t.Errorf("pipe %d: %v", i, err)
		}
	}
}

func TestTwentyAtOnce(t *testing.T) {
	w := newWorld(t)
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			out, err := w.exec("sh", "-c", `test -s "$AWS_CONFIG_FILE" && sleep 0.2 && test -s "$AWS_CONFIG_FILE" && echo fine`).CombinedOutput()
			if err != nil || string(out) != "fine\n" {
				t.Errorf("%d: %v %s", i, err, out)
			}
		})
	}
	all.Wait()
	w.gone()
}

func TestKilledKeeperIsSweptAfterUs(t *testing.T) {
	w := newWorld(t)
	cmd := w.exec("sh", "-c", "echo up; exec sleep 600")
	started(t, cmd)
	dead := w.sessions()[0]
	keeper := w.keeper()
	must(t, unix.Kill(keeper, unix.SIGKILL))
	eventually(t, "the keeper ends", func() bool { return unix.Kill(keeper, 0) != nil })
	must(t, w.exec("true").Run())
	if _, err := os.Stat(dead); err != nil {
		t.Fatal("the session of a command that runs was swept")
	}
	must(t, cmd.Process.Kill())
	cmd.Wait()
	must(t, w.exec("true").Run())
	if _, err := os.Stat(dead); err == nil {
		t.Error("nobody has swept")
	}
}

func TestCommandWithoutAKeeperHoldsItsSession(t *testing.T) {
	w := newWorld(t, "LAUNCH_TEST_UNKEPT=1")
	cmd := w.exec("sh", "-c", "echo up; exec sleep 600")
	started(t, cmd)
	if w.canLock() {
		t.Error("nobody holds the session")
	}
	must(t, cmd.Process.Kill())
	cmd.Wait()
	w.extra = nil
	must(t, w.exec("true").Run())
	w.gone()
}

func TestServesUntilTheCommandEnds(t *testing.T) {
	w := newWorld(t, "LAUNCH_TEST_ORDER=everything")
	cmd := w.exec("sh", "-c", "echo $ANSWER; exec sleep 600")
	server, err := strconv.Atoi(started(t, cmd))
	if err != nil || !(running{pid: server}).runs() {
		t.Fatalf("%d serves, %v", server, err)
	}
	if w.canLock() {
		t.Error("nobody holds the session")
	}
	must(t, cmd.Process.Kill())
	eventually(t, "the service ends", func() bool { return unix.Kill(server, 0) != nil })
}

func TestServiceThatFailsIsTheCommandsFailure(t *testing.T) {
	w := newWorld(t, "LAUNCH_TEST_ORDER=nonsense")
	out, err := w.exec("echo", "never").CombinedOutput()
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok || exit.ExitCode() != 7 || string(out) != "error: nothing serves nonsense\n" {
		t.Errorf("%v %s", err, out)
	}
}

func TestKeeperIsNotForPeople(t *testing.T) {
	cmd := exec.Command(self0(t), KeeperCommand)
	out, err := cmd.CombinedOutput()
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok || exit.ExitCode() != 2 || !strings.Contains(string(out), "whichrole exec alone") {
		t.Errorf("%v %s", err, out)
	}
}

// canLock tells whether nobody holds the one session.
func (w *world) canLock() bool {
	w.t.Helper()
	lock, err := os.OpenFile(filepath.Join(w.sessions()[0], lockName), os.O_RDWR, 0)
	must(w.t, err)
	defer lock.Close()
	return tryLock(lock)
}

// keeper is the one process that holds the lock of the one session, and is not its command.
func (w *world) keeper() int {
	w.t.Helper()
	out, err := exec.Command("ps", "-axo", "pid=,args=").Output()
	must(w.t, err)
	lock, err := os.Stat(filepath.Join(w.sessions()[0], lockName))
	must(w.t, err)
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) < 3 || fields[2] != KeeperCommand {
			continue
		}
		held, err := os.Stat("/proc/" + fields[0] + "/fd/" + strconv.Itoa(lockFile))
		if err == nil && os.SameFile(held, lock) {
			pid, err := strconv.Atoi(fields[0])
			must(w.t, err)
			return pid
		}
	}
	w.t.Fatalf("no keeper in\n%s", out)
	return 0
}

func TestCommandRunsWhereItShould(t *testing.T) {
	dir := t.TempDir()
	script := filepath.Join(dir, "script")
	must(t, os.WriteFile(script, []byte("echo \"$1 $PWD\"; pwd -P; exit 9\n"), 0o700)) // without #!: execve does not take it, shells do
	w := newWorld(t, "LAUNCH_TEST_DIR="+dir)
	out, err := w.exec("./script", "a b").Output()
	exit, ok := errors.AsType[*exec.ExitError](err)
	if want := "a b " + dir + "\n" + dir + "\n"; !ok || exit.ExitCode() != 9 || string(out) != want {
		t.Errorf("%v %q, want %q", err, out, want)
	}
}

func TestCommandThatIsNotThereLeavesNothing(t *testing.T) {
	w := newWorld(t)
	out, err := w.exec("nonesuch").CombinedOutput()
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok || exit.ExitCode() != 127 || string(out) != "error: nonesuch: command not found\n" {
		t.Errorf("%v %s", err, out)
	}
	if n := len(w.sessions()); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
}
