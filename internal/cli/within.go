package cli

import (
	"context"
	"time"

	"whichrole/internal/bounded"
	"whichrole/internal/problem"
)

// grace is what f has for words of its own after its deadline.
const grace = time.Second

// within is f, but comes back a moment after ctx has ended at the latest: a file on a network file system that is gone knows
// no deadline.
func within[T any](ctx context.Context, f func() (T, error)) (T, error) {
	value, err := bounded.Run(ctx, grace, f)
	if err == bounded.ErrLeft {
		err = problem.New(problem.Unreachable, "not done in time: something does not answer, perhaps a network file system").
			WithHint("whichrole --verbose credential-process >/dev/null")
	}
	return value, err
}

// patience is a context that ends after d, unless longer gives it another time from now on. It has no deadline that anybody
// could ask for.
func patience(d time.Duration) (ctx context.Context, longer func(time.Duration), cancel func()) {
	ctx, end := context.WithCancelCause(context.Background())
	timer := time.AfterFunc(d, func() { end(context.DeadlineExceeded) })
	return ctx, func(d time.Duration) { timer.Reset(d) }, func() {
		timer.Stop()
		end(nil)
	}
}
