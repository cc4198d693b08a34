package launch

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"whichrole/internal/test/pty"
)

// A parent that passes Ctrl-C on would have it arrive twice: "Two interrupts received", and the state is lost.
func TestCtrlCReachesTheCommandOnce(t *testing.T) {
	w := newWorld(t)
	s := pty.Start(t, w.exec("bash", "-c", `n=0; trap 'n=$((n+1)); echo "interrupt $n"' INT; echo ready; while [ $n = 0 ]; do sleep 0.05; done; sleep 0.5; echo "in all $n"; exit 3`))
	s.Expect("ready", 1)
	keeper := w.keeper()
	if session, err := unix.Getsid(keeper); session != keeper {
		t.Errorf("the keeper belongs to the terminal: %v", err) // Ctrl-Z would stop it, and its end would end it
	}
	s.Type("\x03")
	s.Expect("in all 1", 1)
	if exit, ok := s.Wait().(*exec.ExitError); !ok || exit.ExitCode() != 3 {
		t.Errorf("%v", exit)
	}
	eventually(t, "the keeper ends", func() bool { return !(running{pid: keeper}).runs() })
	if n := strings.Count(s.Screen(), "interrupt "); n != 1 {
		t.Errorf("%d interrupts:\n%s", n, s.Screen())
	}
}

func TestStoppedCommandIsTheShellsJob(t *testing.T) {
	w := newWorld(t)
	e := w.exec("cat")
	shell := exec.Command("bash", "--norc", "-i")
	shell.Env = append(e.Env, "PS1=ready$ ", "EXEC="+e.Path, "HISTFILE=", "TERM=dumb")
	s := pty.Start(t, shell)
	s.Expect("ready$", 1)
	s.Type("\"$EXEC\" cat\n")
	s.Expect("ready$ \"$EXEC\" cat\n", 1)
	eventually(t, "the session", func() bool { return len(w.sessions()) == 1 })
	s.Type("first\n")
	s.Expect("first\n", 2) // as it is typed, and from cat
	s.Type("\x1a")
	s.Expect("Stopped", 1)
	s.Expect("ready$", 2)
	time.Sleep(200 * time.Millisecond)
	if n := len(w.sessions()); n != 1 {
		t.Errorf("%d sessions of a command that is stopped", n)
	}
	s.Type("fg\n")
	s.Expect("\"$EXEC\" cat\n", 3) // by now the shell reads no more
	s.Type("second\n")
	s.Expect("second\n", 2)
	s.Type("\x04")
	s.Expect("ready$", 3)
	s.Type("exit $?\n")
	if err := s.Wait(); err != nil {
		t.Errorf("%v\n%s", err, s.Screen())
	}
}
