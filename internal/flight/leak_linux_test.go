package flight

import (
	"context"
	"os"
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

// exec's server calls Do as long as a command runs.
func TestNothingLeaks(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // which would close what was forgotten
	w := newWorld(t)
	count := func() (goroutines, files int) {
		names, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return runtime.NumGoroutine(), len(names)
	}
	round := func() {
		now := make(chan struct{})
		leader := w.leadWith(t.Context(), func(context.Context) ([]byte, error) { <-now; return nil, nil })
		other := w.waitWith(t, t.Context(), gives("x"))
		close(now)
		leader()
		other()
	}
	round()
	goroutines, files := count()
	for range 20 {
		round()
	}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		g, f := count()
		if g <= goroutines && f <= files {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d goroutines and %d files, %d and %d before", g, f, goroutines, files)
		}
	}
}
