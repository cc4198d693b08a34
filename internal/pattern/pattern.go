// Package pattern holds the directory patterns of a role map: it matches a directory, captures segments, and compares how
// specific two matches are.
package pattern

import "strings"

// kind is what a segment of a directory was matched by, in the order of how specific that is.
type kind byte

const (
	swallowed kind = iota // by an inner **
	wildcard              // by a segment with *, ? or []
	captured              // by {name}
	verbatim              // by its own name
)

// segment is one part of a pattern between slashes. A segment of kind swallowed is ** itself.
type segment struct {
	kind kind
	text string // the literal, or the name of the capture
	glob glob
}

func (s *segment) matches(name string) bool {
	switch s.kind {
	case verbatim:
		return s.text == name
	case wildcard:
		return s.glob.match(name)
	}
	return true
}

// Pattern is a compiled directory pattern. It may be used by several goroutines at once.
type Pattern struct {
	written  string
	segments []segment // without trailing **, and never two ** in a row
	head     int       // how many segments stand before the first inner **; all of them where there is none
	kinds    []kind    // of the segments: what a match looks like where there is no inner **
	captures []string
}

// String is the pattern as it was written.
func (p *Pattern) String() string { return p.written }

// Captures are the names of its {captures}, in order. The caller must not change the slice.
func (p *Pattern) Captures() []string { return p.captures }

// Match tells whether dir, or a directory above it, is what the pattern describes. dir is clean, separated by slashes and
// relative to the map's root; "." is the root itself.
//
// The match is that of the deepest such directory. Where several ways of an inner ** lead to it, the leftmost ** takes as few
// segments as it can, then the next one.
func (p *Pattern) Match(dir string) (Match, bool) {
	if !p.startsLike(dir) {
		return Match{}, false
	}
	if p.head < len(p.segments) {
		return p.search(split(dir))
	}
	m := Match{Depth: len(p.segments), kinds: p.kinds}
	if len(p.captures) > 0 {
		m.take(p.segments, split(dir))
	}
	return m, true
}

// startsLike compares the segments before the first inner **. Nearly every pattern of a big map is refused here, so it
// allocates nothing.
func (p *Pattern) startsLike(dir string) bool {
	if dir == "." {
		dir = ""
	}
	for i := range p.segments[:p.head] {
		if dir == "" {
			return false
		}
		var name string
		name, dir, _ = strings.Cut(dir, "/")
		if !p.segments[i].matches(name) {
			return false
		}
	}
	return true
}

// search matches a pattern with an inner **, in time proportional to the segments of the pattern times those of dir: a
// table instead of backtracking, since both may come from a hostile repository.
func (p *Pattern) search(dir []string) (Match, bool) {
	reach := p.reach(dir)
	width := len(dir) + 1
	deepest := reach[0]
	if deepest < 0 {
		return Match{}, false
	}
	m := Match{Depth: int(deepest), kinds: make([]kind, 0, deepest)}
	matched := make([]segment, 0, deepest)
	for i, j := 0, 0; i < len(p.segments); {
		s := p.segments[i]
		if s.kind == swallowed && reach[(i+1)*width+j] == deepest {
			i++ // it can end here, so it does: shortest
			continue
		}
		m.kinds, matched = append(m.kinds, s.kind), append(matched, s)
		if s.kind != swallowed {
			i++
		}
		j++
	}
	if len(p.captures) > 0 {
		m.take(matched, dir)
	}
	return m, true
}

// reach is a table of len(dir)+1 columns. Cell (i, j) is how many segments of dir are covered at best when the pattern from its
// segment i on is laid on dir from its segment j on, or -1 where that matches nothing.
func (p *Pattern) reach(dir []string) []int32 {
	n, m := len(p.segments), len(dir)
	width := m + 1
	reach := make([]int32, (n+1)*width)
	for j := 0; j <= m; j++ {
		reach[n*width+j] = int32(j)
	}
	for i := n - 1; i >= 0; i-- {
		row, below := reach[i*width:(i+1)*width], reach[(i+1)*width:]
		for j := m; j >= 0; j-- {
			row[j] = -1
			switch {
			case p.segments[i].kind == swallowed:
				row[j] = below[j]
				if j < m {
					row[j] = max(row[j], row[j+1])
				}
			case j < m && below[j+1] >= 0 && p.segments[i].matches(dir[j]):
				row[j] = below[j+1]
			}
		}
	}
	return reach
}

func split(dir string) []string {
	if dir == "" || dir == "." {
		return nil
	}
	return strings.Split(dir, "/")
}
