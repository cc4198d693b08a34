package pattern

import (
	"fmt"
	"strings"
)

// EnoughOverlaps is how many steps an Index takes: a second or two. A step is a pair of patterns, or a look at a directory. A
// map of 5,000 environments takes a tenth of this at most.
const EnoughOverlaps = 50_000_000

// Index finds, among thousands of patterns, those that describe one directory and those that overlap, without trying each on
// each: patterns of one shape are found by their literals.
type Index struct {
	groups []*group
	fresh  [2]string // names that no literal has: what stands for a capture or a star
	work   int
	cut    bool // the overlaps of some pair were more than were looked at
}

// group are the patterns whose segments are of the same kinds.
type group struct {
	kinds      []kind
	fixed      int // how many of them are not **
	head, tail int // how many stand before the first and after the last **; all of them where there is none
	patterns   []*Pattern
	literals   []int // places of literals in head and tail
	byLiteral  map[string][]*Pattern
}

// NewIndex is for patterns of which none comes twice.
func NewIndex(patterns []*Pattern) *Index {
	x := &Index{}
	byKinds, literals := map[string]*group{}, map[string]bool{}
	for _, p := range patterns {
		kinds := shape(p.segments)
		g := byKinds[string(kinds)]
		if g == nil {
			g = newGroup(p)
			byKinds[string(kinds)] = g
			x.groups = append(x.groups, g)
		}
		g.patterns = append(g.patterns, p)
		key := g.key(g.literals, p)
		g.byLiteral[key] = append(g.byLiteral[key], p)
		for i := range p.segments {
			if p.segments[i].kind == verbatim {
				literals[p.segments[i].text] = true
			}
		}
	}
	taken := func(name string) bool { return literals[name] }
	x.fresh = [2]string{Fresh("any", taken), Fresh("0", taken)}
	return x
}

func shape(segments []segment) []byte {
	kinds := make([]byte, len(segments))
	for i := range segments {
		kinds[i] = byte(segments[i].kind)
	}
	return kinds
}

// Fresh is name, or name with the first number that makes it one that is not taken.
func Fresh(name string, taken func(string) bool) string {
	free := name
	for i := 2; taken(free); i++ {
		free = fmt.Sprint(name, i)
	}
	return free
}

func newGroup(p *Pattern) *group {
	g := &group{kinds: p.kinds, head: p.head, tail: p.head, byLiteral: map[string][]*Pattern{}}
	for i, k := range p.kinds {
		if k == swallowed {
			g.tail = len(p.kinds) - i - 1
		} else {
			g.fixed++
		}
	}
	for i := range g.head {
		if p.kinds[i] == verbatim {
			g.literals = append(g.literals, i)
		}
	}
	for i := 1; g.open() && i <= g.tail; i++ {
		if g.at(-i) == verbatim {
			g.literals = append(g.literals, -i)
		}
	}
	return g
}

// open tells that there is a **, so that the patterns describe directories of any depth from fixed on.
func (g *group) open() bool { return g.fixed < len(g.kinds) }

// at is the kind at a place: from the start where it is not negative, else from the end, -1 being the last.
func (g *group) at(place int) kind { return g.kinds[from(place, len(g.kinds))] }

func from(place, length int) int {
	if place < 0 {
		return length + place
	}
	return place
}

// key are the literals of a pattern at the places.
func (g *group) key(places []int, p *Pattern) string {
	return join(places, len(p.segments), func(i int) string { return p.segments[i].text })
}

func join(places []int, length int, text func(i int) string) string {
	if len(places) == 1 {
		return text(from(places[0], length))
	}
	var b strings.Builder
	for _, place := range places {
		b.WriteString(text(from(place, length)))
		b.WriteByte('/') // which no segment has
	}
	return b.String()
}

// Exhausted tells that not all overlaps were looked at: the work was EnoughOverlaps, or two patterns overlap in too many ways.
func (x *Index) Exhausted() bool { return x.cut || x.spent() }

func (x *Index) spent() bool { return x.work > EnoughOverlaps }

// Work is how many steps were taken.
func (x *Index) Work() int { return x.work }

// A Hit is a pattern and how it matches.
type Hit struct {
	Pattern *Pattern
	Match   Match
}

// At are the patterns that describe dir itself, not only a directory above it: no other one can be better there.
func (x *Index) At(dir string) (hits []Hit) {
	m := NewMatcher(dir, "")
	for _, g := range x.groups {
		x.work++
		if depth := len(m.dir); g.fixed > depth || g.fixed < depth && !g.open() {
			continue
		}
		key := join(g.literals, len(m.dir), func(i int) string { return m.dir[i] })
		for _, p := range g.byLiteral[key] {
			if match, ok := m.Dir(p); ok && match.Depth == len(m.dir) {
				hits = append(hits, Hit{p, match})
			}
		}
	}
	x.work += m.work
	return hits
}
