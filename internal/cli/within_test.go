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

// What a call has besides a person's time ends as a deadline, not as an interruption, and parts of it see it coming.
func TestPatience(t *testing.T) {
	p := newPatience(10 * time.Millisecond)
	part, cancel := context.WithTimeout(p, time.Hour)
	defer cancel()
	if deadline, ok := part.Deadline(); !ok || time.Until(deadline) > time.Minute {
		t.Errorf("the part may go on until %v", deadline)
	}
	<-part.Done()
	if part.Err() != context.DeadlineExceeded || p.Err() != context.DeadlineExceeded {
		t.Errorf("%v, %v", part.Err(), p.Err())
	}
	p.longer(time.Hour)
	if p.Err() != context.DeadlineExceeded {
		t.Error("what has ended begins again")
	}

	p = newPatience(time.Hour)
	p.longer(10 * time.Millisecond)
	<-p.Done()
	p = newPatience(50 * time.Millisecond)
	p.longer(time.Hour)
	part, cancel = context.WithTimeout(p, 100*time.Millisecond)
	defer cancel()
	<-part.Done()
	if p.Err() != nil {
		t.Error("a person was asked, and the time was not moved")
	}
	p.cancel()
	if p.Err() != context.Canceled {
		t.Error(p.Err())
	}
}
