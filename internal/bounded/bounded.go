// Package bounded runs what may hang, and comes back all the same.
package bounded

import (
	"context"
	"errors"
	"time"
)

// ErrLeft says that f was not done in time and was left behind.
var ErrLeft = errors.New("not done in time")

// Run is f, but comes back with ErrLeft when f is not done that long after ctx has ended. What f still does then goes on by
// itself, and is dropped with all that comes of it. A panic of f before that is one of Run.
func Run[T any](ctx context.Context, grace time.Duration, f func() (T, error)) (T, error) {
	type result struct {
		value    T
		err      error
		panicked any
	}
	done := make(chan result, 1)
	go func() {
		r := result{err: ErrLeft} // what stays where f ends the goroutine
		defer func() {
			r.panicked = recover()
			done <- r
		}()
		r.value, r.err = f()
	}()
	r := result{err: ErrLeft}
	select {
	case r = <-done:
	case <-ctx.Done():
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case r = <-done:
		case <-timer.C:
		}
	}
	if r.panicked != nil {
		panic(r.panicked)
	}
	return r.value, r.err
}
