// Package child runs another program of the user's: bounded in output and time, and without our streams.
package child

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"time"

	"whichrole/internal/paths"
)

// DepthVariable counts how many of us stand above a program: a profile that leads back to whichrole is found by it, before it
// has become a thousand processes.
const DepthVariable = "WHICHROLE_DEPTH"

const (
	maxOutput = 64 << 10 // of stdout, in bytes

	// grace is what a program has, once it is asked to end, to put the terminal in order; and what is left behind by it, to
	// close its stdout.
	grace = 500 * time.Millisecond
)

// Command is a program to run: a Line, or a Path with Args. Its stdin is the null device, and the working directory is ours.
type Command struct {
	Line string // as SDKs run a credential_process: sh -c LINE, cmd.exe /C LINE
	Path string // absolute
	Args []string

	// Env is the program's whole environment, but for DepthVariable, which is one more than it says here.
	Env paths.Env

	// Terminal says that a person is there, and that the program may ask on the terminal for a password, a code or a touch.
	// Without it there is none for the program. Its stderr is no terminal in either case.
	Terminal bool
}

// Run runs c until it ends, and returns what it wrote to stdout. When ctx ends, the program is asked to end as well, and
// killed half a second later.
//
// Nothing of it lives on, whatever its children do with its streams, except what made itself a daemon (a session of its own,
// as gpg-agent has), and what a Terminal's program left in the background before it ended by itself: that is the person's,
// and may be the browser. The errors are *Failure.
func Run(ctx context.Context, c Command) ([]byte, error) {
	runtime.LockOSThread() // on Linux a child dies with the thread that started it
	defer runtime.UnlockOSThread()
	bounded, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	defer passOn(func() { stop(context.Canceled) })()
	stdout, stderr := &output{full: func() { stop(errTooLong) }}, &heard{}
	err := c.run(bounded, stdout, stderr)
	if err == nil || errors.Is(err, exec.ErrWaitDelay) { // somebody else still holds stdout, but the program has ended well
		return stdout.text, nil
	}
	stopped := ctx.Err()
	if context.Cause(bounded) == errTooLong {
		stopped = errTooLong
	}
	return nil, failure(err, stopped, stderr.any)
}

// run starts the program and waits for its end. Only after that its streams are looked at.
func (c Command) run(ctx context.Context, stdout *output, stderr *heard) error {
	cmd, err := c.command(ctx)
	if err != nil {
		return err
	}
	cmd.Env = append(cmd.Env, c.environ()...)
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = stdout, stderr, grace
	all, err := plant(cmd, c.Terminal)
	if err != nil {
		return err
	}
	defer func() { all.kill(cmd.Process) }()
	cmd.Cancel = func() error { return all.end(cmd.Process) }
	if err := cmd.Start(); err != nil {
		return err
	}
	if err := all.started(cmd.Process); err != nil {
		cmd.Process.Kill()
		cmd.Wait()
		return err
	}
	return cmd.Wait()
}

func (c Command) command(ctx context.Context) (*exec.Cmd, error) {
	if c.Line != "" {
		return shell(ctx, c.Line)
	}
	if !filepath.IsAbs(c.Path) { // package os/exec would look for it on our PATH, or in the working directory
		return nil, errors.New("its path is not absolute")
	}
	return direct(ctx, c.Path, c.Args)
}

func (c Command) environ() []string {
	return append(environ(c.Env, DepthVariable), DepthVariable+"="+strconv.Itoa(Depth(c.Env)+1))
}

// environ is env as package os/exec has it, without these variables. It is never nil, which would stand for our own.
func environ(env paths.Env, without ...string) []string {
	list := make([]string, 0, len(env)+1)
	for name, value := range env {
		if !slices.Contains(without, name) {
			list = append(list, name+"="+value)
		}
	}
	return list
}

// Depth is how many of us stand above this process. What is no number counts as one: somebody above has written it.
func Depth(env paths.Env) int {
	text := env[DepthVariable]
	if text == "" {
		return 0
	}
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return 1
	}
	return int(n)
}

// output keeps what is written to it, up to maxOutput bytes.
type output struct {
	text []byte
	full func()
}

func (o *output) Write(p []byte) (int, error) {
	if len(o.text)+len(p) > maxOutput {
		o.full()
		return 0, errTooLong
	}
	o.text = append(o.text, p...)
	return len(p), nil
}

// heard knows only whether anything was said. A helper may write secrets to stderr, so that nobody gets the text.
type heard struct{ any bool }

func (h *heard) Write(p []byte) (int, error) {
	h.any = h.any || len(p) > 0
	return len(p), nil
}
