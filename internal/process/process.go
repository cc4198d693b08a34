// Package process tells which processes called this one.
package process

import (
	"errors"
	"fmt"
)

// Process is one that called, directly or by way of others. It is a look at that moment: the process may be gone since.
type Process struct {
	PID     int
	Name    string   // base name of the executable file itself, raw: any file name is possible; "terraform.exe" on Windows
	Args    []string `json:"-"` // the command line, the program's own name first; the process can change what is read here
	Started uint64   // opaque; with PID it names one process as long as the system runs
}

// Format shows PID and Name by every verb: Args may hold secrets.
func (p Process) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "%d %q", p.PID, p.Name) }

// Chain is what stands above this process.
type Chain struct {
	Callers []Process // the nearest first, at most 64
	Ended   string    // "" where the walk went to the top, else why it ended: process 12 ("sshd") is gone
}

const (
	most     = 64      // callers that are looked at
	mostArgs = 1 << 16 // bytes of one command line that are read
)

// Why nobody knows what a process is, as it goes on after its number. Any other error is of the system.
var (
	errGone      = errors.New("is gone, or hidden")
	errForeign   = errors.New("is another user's, or lets nobody look")
	errNoProgram = errors.New("runs no program any more") // Linux: it has all but ended, or is the kernel's own
)

// seen is what one look at a process told, which may be a part where there is an error.
type seen struct {
	Process
	parent int    // 0 where there is none
	title  string // what the system calls it, also where Name is not to be had
}

// Callers walks from the current process upwards: to the top, or to the first process that is enough, where enough is not nil.
// What it finds is no proof of anything: each process can call itself what it
// likes. It reads the system's tables alone and never fails: Ended says what it could not see.
func Callers(enough func(Process) bool) Chain {
	me, err := self()
	if err != nil {
		return Chain{Ended: "this process cannot look at itself: " + err.Error()}
	}
	return walk(me, look, enough)
}

// walk goes upwards from one process by the numbers of their parents. Such a number outlives the process that had it: on
// Windows for as long as the child runs, elsewhere between two looks. Who started later than the child is somebody else.
func walk(child seen, look func(pid int) (seen, error), enough func(Process) bool) Chain {
	var c Chain
	for child.parent > 0 {
		if len(c.Callers) == most {
			c.Ended = fmt.Sprintf("there are more than %d", most)
			return c
		}
		p, err := look(child.parent)
		switch {
		case err != nil && child.parent == 1: // the system's first is the top, and mostly root's
			return c
		case err != nil:
			c.Ended = ended(child.parent, p.title, err)
			return c
		case p.Started > child.Started:
			c.Ended = fmt.Sprintf("process %d is gone: its number is another's now", child.parent)
			return c
		}
		c.Callers = append(c.Callers, p.Process)
		if enough != nil && enough(p.Process) {
			return c
		}
		child = p
	}
	return c
}

// ended is why the walk ends at a process, in words.
func ended(pid int, title string, err error) string {
	who := fmt.Sprintf("process %d", pid)
	if title != "" {
		who += fmt.Sprintf(" (%q)", title)
	}
	for _, known := range []error{errGone, errForeign, errNoProgram} {
		if errors.Is(err, known) {
			return who + " " + known.Error()
		}
	}
	return who + " cannot be read: " + err.Error()
}
