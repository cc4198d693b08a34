package luapattern

import "strings"

type matcher struct {
	items    []item
	text     string
	steps    *int
	captures [maxCaptures]capture
}

// capture needs no undoing where the search steps back: what stands before a reference is laid anew before it is asked for.
type capture struct{ from, to int } // to is -1 where it is a position

// step takes a step, and tells whether there was one.
func (m *matcher) step() bool {
	*m.steps--
	return !m.spent()
}

func (m *matcher) spent() bool { return *m.steps <= 0 }

// match tells whether the items from i on lie on the text from at on. Nothing does once the steps are spent.
func (m *matcher) match(i, at int) bool {
	for ; i < len(m.items); i++ {
		if !m.step() {
			return false
		}
		it := &m.items[i]
		if it.kind == single && it.repeat != once {
			return m.repeated(it, i+1, at)
		}
		var ok bool
		if at, ok = m.one(it, at); !ok {
			return false
		}
	}
	return true
}

// one lays an item that lies in one way only, and tells where it ends.
func (m *matcher) one(it *item, at int) (int, bool) {
	switch it.kind {
	case single:
		return at + 1, m.has(it, at)
	case atEnd:
		return at, at == len(m.text)
	case opened:
		m.captures[it.n].from = at
	case closed:
		m.captures[it.n].to = at
	case position:
		m.captures[it.n].to = -1
	case reference:
		return m.again(m.captures[it.n], at)
	case balanced:
		return m.balance(it, at)
	case frontier:
		return at, !it.set.has(m.byteAt(at-1)) && it.set.has(m.byteAt(at))
	}
	return at, true
}

// has tells whether a byte is there, and in the set.
func (m *matcher) has(it *item, at int) bool { return at < len(m.text) && it.set.has(m.text[at]) }

// byteAt is 0 before the text and behind it.
func (m *matcher) byteAt(at int) byte {
	if at < 0 || at >= len(m.text) {
		return 0
	}
	return m.text[at]
}

func (m *matcher) again(c capture, at int) (int, bool) {
	if c.to < 0 {
		return at, false
	}
	text := m.text[c.from:c.to]
	*m.steps -= len(text)
	return at + len(text), strings.HasPrefix(m.text[at:], text)
}

func (m *matcher) balance(it *item, at int) (int, bool) {
	if at >= len(m.text) || m.text[at] != it.left {
		return at, false
	}
	for depth := 1; ; {
		if at++; at == len(m.text) || !m.step() {
			return at, false
		}
		switch m.text[at] { // the right one first: both may be the same
		case it.right:
			depth--
		case it.left:
			depth++
		}
		if depth == 0 {
			return at + 1, true
		}
	}
}

// repeated lays a single that may lie in several ways, and the items from next on behind it.
func (m *matcher) repeated(it *item, next, at int) bool {
	switch it.repeat {
	case optional:
		return m.has(it, at) && m.match(next, at+1) || m.match(next, at)
	case shortest:
		for !m.match(next, at) {
			if m.spent() || !m.has(it, at) {
				return false
			}
			at++
		}
		return true
	case some:
		if !m.has(it, at) {
			return false
		}
		at++
	}
	last := at
	for m.has(it, last) {
		last++ // not a step: what follows is tried as often
	}
	for ; last >= at && !m.spent(); last-- {
		if m.match(next, last) {
			return true
		}
	}
	return false
}
