package cli

import (
	"context"
	"time"

	"whichrole/internal/problem"
)

// grace is what f has for words of its own after its deadline.
const grace = time.Second

// within is f, but comes back a moment after ctx has ended at the latest: a file on a network file system that is gone knows
// no deadline. What f still does then is without consequence, since the process ends. A panic in f is one here.
func within[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type result struct {
		value    T
		err      error
		panicked any
	}
	done := make(chan result, 1)
	go func() {
		var r result
		defer func() {
			r.panicked = recover()
			done <- r
		}()
		r.value, r.err = f()
	}()
	var r result
	select {
	case r = <-done:
	case <-after(ctx, grace):
		return r.value, problem.New(problem.Unreachable, "not done in time: something does not answer, perhaps a network file system").
			WithHint("whichrole --verbose credential-process >/dev/null")
	}
	if r.panicked != nil {
		panic(r.panicked)
	}
	return r.value, r.err
}

// after is closed that long after ctx has ended.
func after(ctx context.Context, d time.Duration) <-chan struct{} {
	late := make(chan struct{})
	context.AfterFunc(ctx, func() { time.AfterFunc(d, func() { close(late) }) })
	return late
}
