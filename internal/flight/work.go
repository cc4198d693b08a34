package flight

import (
	"context"
	"errors"
	"time"

	"whichrole/internal/bounded"
	"whichrole/internal/problem"
)

// grace is what work gets after the end of its ctx, to come back with its own words for what it waited for.
const grace = 250 * time.Millisecond

// outcome is what came of a call.
type outcome struct {
	value  []byte
	led    bool
	err    error
	shared *failure // err, as far as it is for others
}

func (o outcome) give() ([]byte, bool, error) { return o.value, o.led, o.err }

// run runs work, and comes back soon after ctx ends in any case.
func run(ctx context.Context, work Work, again bool) outcome {
	value, err := bounded.Run(ctx, grace, func() ([]byte, error) { return work(ctx, again) })
	if err == bounded.ErrLeft {
		err = late(ctx)
	}
	return outcome{value: value, led: true, err: err}
}

func late(ctx context.Context) *problem.Error {
	if ctx.Err() == nil {
		return problem.New(problem.Failure, "getting the credentials ended without a result")
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return problem.New(problem.Failure, "interrupted while getting the credentials").Because(ctx.Err())
	}
	return problem.New(problem.Unreachable, "getting the credentials takes longer than this call has time").
		WithHint("WHICHROLE_TIMEOUT=30s waits longer").Because(ctx.Err())
}
