package pattern

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A style is one way to make up a name: fresh stands for a capture or a star; of a set it is the first character or the last.
type style struct {
	fresh string
	last  bool
}

// styles are two ways, in which what can differ does: a name may be one that another pattern matches by chance.
func styles(fresh [2]string) [2]style { return [2]style{{fresh[0], false}, {fresh[1], true}} }

// after is the style for one segment more: no two of a directory get the same fresh name, or two captures would be equal.
func (in style) after(segments []string, work *int) style {
	*work += len(segments)
	n := 1
	for _, s := range segments {
		if strings.Contains(s, in.fresh) {
			n++
		}
	}
	if n > 1 {
		in.fresh += strconv.Itoa(n)
	}
	return in
}

// common is a name that both segments match, nil being what ** swallows.
func (x *Index) common(a, b *segment, in style) (string, bool) {
	if isOpen(a) {
		a, b = b, a
	}
	switch {
	case isOpen(a):
		return in.fresh, true
	case a.kind == verbatim && b != nil && b.kind == verbatim:
		return a.text, a.text == b.text
	case a.kind == verbatim:
		return a.text, b == nil || b.matches(a.text, &x.work)
	case isOpen(b):
		name := a.glob.example(in)
		return name, isDirName(name)
	case b.kind == verbatim:
		return b.text, a.matches(b.text, &x.work)
	}
	name, ok := a.glob.common(b.glob, in, &x.work)
	return name, ok && isDirName(name)
}

// isOpen tells that any name will do.
func isOpen(s *segment) bool { return s == nil || s.kind == captured || s.kind == swallowed }

// isDirName refuses what no directory is called: [.] is a pattern, . is no name.
func isDirName(s string) bool { return s != "" && s != "." && s != ".." }

// example is a text that g matches; "" where there is none that could be a name.
func (g glob) example(in style) string {
	var b strings.Builder
	for i := range g {
		if g[i].star {
			b.WriteString(in.fresh)
			continue
		}
		r, ok := in.pick(&g[i], &g[i])
		if !ok {
			return ""
		}
		b.WriteRune(r)
	}
	return b.String()
}

// common is a text that both globs match. It takes at most len(g) × len(h) steps, which it adds to work.
func (g glob) common(h glob, in style, work *int) (string, bool) {
	c := meeting{g, h, in, make([]bool, (len(g)+1)*(len(h)+1)), work}
	*work += len(c.seen) / 16 // to clear it
	return c.from(0, 0)
}

// meeting walks through two globs at once.
type meeting struct {
	g, h glob
	in   style
	seen []bool // by place in g and in h: nothing is found there a second time
	work *int
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
		before = c.in.fresh
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
	r, ok := c.in.pick(a, b)
	if !ok {
		return "", false
	}
	text, ok := c.from(i, j)
	return string(r) + text, ok
}

// pick is a character that both sets have: one that is easy to read, else one with which a range begins or that follows one.
func (in style) pick(a, b *token) (rune, bool) {
	good := func(r rune) bool {
		return r >= ' ' && r != '/' && r != '\\' && r != 0x7f && utf8.ValidRune(r) && a.has(r, utf8.RuneLen(r)) && b.has(r, utf8.RuneLen(r))
	}
	some := []rune("xa0-_A")
	for _, rs := range slices.Concat(a.ranges, b.ranges) {
		some = append(some, rs.low, rs.high, rs.high+1)
	}
	if in.last {
		slices.Reverse(some)
	}
	if i := slices.IndexFunc(some, good); i >= 0 {
		return some[i], true
	}
	return 0, false
}
