package flight

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// world is a Group with a directory of its own and a clock that can be put forward.
type world struct {
	*Group
	run     string
	forward atomic.Int64
	mu      sync.Mutex
	lines   []string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	// t.TempDir has the test's name in it, which may leave no room for a socket.
	state, err := os.MkdirTemp("", "fl")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(state) })
	w := &world{run: filepath.Join(state, "run")}
	w.Group = &Group{Dirs: paths.Dirs{State: state}, Now: func() time.Time { return time.Now().Add(time.Duration(w.forward.Load())) }}
	w.Log = func(format string, args ...any) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.lines = append(w.lines, fmt.Sprintf(format, args...))
	}
	return w
}

func (w *world) logged() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(w.lines, "\n")
}

var someID = strings.Repeat("fedcba9876543210", 2)

// do is Do for work that does not look again.
func (w *world) do(ctx context.Context, id string, work func(context.Context) ([]byte, error)) ([]byte, bool, error) {
	return w.Do(ctx, id, time.Time{}, whatever(work))
}

func whatever(work func(context.Context) ([]byte, error)) Work {
	return func(ctx context.Context, _ bool) ([]byte, error) { return work(ctx) }
}

func gives(value string) func(context.Context) ([]byte, error) {
	return func(context.Context) ([]byte, error) { return []byte(value), nil }
}

func fails(err error) func(context.Context) ([]byte, error) {
	return func(context.Context) ([]byte, error) { return nil, err }
}

var errRefused = problem.New(problem.Refused, "no").WithHint("ask nicely")

func TestOnlyADigestIsAnID(t *testing.T) {
	w := newWorld(t)
	for _, id := range []string{"", "abc", strings.Repeat("A", 32), strings.Repeat("a", 33), strings.Repeat("g", 32), "../" + strings.Repeat("a", 29), strings.Repeat("ä", 16)} {
		if _, led, err := w.do(t.Context(), id, gives("x")); err == nil || led {
			t.Errorf("%q was taken", id)
		}
	}
	if _, err := os.Stat(w.run); err == nil {
		t.Error("a directory was made")
	}
}

func TestAnotherIDIsAnotherMatter(t *testing.T) {
	w := newWorld(t)
	value, led, err := w.do(t.Context(), someID, func(ctx context.Context) ([]byte, error) {
		value, _, err := w.do(ctx, strings.Repeat("0", 32), gives("inner"))
		return value, err
	})
	if string(value) != "inner" || !led || err != nil || w.logged() != "" {
		t.Errorf("%q %v %v; %s", value, led, err, w.logged())
	}
}

// leadWith starts a call with that work, and comes back when work runs. wait ends when the call has.
func (w *world) leadWith(ctx context.Context, work func(context.Context) ([]byte, error)) (wait func() (any, error)) {
	running, done := make(chan struct{}), make(chan struct{})
	var err error
	var panicked any
	go func() {
		defer close(done)
		defer func() { panicked = recover() }()
		_, _, err = w.do(ctx, someID, func(ctx context.Context) ([]byte, error) {
			close(running)
			return work(ctx)
		})
	}()
	<-running
	return func() (any, error) { <-done; return panicked, err }
}

// waitWith starts a call that waits for the other one.
func (w *world) waitWith(t *testing.T, ctx context.Context, work func(context.Context) ([]byte, error)) (wait func() ([]byte, bool, error)) {
	t.Helper()
	var value []byte
	var led bool
	var err error
	done := make(chan struct{})
	before := strings.Count(w.logged(), "waiting for ")
	go func() { defer close(done); value, led, err = w.do(ctx, someID, work) }()
	for end := time.Now().Add(20 * time.Second); strings.Count(w.logged(), "waiting for ") == before; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it does not wait")
		}
	}
	return func() ([]byte, bool, error) { <-done; return value, led, err }
}

func TestPanicComesOutAndNobodyHangs(t *testing.T) {
	w := newWorld(t)
	now := make(chan struct{})
	leader := w.leadWith(t.Context(), func(context.Context) ([]byte, error) { <-now; panic("oh dear") })
	other := w.waitWith(t, t.Context(), gives("mine"))
	close(now)
	if panicked, _ := leader(); panicked != "oh dear" {
		t.Errorf("recovered %v", panicked)
	}
	if value, led, err := other(); string(value) != "mine" || !led || err != nil {
		t.Errorf("%q %v %v", value, led, err)
	}
}

func TestWorkThatOnlyExitsItsGoroutineIsAFailure(t *testing.T) {
	w := newWorld(t)
	_, led, err := w.do(t.Context(), someID, func(context.Context) ([]byte, error) { runtime.Goexit(); return nil, nil })
	if problem.CodeOf(err) != problem.Failure || !led {
		t.Errorf("%v %v", led, err)
	}
}

func TestInterruptedLeaderSaysNothingAboutTheOthers(t *testing.T) {
	w := newWorld(t)
	ctx, interrupt := context.WithCancel(t.Context())
	leader := w.leadWith(ctx, func(ctx context.Context) ([]byte, error) { <-ctx.Done(); return nil, errRefused })
	other := w.waitWith(t, t.Context(), gives("mine"))
	interrupt()
	if _, err := leader(); err != errRefused {
		t.Errorf("the leader: %v", err)
	}
	if value, led, err := other(); string(value) != "mine" || !led || err != nil || strings.Contains(w.logged(), "handed") {
		t.Errorf("%q %v %v; %s", value, led, err, w.logged())
	}
}

func TestInterruptedWhileWaiting(t *testing.T) {
	w := newWorld(t)
	end := make(chan struct{})
	leader := w.leadWith(t.Context(), func(context.Context) ([]byte, error) { <-end; return nil, nil })
	ctx, interrupt := context.WithCancel(t.Context())
	other := w.waitWith(t, ctx, gives("mine"))
	interrupt()
	_, led, err := other()
	if problem.CodeOf(err) != problem.Failure || !errors.Is(err, context.Canceled) || led || !strings.Contains(err.Error(), "while waiting for") {
		t.Errorf("%v %v", led, err)
	}
	close(end)
	leader()
}

// A server keeps running when a call in it ends: the lock must not wait for what nobody waits for.
func TestWorkThatIgnoresItsEndIsLeftBehind(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	end := make(chan struct{})
	start := time.Now()
	_, led, err := w.do(ctx, someID, func(context.Context) ([]byte, error) { <-end; return []byte("late"), nil })
	if took := time.Since(start); took > 5*time.Second || !led || problem.CodeOf(err) != problem.Unreachable || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v: %v %v", took, led, err)
	}
	value, led, err := w.do(t.Context(), someID, gives("next"))
	if string(value) != "next" || !led || err != nil || w.logged() != "" {
		t.Errorf("%q %v %v; %s", value, led, err, w.logged())
	}
	close(end)
}

func TestWorkMaySayWhatItWaitedFor(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	mine := problem.New(problem.Unreachable, "sts did not answer in time")
	_, _, err := w.do(ctx, someID, func(ctx context.Context) ([]byte, error) {
		<-ctx.Done()
		time.Sleep(20 * time.Millisecond)
		return nil, mine
	})
	if err != mine {
		t.Errorf("%v", err)
	}
}

// net has a timer of its own for a deadline, and may see it pass before ctx does.
func TestTimeoutAMomentBeforeTheDeadlineIsOnesOwn(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	deadline, _ := ctx.Deadline()
	_, _, err := w.do(ctx, someID, func(context.Context) ([]byte, error) {
		time.Sleep(time.Until(deadline) - timerSlack/4)
		return nil, problem.New(problem.Unreachable, "no answer in time")
	})
	if _, led, again := w.do(t.Context(), someID, gives("x")); err == nil || again != nil || !led {
		t.Errorf("%v; then %v", err, again)
	}
}

func TestCallWithoutADeadlineGetsOne(t *testing.T) {
	for name, w := range map[string]*world{"among others": newWorld(t), "alone": {Group: &Group{Now: time.Now}}} {
		w.do(context.Background(), someID, func(ctx context.Context) ([]byte, error) {
			deadline, ok := ctx.Deadline()
			if left := time.Until(deadline); !ok || left > maxCall || left < maxCall/2 {
				t.Errorf("%s: %v", name, left)
			}
			return nil, nil
		})
	}
}

// Two could hold "the" lock if the file were removed between the open of one and the lock of another.
func TestLockFileStaysTheSame(t *testing.T) {
	w := newWorld(t)
	var first os.FileInfo
	for i, work := range []func(context.Context) ([]byte, error){gives("x"), fails(errRefused), fails(errors.New("x")), gives("y")} {
		w.forward.Add(int64(coolDown))
		w.do(t.Context(), someID, work)
		info, err := os.Stat(filepath.Join(w.run, someID+".lock"))
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = info
		}
		if !os.SameFile(first, info) {
			t.Errorf("after call %d it is another file", i)
		}
	}
	names, err := os.ReadDir(w.run)
	if len(names) != 1 || err != nil {
		t.Errorf("left behind: %v %v", names, err)
	}
}

func BenchmarkNobodyElse(b *testing.B) {
	g := &Group{Dirs: paths.Dirs{State: b.TempDir()}, Now: time.Now}
	for b.Loop() {
		if _, _, err := g.Do(context.Background(), someID, time.Time{}, whatever(gives(""))); err != nil {
			b.Fatal(err)
		}
	}
}

// What another got after one has looked must not be got once more; without that, a look at the store costs as much as all
// the rest of the meeting.
func TestWhoLedSinceIsNotOverlooked(t *testing.T) {
	w := newWorld(t)
	looksAgain := func(since time.Time) (looked bool) {
		t.Helper()
		_, led, err := w.Do(t.Context(), someID, since, func(_ context.Context, again bool) ([]byte, error) {
			looked = again
			return []byte("x"), nil
		})
		if !led || err != nil {
			t.Fatalf("%v %v", led, err)
		}
		return looked
	}
	looksAgain(w.Now())
	before := w.Now()
	looksAgain(before)
	if !looksAgain(before) {
		t.Error("one who led since is overlooked")
	}
	if looksAgain(w.Now()) {
		t.Error("it looks again although nobody led")
	}
	now := make(chan struct{})
	leader := w.leadWith(t.Context(), func(context.Context) ([]byte, error) { <-now; return nil, errors.New("for nobody else") })
	looked := make(chan bool, 1)
	go func() {
		w.Do(t.Context(), someID, w.Now().Add(time.Hour), func(_ context.Context, again bool) ([]byte, error) {
			looked <- again
			return nil, nil
		})
	}()
	time.Sleep(100 * time.Millisecond)
	close(now)
	leader()
	if !<-looked {
		t.Error("one who has waited does not look again")
	}
}
