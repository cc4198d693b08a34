package prompt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// openPTY is a terminal, and whoever sits at it.
func openPTY(t *testing.T) (terminal, person *os.File) {
	t.Helper()
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	person = os.NewFile(uintptr(fd), "ptmx")
	t.Cleanup(func() { person.Close() })
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetUint32(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { terminal.Close() })
	return terminal, person
}

// sees reads what the terminal shows until that is there.
func sees(t *testing.T, person *os.File, want string) {
	t.Helper()
	var screen strings.Builder
	person.SetReadDeadline(time.Now().Add(20 * time.Second))
	for buffer := make([]byte, 256); !strings.Contains(screen.String(), want); {
		n, err := person.Read(buffer)
		screen.Write(buffer[:n])
		if err != nil {
			t.Fatalf("%v; the screen shows %q", err, screen.String())
		}
	}
}

func TestCodeIsShownWhileItIsTyped(t *testing.T) {
	terminal, person := openPTY(t)
	done := make(chan string)
	go func() {
		code, err := Code(t.Context(), terminal, "code of corp")
		done <- fmt.Sprint(code, err)
	}()
	sees(t, person, "code of corp: ")
	person.WriteString("12345")
	sees(t, person, "12345")
	person.WriteString("\n")
	sees(t, person, "\r\nthat is not six digits\r\ncode of corp: ")
	person.WriteString("12345\x7f56\n") // one key too early
	sees(t, person, "56\r\n")
	if got := <-done; got != "123456<nil>" {
		t.Error(got)
	}
}

func TestTerminalIsCleanWhenTimeIsUp(t *testing.T) {
	terminal, person := openPTY(t)
	before, err := unix.IoctlGetTermios(int(terminal.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		_, err := Code(ctx, terminal, "code")
		done <- err
	}()
	sees(t, person, "code: ")
	person.WriteString("123")
	sees(t, person, "123")
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	sees(t, person, "\r\n")
	after, err := unix.IoctlGetTermios(int(terminal.Fd()), unix.TCGETS)
	if err != nil || *after != *before {
		t.Errorf("the terminal is not as it was: %+v, %v", after, err)
	}
	person.WriteString("456\n") // who still reads says nothing more
	sees(t, person, "456\r\n")
	person.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
	if n, err := person.Read(make([]byte, 1)); n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("somebody writes: %d, %v", n, err)
	}
}

const asker = "PROMPT_TEST_ASKER"

// TestMain makes the test binary also a program that asks on its terminal, and says on stdout what came of it.
func TestMain(m *testing.M) {
	if os.Getenv(asker) == "" {
		os.Exit(m.Run())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	terminal, err := Terminal()
	if err != nil {
		fmt.Println(errors.Is(err, ErrNobody), err)
		return
	}
	defer terminal.Close()
	fmt.Println(Code(ctx, terminal, "code"))
}

// ask starts the program that asks, on a terminal or on none. Its stdin is the null device.
func ask(t *testing.T, terminal *os.File) (said func() string) {
	t.Helper()
	var stdout strings.Builder
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), asker+"=1", "GORACE=atexit_sleep_ms=1")
	cmd.Stdout = &stdout
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if terminal != nil {
		cmd.ExtraFiles, cmd.SysProcAttr.Setctty, cmd.SysProcAttr.Ctty = []*os.File{terminal}, true, 3
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(20*time.Second, func() { cmd.Process.Kill() })
	t.Cleanup(func() { cmd.Process.Kill() })
	return func() string {
		defer kill.Stop()
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
		return stdout.String()
	}
}

func TestProcessWithoutTerminalAsksNobody(t *testing.T) {
	if said := ask(t, nil)(); !strings.HasPrefix(said, "true there is nobody to ask here: ") {
		t.Errorf("%q", said)
	}
}

func TestTerminalIsAskedWhateverStdinIs(t *testing.T) {
	terminal, person := openPTY(t)
	said := ask(t, terminal)
	sees(t, person, "code: ")
	person.WriteString("123456\n")
	if said := said(); said != "123456 <nil>\n" {
		t.Errorf("%q", said)
	}
}

func TestCtrlCAtTheQuestion(t *testing.T) {
	terminal, person := openPTY(t)
	said := ask(t, terminal)
	sees(t, person, "code: ")
	person.WriteString("12")
	sees(t, person, "12")
	person.WriteString("\x03")
	sees(t, person, "^C\r\n")
	if said := said(); said != " interrupted before a code was typed\n" {
		t.Errorf("%q", said)
	}
}
