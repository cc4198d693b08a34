package cli

import (
	"context"
	"sync"
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

// patience is a context whose deadline can be moved: a question to a person makes a call longer.
type patience struct {
	context.Context // for values, of which there are none
	done            chan struct{}

	mu       sync.Mutex
	timer    *time.Timer
	deadline time.Time
	err      error
}

// newPatience ends after d.
func newPatience(d time.Duration) *patience {
	p := &patience{Context: context.Background(), done: make(chan struct{})}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.deadline = time.Now().Add(d)
	p.timer = time.AfterFunc(d, func() { p.end(context.DeadlineExceeded) })
	return p
}

// longer has it end after d from now on, unless it has ended.
func (p *patience) longer(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil && p.timer.Reset(d) {
		p.deadline = time.Now().Add(d)
	}
}

func (p *patience) end(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil {
		p.err = err
		p.timer.Stop()
		close(p.done)
	}
}

func (p *patience) cancel() { p.end(context.Canceled) }

func (p *patience) Done() <-chan struct{} { return p.done }

func (p *patience) Deadline() (time.Time, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.deadline, true
}

func (p *patience) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}
