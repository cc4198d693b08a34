//go:build !windows

package child

import (
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// A tree is the program with all that comes of it.
//
// Without a terminal it leads a session of its own. A process group of its own would be in the terminal's background, where
// whoever reads /dev/tty is stopped for ever (SIGTTIN); where that signal is ignored, whoever catches it reads again and again
// (readpassphrase(3)). In a session of its own there is no /dev/tty to open, and programs know that from CI.
//
// With a terminal it stays in our process group, as under a shell or an SDK, and is found by descent. A group of its own could
// be put into the foreground, as shells do it. But then the others of our job (Terraform, make, k9s) are in the background, and
// stopped for ever when they read next; Ctrl-Z stops the program alone, which no shell notices; and where we are killed, nobody
// takes the terminal back.
type tree struct {
	terminal *terminal    // nil where it leads a session of its own
	asked    map[int]bool // the processes that were asked to end
}

// plant makes cmd, which is not yet started, one that can be ended with all that comes of it.
func plant(cmd *exec.Cmd, mayAsk bool) (*tree, error) {
	t := &tree{asked: map[int]bool{}}
	if mayAsk {
		t.terminal = openTerminal()
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: t.terminal == nil}
	dieWithUs(cmd.SysProcAttr)
	return t, nil
}

// started has nothing to do here.
func (t *tree) started(*os.Process) error { return nil }

// end asks all to end. The program is not yet waited for, so that its children still descend from it.
func (t *tree) end(program *os.Process) error {
	t.asked[program.Pid] = true
	for _, pid := range t.members(program.Pid) {
		t.asked[pid] = true
		if pid != program.Pid {
			unix.Kill(pid, unix.SIGTERM)
		}
	}
	program.Signal(unix.SIGTERM)
	return nil // that it ends well without its children is no success
}

// kill kills what is left after the program's end. Its number is free again by then, unless others are in its group or session;
// the other numbers may be, but come round only after some ten thousand processes.
func (t *tree) kill(program *os.Process) {
	defer t.terminal.close()
	if program == nil {
		return
	}
	delete(t.asked, program.Pid)
	for range 10 { // as long as somebody forks while we count
		if t.terminal == nil { // at once, where a list may be late, or not be there
			unix.Kill(-program.Pid, unix.SIGKILL)
		}
		members := t.members(program.Pid)
		if len(members) == 0 {
			return
		}
		for _, pid := range members {
			t.asked[pid] = true
			unix.Kill(pid, unix.SIGKILL)
		}
	}
}

// members are the processes of the tree that live. Without a terminal that is who is in the program's session, in whatever
// group; with one, who was asked to end and who descends from them.
func (t *tree) members(session int) (pids []int) {
	parents := processes()
	for pid := range parents {
		if t.terminal == nil && inSession(pid, session) || t.terminal != nil && t.descends(pid, parents) {
			pids = append(pids, pid)
		}
	}
	return pids
}

func inSession(pid, session int) bool {
	got, err := unix.Getsid(pid)
	return err == nil && got == session
}

func (t *tree) descends(pid int, parents map[int]int) bool {
	for range parents { // no longer, should the numbers go round in a circle
		if t.asked[pid] {
			return true
		}
		if pid = parents[pid]; pid <= 1 {
			return false
		}
	}
	return false
}
