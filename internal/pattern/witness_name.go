package pattern

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// common is a name that both segments match, nil being what ** swallows. fresh is what stands for a capture or a star.
func (x *Index) common(a, b *segment, fresh string) (string, bool) {
	if isOpen(a) {
		a, b = b, a
	}
	switch {
	case isOpen(a):
		return fresh, true
	case a.kind == verbatim && b != nil && b.kind == verbatim:
		return a.text, a.text == b.text
	case a.kind == verbatim:
		return a.text, b == nil || b.matches(a.text, &x.work)
	case isOpen(b):
		name := a.glob.example(fresh)
		return name, isDirName(name)
	case b.kind == verbatim:
		return b.text, a.matches(b.text, &x.work)
	}
	name, ok := a.glob.common(b.glob, fresh, &x.work)
	return name, ok && isDirName(name)
}

// isOpen tells that any name will do.
func isOpen(s *segment) bool { return s == nil || s.kind == captured || s.kind == swallowed }

// isDirName refuses what no directory is called: [.] is a pattern, . is no name.
func isDirName(s string) bool { return s != "" && s != "." && s != ".." }

// example is a text that g matches, with fresh for each star; "" where there is none that could be a name.
func (g glob) example(fresh string) string {
	var b strings.Builder
	for i := range g {
		if g[i].star {
			b.WriteString(fresh)
			continue
		}
		r, ok := pick(&g[i], &g[i])
		if !ok {
			return ""
		}
		b.WriteRune(r)
	}
	return b.String()
}

// common is a text that both globs match. It takes at most len(g) × len(h) steps, which it adds to work.
func (g glob) common(h glob, fresh string, work *int) (string, bool) {
	c := meeting{g, h, fresh, make([]bool, (len(g)+1)*(len(h)+1)), work}
	*work += len(c.seen) / 16 // to clear it
	return c.from(0, 0)
}

// meeting walks through two globs at once.
type meeting struct {
	g, h  glob
	fresh string
	seen  []bool // by place in g and in h: nothing is found there a second time
	work  *int
}

func (c *meeting) from(i, j int) (text string, ok bool) {
	at := i*(len(c.h)+1) + j
	if c.seen[at] {
		return "", false
	}
	c.seen[at] = true
	*c.work++
	if i == len(c.g) && j == len(c.h) {
		return "", true
	}
	starG, starH := i < len(c.g) && c.g[i].star, j < len(c.h) && c.h[j].star
	before := ""
	if starG && starH {
		before = c.fresh
	}
	if starG {
		if text, ok = c.from(i+1, j); ok {
			return before + text, true
		}
	}
	if starH {
		if text, ok = c.from(i, j+1); ok {
			return before + text, true
		}
	}
	if starG && starH || i == len(c.g) || j == len(c.h) {
		return "", false
	}
	return c.step(i, j, starG, starH)
}

// step takes one character that both have here; a star takes it and stays.
func (c *meeting) step(i, j int, starG, starH bool) (string, bool) {
	a, b := &c.g[i], &c.h[j]
	switch {
	case starG:
		a, j = b, j+1
	case starH:
		b, i = a, i+1
	default:
		i, j = i+1, j+1
	}
	r, ok := pick(a, b)
	if !ok {
		return "", false
	}
	text, ok := c.from(i, j)
	return string(r) + text, ok
}

// pick is a character that both sets have: one that is easy to read, else the first, which begins a range or follows one.
func pick(a, b *token) (rune, bool) {
	good := func(r rune) bool {
		return r >= ' ' && r != '/' && r != '\\' && r != 0x7f && utf8.ValidRune(r) && a.has(r, utf8.RuneLen(r)) && b.has(r, utf8.RuneLen(r))
	}
	for _, r := range "xa0-_A" {
		if good(r) {
			return r, true
		}
	}
	for _, rs := range slices.Concat(a.ranges, b.ranges) {
		for _, r := range []rune{rs.low, rs.high + 1} {
			if good(r) {
				return r, true
			}
		}
	}
	return 0, false
}

// prefix is the text that every match of the segment begins with.
func (s *segment) prefix() string {
	if s.kind != wildcard {
		return s.text
	}
	var b strings.Builder
	for _, t := range s.glob {
		if t.star || t.negate || len(t.ranges) != 1 || t.ranges[0].low != t.ranges[0].high {
			break
		}
		b.WriteRune(t.ranges[0].low)
	}
	return b.String()
}

// Example is a name that n matches, with fresh for each star; "" where there is none.
func (n *Name) Example(fresh string) string {
	if n.literal {
		return n.written
	}
	return n.glob.example(fresh)
}

// Common is a name that both match, with fresh where both have a star.
func (n *Name) Common(o *Name, fresh string) (string, bool) {
	switch {
	case n.literal:
		return n.written, o.Match(n.written)
	case o.literal:
		return o.written, n.Match(o.written)
	}
	return n.glob.common(o.glob, fresh, new(int))
}

// Covers tells that n is known to match each name that o matches.
func (n *Name) Covers(o *Name) bool {
	return n.written == o.written || n.written == "*" || o.literal && n.Match(o.written)
}
