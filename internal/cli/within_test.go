package cli

import (
	"context"
	"errors"
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

func TestWithinHandsThrough(t *testing.T) {
	ctx, wrong := context.Background(), errors.New("wrong")
	if n, err := within(ctx, func() (int, error) { return 7, wrong }); n != 7 || err != wrong {
		t.Errorf("%d %v", n, err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if n, err := within(ended, func() (int, error) { time.Sleep(10 * time.Millisecond); return 7, wrong }); n != 7 || err != wrong {
		t.Errorf("its own words after the deadline are lost: %d %v", n, err)
	}
	defer func() {
		if r := recover(); r != "a mistake" {
			t.Errorf("recovered %v", r)
		}
	}()
	within(ctx, func() (int, error) { panic("a mistake") })
}
