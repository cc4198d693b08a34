package prompt

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const teller = "PROMPT_TEST_TELLER"

// init makes the test binary also a program that tells, and says on stdout what came of it.
func init() {
	if text, ok := os.LookupEnv(teller); ok {
		err := Tell(text)
		fmt.Println(errors.Is(err, ErrNobody), err)
		os.Exit(0)
	}
}

// tells runs that program, or a shell that runs it as "$0", on a terminal or on none, and returns what it said.
func tells(t *testing.T, terminal *os.File, text string, shell ...string) string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	if shell != nil {
		cmd = exec.Command("/bin/sh", "-c", shell[0], os.Args[0])
	}
	var stdout, stderr bytes.Buffer
	cmd.Env = append(os.Environ(), teller+"="+text, "GORACE=atexit_sleep_ms=1")
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = &stdout, &stderr, time.Second
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
	if terminal != nil {
		cmd.Stdin = terminal
		cmd.SysProcAttr.Setctty = true
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(20*time.Second, func() { cmd.Process.Kill() })
	defer kill.Stop()
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v %s", err, stderr.Bytes())
	}
	return stdout.String()
}

// shown is what the terminal shows by now, as it came: all has been written, so it is there in a moment.
func shown(t *testing.T, person *os.File) string {
	t.Helper()
	var screen strings.Builder
	for buffer := make([]byte, 64<<10); ; {
		person.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
		n, err := person.Read(buffer)
		screen.Write(buffer[:n])
		if err != nil {
			return screen.String()
		}
	}
}

func TestTold(t *testing.T) {
	terminal, person := openPTY(t)
	terminal.WriteString("aws_vpc.main: Still creating... [10s")
	if said := tells(t, terminal, "whichrole: error: no\nwhichrole: hint: run: it\n"); said != "false <nil>\n" {
		t.Error(said)
	}
	want := "aws_vpc.main: Still creating... [10s\nwhichrole: error: no\nwhichrole: hint: run: it\n"
	if got := strings.ReplaceAll(shown(t, person), "\r", ""); got != want {
		t.Errorf("%q", got)
	}
}

// In raw mode a line feed alone would leave each line where the one before it ended.
func TestToldInRawMode(t *testing.T) {
	terminal, person := openPTY(t)
	mode, err := unix.IoctlGetTermios(int(terminal.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	mode.Oflag &^= unix.OPOST
	if err := unix.IoctlSetTermios(int(terminal.Fd()), unix.TCSETS, mode); err != nil {
		t.Fatal(err)
	}
	tells(t, terminal, "a\r\nb")
	if got := shown(t, person); got != "\r\na\r\nb\r\n" {
		t.Errorf("%q", got)
	}
}

// AWS's messages and a repository's names must not clear the screen, set its title or hide a line.
func TestHostileTextIsToldHarmlessly(t *testing.T) {
	terminal, person := openPTY(t)
	tells(t, terminal, "a\x1b[2Jb\x1b]0;t\a\rc\u202ed\xff\n\x9be")
	if got, want := strings.ReplaceAll(shown(t, person), "\r", ""), "\n"+`a\x1b[2Jb\x1b]0;t\x07\x0dc\xe2\x80\xaed\xff`+"\n"+`\x9be`+"\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestNobodyToTell(t *testing.T) {
	if said := tells(t, nil, "a"); !strings.HasPrefix(said, "true there is nobody to ask here: ") {
		t.Errorf("%q", said)
	}
}

// Terraform in the background, with a terminal that stops who writes from there: our message would stop all of it, unseen.
func TestBackgroundJobIsNotStoppedForTelling(t *testing.T) {
	terminal, person := openPTY(t)
	said := tells(t, terminal, "told", `stty tostop && set -m && { "$0" & } && sleep 0.1 && jobs && wait && echo over`)
	if !strings.Contains(said, "false <nil>\n") || !strings.Contains(said, "over\n") || strings.Contains(said, "topped") {
		t.Errorf("%q", said)
	}
	if got := shown(t, person); !strings.Contains(got, "told") {
		t.Errorf("%q", got)
	}
}

// The signal stops our job again once we have told: a child inherits what its parent's thread has.
func TestTellingLeavesTheSignalsAsTheyWere(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	blocked := func() (set unix.Sigset_t) {
		if err := unix.PthreadSigmask(unix.SIG_BLOCK, nil, &set); err != nil {
			t.Fatal(err)
		}
		return set
	}
	before := blocked()
	restore := unstoppable()
	during := blocked()
	restore()
	if after := blocked(); after != before || during == before {
		t.Errorf("before %x, during %x, after %x", before.Val[0], during.Val[0], after.Val[0])
	}
}

// Ctrl-S, a stopped multiplexer, a window that hangs: the helper ends all the same, and with it the SDK that waits for it.
func TestTerminalThatTakesNothing(t *testing.T) {
	const off = 0 // TCOOFF
	for name, tt := range map[string]struct {
		hold bool
		text string
	}{
		"held":           {true, "a"},
		"nobody reads":   {false, strings.Repeat("x", 100_000)},
		"held, and long": {true, strings.Repeat("x", 100_000)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			terminal, _ := openPTY(t)
			if tt.hold {
				if err := unix.IoctlSetInt(int(terminal.Fd()), unix.TCXONC, off); err != nil {
					t.Fatal(err)
				}
			}
			start := time.Now()
			if said := tells(t, terminal, tt.text); said != "false the terminal takes nothing\n" {
				t.Errorf("%q", said)
			}
			if took := time.Since(start); took < tellFor/2 || took > 10*tellFor {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// A screen that is slow, or long in waking up, is told in the end.
func TestTerminalThatTakesItLater(t *testing.T) {
	terminal, person := openPTY(t)
	text := strings.Repeat("0123456789", 4000) // more than a terminal holds
	screen := make(chan string)
	go func() {
		time.Sleep(200 * time.Millisecond)
		screen <- shown(t, person)
	}()
	said := tells(t, terminal, text)
	if got := <-screen; said != "false <nil>\n" || !strings.Contains(got, text) {
		t.Errorf("%q; %d bytes", said, len(got))
	}
}
