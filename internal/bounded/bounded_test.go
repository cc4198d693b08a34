package bounded

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"
)

func TestWhatKnowsNoDeadlineIsNotWaitedForWithoutEnd(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	never := make(chan struct{})
	defer close(never)
	if _, err := Run(ctx, time.Millisecond, func() (int, error) { <-never; return 0, nil }); err != ErrLeft {
		t.Errorf("%v", err)
	}
}

func TestWhatIsDoneInTimeIsHandedThrough(t *testing.T) {
	ctx, wrong := context.Background(), errors.New("wrong")
	if n, err := Run(ctx, 0, func() (int, error) { return 7, wrong }); n != 7 || err != wrong {
		t.Errorf("%d %v", n, err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if n, err := Run(ended, time.Minute, func() (int, error) { time.Sleep(10 * time.Millisecond); return 7, wrong }); n != 7 || err != wrong {
		t.Errorf("its own words after the end are lost: %d %v", n, err)
	}
	if _, err := Run(ctx, 0, func() (int, error) { runtime.Goexit(); return 0, nil }); err != ErrLeft {
		t.Errorf("%v", err)
	}
}

func TestPanicComesOut(t *testing.T) {
	defer func() {
		if r := recover(); r != "a mistake" {
			t.Errorf("recovered %v", r)
		}
	}()
	Run(context.Background(), 0, func() (int, error) { panic("a mistake") })
	t.Error("it was swallowed")
}

// Nobody is there whose panic it could be, and a stack on stderr may hold what must not be shown.
func TestPanicOfWhatWasLeftBehindEndsNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	left, gone := make(chan struct{}), make(chan struct{})
	Run(ctx, 0, func() (int, error) {
		defer close(gone)
		<-left
		panic("late")
	})
	close(left)
	<-gone
	time.Sleep(10 * time.Millisecond)
}
