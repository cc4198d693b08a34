package keystore

import (
	"context"
	"errors"
	"time"
)

var (
	errTimedOut = errors.New("no answer in time")
	errPanicked = errors.New("the keyring library panicked: the bus died meanwhile")
)

// bounded runs f and comes back after d at the latest (errTimedOut), or when ctx ends. f
// can't be stopped: its goroutine is left behind then. A panic of f is errPanicked (go-keyring panics when the bus dies
// under a pending prompt).
func bounded[T any](ctx context.Context, d time.Duration, f func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		r := result{err: errPanicked}
		defer func() {
			recover() // its value is not shown: it may hold anything
			done <- r
		}()
		r.value, r.err = f()
	}()
	ctx, cancel := context.WithTimeoutCause(ctx, d, errTimedOut)
	defer cancel()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var nothing T
		return nothing, ended(ctx)
	}
}

// ended is why ctx ended, or nil: errTimedOut where the time was ours, else what the caller's context says.
func ended(ctx context.Context) error {
	if context.Cause(ctx) == errTimedOut {
		return errTimedOut
	}
	return ctx.Err()
}
