package pattern

import "reflect"

// Covers tells that q is known to match each directory that p matches, and how it stands to p in those where they are equally
// deep; in all others q is deeper. It says no of some patterns of which it is true, never yes of one of which it is not.
func (q *Pattern) Covers(p *Pattern) (Order, bool) {
	over, under := q.segments, p.segments
	if p.head == len(under) { // where the depths are equal, no ** of q takes a segment
		over = withoutSwallowed(over)
	}
	if len(over) != len(under) {
		return Tie, false
	}
	last := lastSwallowed(under)
	more, less := false, false
	for i := range under {
		a, b := &over[i], &under[i]
		between := p.head < i && i < last // where a run lies depends on all of it
		if between && !a.same(b) || !a.covers(b) {
			return Tie, false
		}
		more, less = more || a.kind > b.kind, less || a.kind < b.kind
	}
	if more == less {
		return Tie, true
	}
	return order(more), true
}

func withoutSwallowed(segments []segment) []segment {
	var left []segment
	for _, s := range segments {
		if s.kind != swallowed {
			left = append(left, s)
		}
	}
	return left
}

// lastSwallowed is the place of the last **, 0 where there is none.
func lastSwallowed(segments []segment) (last int) {
	for i := range segments {
		if segments[i].kind == swallowed {
			last = i
		}
	}
	return last
}

// covers tells that s is known to match each name that o matches; ** is covered by ** alone.
func (s *segment) covers(o *segment) bool {
	switch {
	case s.kind == swallowed || o.kind == swallowed:
		return s.kind == o.kind
	case s.kind == captured || s.same(o):
		return true
	case s.kind == wildcard && o.kind == verbatim:
		return s.glob.match(o.text, new(int))
	}
	return s.kind == wildcard && len(s.glob) == 1 && s.glob[0].star
}

// same tells that both match the same names, in the same way.
func (s *segment) same(o *segment) bool {
	switch {
	case s.kind != o.kind:
		return false
	case s.kind == verbatim:
		return s.text == o.text
	}
	return s.kind != wildcard || reflect.DeepEqual(s.glob, o.glob)
}
