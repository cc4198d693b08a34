package fake

import (
	"slices"
	"sync"
)

// Log is everything that arrived so far, in order of arrival. The zero Log is empty.
type Log[C any] struct {
	mu    sync.Mutex
	calls []C
}

// All is a copy.
func (l *Log[C]) All() []C {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.calls)
}

// Begin reserves the call's place, so that a call that hangs is seen as well.
func (l *Log[C]) Begin(c C) (place int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls = append(l.calls, c)
	return len(l.calls) - 1
}

// End completes the call.
func (l *Log[C]) End(place int, c C) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls[place] = c
}
