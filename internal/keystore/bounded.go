package keystore

import (
	"context"
	"errors"
	"time"

	"whichrole/internal/bounded"
)

var (
	errTimedOut = errors.New("no answer in time")
	errPanicked = errors.New("the keyring library panicked: the bus died meanwhile")
)

// moment is for an answer that is there already: a process that was stopped for longer than it may wait (Ctrl-Z, a suspended
// machine) must not take the keyring for dead.
const moment = 100 * time.Millisecond

// inTime runs f and comes back a moment after d at the latest (errTimedOut), or after ctx ended. f can't be stopped, and is left
// behind then. A panic of f is errPanicked (go-keyring panics when the bus dies under a pending prompt).
func inTime[T any](ctx context.Context, d time.Duration, f func() (T, error)) (T, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, d, errTimedOut)
	defer cancel()
	value, err := bounded.Run(ctx, moment, func() (value T, err error) {
		defer func() {
			if recover() != nil { // its value is not shown: it may hold anything
				err = errPanicked
			}
		}()
		return f()
	})
	if err == bounded.ErrLeft {
		return value, ended(ctx)
	}
	return value, err
}

// ended is why ctx ended, or nil: errTimedOut where the time was ours, else what the caller's context says.
func ended(ctx context.Context) error {
	if context.Cause(ctx) == errTimedOut {
		return errTimedOut
	}
	return ctx.Err()
}
