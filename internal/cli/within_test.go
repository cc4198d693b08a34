package cli

import (
	"context"
	"testing"
	"time"

	"whichrole/internal/problem"
)

func TestWhatKnowsNoDeadlineIsNotWaitedForWithoutEnd(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	never := make(chan struct{})
	defer close(never)
	_, err := within(ctx, func() (int, error) { <-never; return 0, nil })
	if problem.CodeOf(err) != problem.Unreachable {
		t.Errorf("%v", err)
	}
}
