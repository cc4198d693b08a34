package cli

import (
	"fmt"
	"io"
	"sync"
	"time"

	"whichrole/internal/prompt"
)

// A progress is one line on stderr that tells how far something has come: only on a terminal, only once it takes longer than a
// moment, and wiped at the end.
type progress struct {
	w     io.Writer // nil: nobody would see it
	now   func() time.Time
	mu    sync.Mutex
	next  time.Time // when it is told again
	shown bool
}

const (
	aMoment = 500 * time.Millisecond
	between = 100 * time.Millisecond // two lines
)

// progress begins to count the time.
func (a *app) progress() *progress {
	p := &progress{now: a.now, next: a.now().Add(aMoment)}
	if a.env["TERM"] != "dumb" && prompt.TakesEscapes(a.stderr) {
		p.w = a.stderr
	}
	return p
}

// tell shows numbers, and never a name: its line is the program's own.
func (p *progress) tell(format string, numbers ...int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if p.w == nil || now.Before(p.next) {
		return
	}
	p.next, p.shown = now.Add(between), true
	args := make([]any, 0, len(numbers))
	for _, n := range numbers {
		args = append(args, n)
	}
	fmt.Fprintf(p.w, "\r\x1b[K"+format+" …", args...)
}

// wipe takes the line away. Nothing is told after it until another moment has passed.
func (p *progress) wipe() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
	p.shown, p.next = false, p.now().Add(aMoment)
}
