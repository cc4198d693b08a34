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

// bounded runs f and comes back after d at the latest, or when ctx ends. f can't be stopped: its goroutine is left
// behind then. A panic of f is errPanicked (go-keyring panics when the bus dies under a pending prompt).
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
	timer := time.NewTimer(d)
	defer timer.Stop()
	var none T
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		return none, ctx.Err()
	case <-timer.C:
		return none, errTimedOut
	}
}
