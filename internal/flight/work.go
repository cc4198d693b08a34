package flight

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"whichrole/internal/problem"
)

// grace is what work gets after the end of its ctx, to come back with its own words for what it waited for.
const grace = 250 * time.Millisecond

// outcome is what came of a call. A panic comes with the error errVanished.
type outcome struct {
	value    []byte
	led      bool
	err      error
	shared   *failure // err, as far as it is for others
	panicked string
}

var errVanished = &problem.Error{Code: problem.Failure, Message: "getting the credentials ended without a result"}

// give is what Do returns: by then the lock is free.
func (o outcome) give() ([]byte, bool, error) {
	if o.panicked != "" {
		panic(o.panicked)
	}
	return o.value, o.led, o.err
}

// run runs work, and comes back soon after ctx ends in any case.
func run(ctx context.Context, work func(context.Context) ([]byte, error)) outcome {
	done, left := make(chan outcome), make(chan struct{})
	defer close(left)
	go func() {
		o := outcome{led: true, err: errVanished}
		defer func() { // runtime.Goexit comes here too
			if r := recover(); r != nil {
				o.panicked = fmt.Sprintf("%v\n\n%s", r, debug.Stack())
			}
			select {
			case done <- o:
			case <-left:
				if o.panicked != "" { // nobody is there whose panic it could be
					panic(o.panicked)
				}
			}
		}()
		value, err := work(ctx)
		o.value, o.err = value, err
	}()
	select {
	case o := <-done:
		return o
	case <-ctx.Done():
	}
	select {
	case o := <-done:
		return o
	case <-time.After(grace):
		return outcome{led: true, err: late(ctx)}
	}
}

func late(ctx context.Context) *problem.Error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return problem.New(problem.Failure, "interrupted while getting the credentials").Because(ctx.Err())
	}
	return problem.New(problem.Unreachable, "getting the credentials takes longer than this call has time").
		WithHint("WHICHROLE_TIMEOUT waits longer").Because(ctx.Err())
}
