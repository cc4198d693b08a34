package pattern

import (
	"slices"
	"strings"
)

// EnoughOverlaps is how many steps an Index takes: a second or two. A step is a pair of patterns, or a look at a directory. A
// map of 5,000 environments takes a tenth of this at most.
const EnoughOverlaps = 50_000_000

// Index finds, among thousands of patterns, those that describe one directory and those that overlap, without trying each on
// each: patterns of one shape are found by their literals.
type Index struct {
	groups   []*group
	literals map[string]bool // all segments that are literals
	styles   [2]style        // with names that are none of them
	work     int
	cut      bool // the overlaps of some pair were more than were looked at
}

// group are the patterns whose segments are of the same kinds.
type group struct {
	kinds      []kind
	fixed      int // how many of them are not **
	head, tail int // how many stand before the first and after the last **; all of them where there is none
	patterns   []*Pattern
	literals   []int // places of literals in head and tail
	glob       int   // the first place of a glob there
	hasGlob    bool
	byLiteral  map[string]*bucket
}

// bucket are the patterns of a group that have the same literals.
type bucket struct {
	all    []*Pattern
	byGlob ends[*Pattern] // where the group has a glob
}

func (g *group) add(p *Pattern) {
	g.patterns = append(g.patterns, p)
	key := g.key(g.literals, p)
	b := g.byLiteral[key]
	if b == nil {
		b = &bucket{}
		g.byLiteral[key] = b
	}
	if g.hasGlob {
		b.byGlob.add(affixed(p, &p.segments[from(g.glob, len(p.segments))]))
	} else {
		b.all = append(b.all, p)
	}
}

// NewIndex is for patterns of which none comes twice.
func NewIndex(patterns []*Pattern) *Index {
	x := &Index{literals: map[string]bool{}}
	byKinds := map[string]*group{}
	for _, p := range patterns {
		kinds := shape(p.segments)
		g := byKinds[string(kinds)]
		if g == nil {
			g = newGroup(p)
			byKinds[string(kinds)] = g
			x.groups = append(x.groups, g)
		}
		g.add(p)
		for i := range p.segments {
			if p.segments[i].kind == verbatim {
				x.literals[p.segments[i].text] = true
			}
		}
	}
	taken := func(name string) bool {
		for text := range x.literals {
			if strings.HasPrefix(text, name) { // it may become longer
				return true
			}
		}
		return false
	}
	x.styles = styles([2]string{Fresh("any", taken), Fresh("0", taken)})
	return x
}

func shape(segments []segment) []byte {
	kinds := make([]byte, len(segments))
	for i := range segments {
		kinds[i] = byte(segments[i].kind)
	}
	return kinds
}

// Fresh is name, its last letter repeated until it is not taken: a hostile map can take a thousand, for it has no longer names.
func Fresh(name string, taken func(string) bool) string {
	for taken(name) {
		name += name[len(name)-1:]
	}
	return name
}

func newGroup(p *Pattern) *group {
	g := &group{kinds: p.kinds, head: p.head, tail: p.head, byLiteral: map[string]*bucket{}}
	for i, k := range p.kinds {
		if k == swallowed {
			g.tail = len(p.kinds) - i - 1
		} else {
			g.fixed++
		}
	}
	for _, place := range aligned(g, g) {
		switch k := g.at(place); {
		case k == verbatim:
			g.literals = append(g.literals, place)
		case k == wildcard && !g.hasGlob:
			g.glob, g.hasGlob = place, true
		}
	}
	return g
}

// aligned are the places that are one segment of the directory in both groups, whatever it is.
func aligned(g, h *group) []int {
	places := make([]int, 0, len(g.kinds))
	for i := range min(g.head, h.head) {
		places = append(places, i)
	}
	for i := 1; (g.open() || h.open()) && i <= min(g.tail, h.tail); i++ {
		places = append(places, -i)
	}
	return places
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
		b := g.byLiteral[join(g.literals, len(m.dir), func(i int) string { return m.dir[i] })]
		if b == nil {
			continue
		}
		list := b.all
		if g.hasGlob {
			list = b.byGlob.fitting(m.dir[from(g.glob, len(m.dir))])
		}
		for _, p := range list {
			if match, ok := m.lay(p); ok && match.Depth == len(m.dir) {
				hits = append(hits, Hit{p, match})
			}
		}
	}
	x.work += m.work
	return hits
}

// General tells that a name stands in dir that is no literal of any pattern: dir is an example, and may be called otherwise.
func (x *Index) General(dir string) bool {
	return slices.ContainsFunc(split(dir), func(name string) bool { return !x.literals[name] })
}
