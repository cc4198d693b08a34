package fake

import "sync"

// Faults are what goes wrong on demand, in words F of a fake's own. The zero Faults are none.
type Faults[F any] struct {
	mu   sync.Mutex
	list []*due[F]
}

type due[F any] struct {
	fault F
	left  int // 0 for ever
}

// Set replaces them. times is how often one happens, 0 for ever.
func (l *Faults[F]) Set(faults []F, times func(F) int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = nil
	for _, f := range faults {
		l.list = append(l.list, &due[F]{f, times(f)})
	}
}

// Take finds the first one that fits and counts it; the zero F where none does.
func (l *Faults[F]) Take(fits func(F) bool) (fault F) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, d := range l.list {
		if !fits(d.fault) {
			continue
		}
		if d.left > 0 {
			if d.left--; d.left == 0 {
				l.list = append(l.list[:i:i], l.list[i+1:]...)
			}
		}
		return d.fault
	}
	return fault
}
