package child

import (
	"context"
	"errors"
	"fmt"
	"os/exec"

	"whichrole/internal/paths"
)

var errTooLong = errors.New("too long")

// Failure is how a program failed. Nothing of what it wrote, and nothing of its command line, is in it: both may hold secrets.
type Failure struct {
	ExitCode int   // as the system gives it; -1 where a signal ended the program, and where it did not start
	Said     bool  // something on stderr: whoever runs the program by hand sees it
	TimedOut bool  // ctx was over its deadline
	TooLong  bool  // more than 64 KiB on stdout
	Err      error // the cause: context.Canceled or DeadlineExceeded, *exec.ExitError, or what package os says
}

// Error is a clause about "it", to stand after the program's name and a colon.
func (f *Failure) Error() string {
	switch {
	case f.TooLong:
		return fmt.Sprintf("it wrote more than %d KiB", maxOutput>>10)
	case f.TimedOut:
		return "it was not done in time"
	case errors.Is(f.Err, context.Canceled):
		return "it was interrupted"
	case f.ExitCode >= 0:
		return fmt.Sprintf("it ended with exit code %d", f.ExitCode)
	}
	if exit, ok := errors.AsType[*exec.ExitError](f.Err); ok {
		return fmt.Sprintf("it was ended by a %v", exit) // "signal: killed"
	}
	return fmt.Sprintf("it can't be run: %v", paths.Cause(f.Err))
}

func (f *Failure) Unwrap() error { return f.Err }

// failure tells what became of a program that did not end well. stopped is why it had to end, nil where it did so by itself.
// On a terminal Ctrl-C reaches the program too, and perhaps before we have heard of it.
func failure(err, stopped error, said bool) *Failure {
	f := &Failure{ExitCode: -1, Said: said, Err: err}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		f.ExitCode = exit.ExitCode()
		if interrupted(exit) {
			f.Err = context.Canceled
		}
	}
	if stopped != nil {
		f.Err, f.TooLong, f.TimedOut = stopped, stopped == errTooLong, stopped == context.DeadlineExceeded
	}
	return f
}
