package child

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"whichrole/internal/paths"
)

// The test binary is also the program that runs a helper on a terminal: it gets an order, and writes a report.
type order struct {
	Command
	Within time.Duration
}

type report struct {
	Out, Error string
	TimedOut   bool
	Group      int
}

const orderMark = "CHILD_TEST_ORDER"

func TestMain(m *testing.M) {
	var o order
	text := os.Getenv(orderMark)
	if text == "" {
		os.Exit(m.Run())
	}
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		panic(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, o.Within)
	defer cancel()
	out, err := Run(ctx, o.Command)
	r := report{Out: string(out), Group: syscall.Getpgrp()}
	if f, ok := err.(*Failure); ok {
		r.Error, r.TimedOut = f.Error(), f.TimedOut
	}
	json.NewEncoder(os.Stdout).Encode(r)
	io.Copy(io.Discard, os.NewFile(3, "gate")) // until the test has looked: the terminal's processes go when we do
}

// desk is a terminal with one of us on it.
type desk struct {
	t             *testing.T
	master, slave *os.File
	cmd           *exec.Cmd
	dir           string
	gate          io.Closer
	reports       *json.Decoder

	mu     sync.Mutex
	screen bytes.Buffer
}

// sit opens a terminal and runs the command there.
func sit(t *testing.T, within time.Duration, c Command) *desk {
	t.Helper()
	d := &desk{t: t, dir: t.TempDir()}
	d.master, d.slave = openPTY(t)
	c.Env = paths.Env{"PATH": os.Getenv("PATH"), "dir": d.dir}
	text, err := json.Marshal(order{c, within})
	must(t, err)
	stdout, toUs, err := os.Pipe()
	must(t, err)
	gate, open, err := os.Pipe()
	must(t, err)
	d.cmd = exec.Command(os.Args[0])
	d.cmd.Env = append(os.Environ(), orderMark+"="+string(text), "GORACE=atexit_sleep_ms=1")
	d.cmd.Stdin, d.cmd.Stdout, d.cmd.Stderr, d.cmd.ExtraFiles = d.slave, toUs, os.Stderr, []*os.File{gate}
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	must(t, d.cmd.Start())
	toUs.Close()
	gate.Close()
	d.gate, d.reports = open, json.NewDecoder(stdout)
	t.Cleanup(func() {
		open.Close()
		d.cmd.Process.Kill()
		d.cmd.Wait()
		d.slave.Close()
		d.master.Close()
		stdout.Close()
	})
	go d.watch()
	return d
}

func openPTY(t *testing.T) (master, slave *os.File) {
	t.Helper()
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	must(t, err)
	must(t, unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0))
	n, err := unix.IoctlGetUint32(fd, unix.TIOCGPTN)
	must(t, err)
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	must(t, err)
	return os.NewFile(uintptr(fd), "ptmx"), slave
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (d *desk) watch() {
	for buffer := make([]byte, 1024); ; {
		n, err := d.master.Read(buffer)
		if err != nil {
			return
		}
		d.mu.Lock()
		d.screen.Write(buffer[:n])
		d.mu.Unlock()
	}
}

// shows waits until that stands on the screen.
func (d *desk) shows(text string) {
	d.t.Helper()
	until(d.t, "the screen shows "+text, func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		return strings.Contains(d.screen.String(), text)
	})
}

func (d *desk) types(keys string) {
	d.t.Helper()
	_, err := d.master.WriteString(keys)
	must(d.t, err)
}

// report waits for what Run said. Our program stays until the test is over.
func (d *desk) report() (r report) {
	d.t.Helper()
	got := make(chan error, 1)
	go func() { got <- d.reports.Decode(&r) }()
	select {
	case err := <-got:
		must(d.t, err)
	case <-time.After(ample):
		d.t.Fatal("nothing comes back")
	}
	return r
}

func (d *desk) echo() bool {
	modes, err := unix.IoctlGetTermios(int(d.slave.Fd()), unix.TCGETS)
	must(d.t, err)
	return modes.Lflag&unix.ECHO != 0
}

const ctrlC = "\x03"

func TestProgramMayAskOnTheTerminal(t *testing.T) {
	for name, line := range map[string]string{
		"itself":     `printf 'code? ' >/dev/tty; read code </dev/tty; echo "got $code"`,
		"its child":  `(printf 'code? ' >/dev/tty; sh -c 'read code </dev/tty; echo "got $code"') | cat`,
		"in secret":  `stty -echo </dev/tty; printf 'code? ' >/dev/tty; read code </dev/tty; stty echo </dev/tty; echo "got $code"`,
		"on purpose": `tty=/dev/$(ps -o tty= -p $$); printf 'code? ' >$tty; read code <$tty; echo "got $code"`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := sit(t, ample, Command{Line: line, Terminal: true})
			d.shows("code? ")
			d.types("123456\n")
			if r := d.report(); r.Out != "got 123456\n" || r.Error != "" {
				t.Errorf("%+v", r)
			}
		})
	}
}

// In the background of a terminal, who reads there is stopped, and nobody would let it go on.
func TestProgramThatMayNotAskIsNotStopped(t *testing.T) {
	for name, line := range map[string]string{
		"reads":             `read code </dev/tty || echo nobody`,
		"changes the modes": `stty -echo </dev/tty || echo nobody`,
		"tries it for ever": `for i in 1 2 3 4 5; do read code </dev/tty && exit; done; echo nobody`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := sit(t, ample, Command{Line: line})
			if r := d.report(); r.Out != "nobody\n" || r.Error != "" {
				t.Errorf("%+v", r)
			}
			if !d.echo() {
				t.Error("the terminal shows no longer what is typed")
			}
		})
	}
}

// deaf asks for a code in secret and ends neither by itself nor by a signal; nor do its child and its grandchild.
const deaf = `trap '' INT TERM HUP
stty -echo </dev/tty
(sh -c 'echo $$ >>"$dir/pid"; while :; do sleep 1; done' & echo $! >>"$dir/pid"; wait) &
echo $$ $! >>"$dir/pid"
while ! test $(wc -w <"$dir/pid") = 4; do sleep 0.01; done
echo ready >/dev/tty
while :; do sleep 1; done`

func TestTimeIsUpOnTheTerminal(t *testing.T) {
	d := sit(t, 3*time.Second, Command{Line: deaf, Terminal: true})
	d.shows("ready")
	if d.echo() {
		t.Error("the echo should be off by now")
	}
	if r := d.report(); !r.TimedOut {
		t.Errorf("%+v", r)
	}
	gone(t, read(t, d.dir, "pid"))
	if !d.echo() {
		t.Error("the terminal shows no longer what is typed")
	}
}

func TestCtrlCOnTheTerminal(t *testing.T) {
	for name, c := range map[string]Command{
		"deaf":         {Line: deaf, Terminal: true},
		"ordinary":     {Line: `stty -echo </dev/tty; echo $$ >"$dir/pid"; sleep 1000 | { echo ready >/dev/tty; cat; }`, Terminal: true},
		"not its own":  {Line: `sleep 1000 & echo $$ $! >"$dir/pid"; echo ready >"$(readlink /proc/$PPID/fd/0)"; wait`},
		"in a session": {Line: `trap '' INT TERM; sleep 1000 & echo $$ $! >"$dir/pid"; echo ready >"$(readlink /proc/$PPID/fd/0)"; wait; wait`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := sit(t, ample, c)
			d.shows("ready")
			d.types(ctrlC)
			if r := d.report(); r.Error != "it was interrupted" {
				t.Errorf("%+v", r)
			}
			gone(t, read(t, d.dir, "pid"))
			if !d.echo() {
				t.Error("the terminal shows no longer what is typed")
			}
		})
	}
}

// Ctrl-Z and fg are for a job as a whole: a helper of a group of its own would be left out.
func TestProgramOnTheTerminalStaysInOurJob(t *testing.T) {
	d := sit(t, ample, Command{Line: `cut -d' ' -f5 /proc/self/stat`, Terminal: true})
	if r := d.report(); r.Out != fmt.Sprintln(r.Group) {
		t.Errorf("%+v", r)
	}
}

// A helper that opens a browser leaves it to the person.
func TestBrowserThatTheHelperOpenedStays(t *testing.T) {
	d := sit(t, ample, Command{Line: `sleep 1000 & echo $! >"$dir/pid"; echo out`, Terminal: true})
	if r := d.report(); r.Out != "out\n" || r.Error != "" {
		t.Errorf("%+v", r)
	}
	stays(t, read(t, d.dir, "pid"))
}

// What has a session of its own was made to outlive who started it: gpg-agent, for all that ask later.
func TestDaemonStays(t *testing.T) {
	env := world(t)
	out, err := Run(t.Context(), Command{Line: `setsid sh -c 'echo $$ >"$dir/pid"; exec sleep 1000' & while ! test -s "$dir/pid"; do sleep 0.01; done; echo out`, Env: env})
	if err != nil || string(out) != "out\n" {
		t.Errorf("%q, %v", out, err)
	}
	stays(t, read(t, env["dir"], "pid"))
}

// stays fails where the process does not live a moment later, and then ends it.
func stays(t *testing.T, pid string) {
	t.Helper()
	time.Sleep(200 * time.Millisecond)
	var n int
	if _, err := fmt.Sscan(pid, &n); err != nil {
		t.Fatal(err)
	}
	if !runs(n) {
		t.Errorf("process %d is gone", n)
		return
	}
	must(t, syscall.Kill(n, syscall.SIGKILL))
	gone(t, pid)
}

// SDKs kill a helper that is late, which has no time to end its own.
func TestHelperDiesWithUs(t *testing.T) {
	for name, terminal := range map[string]bool{"on the terminal": true, "in a session": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := sit(t, ample, Command{Line: `trap '' INT TERM HUP; echo $$ >"$dir/new"; mv "$dir/new" "$dir/pid"; while :; do sleep 0.1; done`, Terminal: terminal})
			until(t, "it runs", func() bool { _, err := os.Stat(d.dir + "/pid"); return err == nil })
			must(t, d.cmd.Process.Kill())
			gone(t, read(t, d.dir, "pid"))
		})
	}
}

// A process may call itself anything.
func TestStatWithAHostileName(t *testing.T) {
	for stat, want := range map[string]struct {
		parent int
		runs   bool
	}{
		"12 (sh) S 7 12 12 0 -1":         {7, true},
		"12 (sh) Z 7 12 12 0 -1":         {7, false},
		"12 (a) S 1 (b) T 7 12":          {7, true},
		"12 () R 1\n) Z 7 12":            {7, false},
		"12 (sh) S":                      {0, false},
		"12 (sh) S x":                    {0, false},
		"":                               {0, false},
		"12 sh S 7":                      {0, false},
		"12 (\xff\xfe\x1b[2J) D 7 1 2 3": {7, true},
	} {
		if parent, runs := parse([]byte(stat)); parent != want.parent || runs != want.runs {
			t.Errorf("%q: %d, %v", stat, parent, runs)
		}
	}
}
