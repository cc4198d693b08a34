package rolemap

import "sync/atomic"

// Bounded is the map for questions by the thousand, which together take that many steps (see pattern.Enough). Each question has
// a bound of its own, but a repository has as many root modules as it likes. It may be asked from several goroutines.
func (m *Map) Bounded(steps int) *Map {
	b := *m
	b.left = &atomic.Int64{}
	b.left.Store(int64(steps))
	if m.imported != nil {
		b.left.Add(m.imported.Work()) // those of before don't count
	}
	return &b
}

// Spent tells that the steps of a bounded map are used up: whoever asks has to stop. Answers stay right.
func (m *Map) Spent() bool {
	if m.left == nil {
		return false
	}
	left := m.left.Load()
	if m.imported != nil {
		left -= m.imported.Work()
	}
	return left < 0
}

// spend counts a choice: laying the patterns, and holding those that match against each other.
func (m *Map) spend(c choice) {
	if m.left != nil {
		rivals := min(len(c.matched), maxRivals)
		m.left.Add(-int64(c.on.Work() + 4*rivals*rivals))
	}
}
