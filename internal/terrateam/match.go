package terrateam

import "strings"

// maxSteps bounds what the globs of one file may cost for one directory: 50 ms. Five thousand usual ones take a twentieth of it.
const maxSteps = 5_000_000

// A matcher runs globs over the names of files. It keeps what it needs from one to the next, and counts its steps.
type matcher struct {
	steps      int
	now, after list
	todo       []int32
}

// list is a set of instructions in the order in which they came.
type list struct {
	order []int32
	at    []int32 // instruction → where it would be in order
}

func (l *list) reset(size int) {
	l.order = l.order[:0]
	if len(l.at) < size {
		l.at = make([]int32, size)
	}
}

func (l *list) add(i int32) bool {
	if at := l.at[i]; int(at) < len(l.order) && l.order[at] == i {
		return false
	}
	l.at[i] = int32(len(l.order))
	l.order = append(l.order, i)
	return true
}

// spent tells that the budget is: answers are wrong from here on.
func (m *matcher) spent() bool { return m.steps > maxSteps }

// match tells whether the glob matches the path of a file. It takes as many steps as the path is long, times the places in the
// glob at which a match may stand at once.
func (m *matcher) match(g *glob, path string) bool {
	if !strings.HasPrefix(path, g.literal) {
		return false
	}
	m.now.reset(len(g.code))
	m.after.reset(len(g.code))
	m.follow(g, &m.now, 0)
	for i := 0; i < len(path) && len(m.now.order) > 0; i++ {
		m.after.reset(len(g.code))
		for _, pc := range m.now.order {
			if g.takes(pc, path[i]) {
				m.follow(g, &m.after, pc+1)
			}
		}
		m.now, m.after = m.after, m.now
	}
	for _, pc := range m.now.order {
		if g.code[pc].op == opMatch {
			return !g.negated
		}
	}
	return g.negated
}

func (g *glob) takes(pc int32, c byte) bool {
	switch i := g.code[pc]; i.op {
	case opChar:
		return i.char == c
	case opSet:
		return g.sets[i.x].has(c)
	case opAny:
		return true
	case opNotSlash:
		return c != '/'
	}
	return false
}

// follow adds pc and all that is reached from it without a byte.
func (m *matcher) follow(g *glob, to *list, pc int32) {
	m.todo = append(m.todo[:0], pc)
	for len(m.todo) > 0 {
		pc := m.todo[len(m.todo)-1]
		m.todo = m.todo[:len(m.todo)-1]
		m.steps++
		if !to.add(pc) {
			continue
		}
		switch i := g.code[pc]; i.op {
		case opSplit:
			m.todo = append(m.todo, i.x, pc+1)
		case opJump:
			m.todo = append(m.todo, i.x)
		}
	}
}
