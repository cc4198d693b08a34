package flight

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"whichrole/internal/problem"
)

// Two questions stood on one terminal, and the code that was typed went to the other device.
func TestOneAtATimeOfAName(t *testing.T) {
	w := newWorld(t)
	var within, most atomic.Int32
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			_, err := w.Alone(t.Context(), "terminal", func() (string, error) {
				if n := within.Add(1); n > most.Load() {
					most.Store(n)
				}
				time.Sleep(20 * time.Millisecond)
				within.Add(-1)
				return "", nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if most.Load() != 1 {
		t.Errorf("%d at once", most.Load())
	}
	w.Alone(t.Context(), "terminal", func() (string, error) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, err := w.Alone(ctx, "terminal", func() (string, error) { t.Error("it asks as well"); return "", nil })
		if problem.CodeOf(err) != problem.LoginNeeded {
			t.Errorf("%v", err)
		}
		if _, err := w.Alone(ctx, "screen", func() (string, error) { return "", nil }); err != nil {
			t.Errorf("another name waits: %v", err)
		}
		return "", nil
	})
}
