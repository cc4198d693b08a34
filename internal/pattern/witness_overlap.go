package pattern

import (
	"iter"
	"slices"
	"strings"
)

const (
	// maxWays bounds the steps on which two patterns are laid on each other.
	maxWays = 5000

	// maxSwallowed is how many segments an example has that a ** of both patterns takes.
	maxSwallowed = 2
)

// Examples are directories that p describes: the most general ones, in which every ** takes from none to two segments.
func (x *Index) Examples(p *Pattern) iter.Seq[string] {
	return func(yield func(string) bool) { x.meet(p, p, yield) }
}

// Ties are directories that two patterns describe without one being better than the other, at least one for each such pair.
// Where a name may be any, it is one that no pattern has as a literal. It ends early where x is exhausted.
func (x *Index) Ties() iter.Seq[string] {
	return func(yield func(string) bool) {
		for i, g := range x.groups {
			for _, h := range x.groups[i:] {
				x.work++
				if x.spent() || mayTie(g, h) && !x.join(g, h, yield) {
					return
				}
			}
		}
	}
}

// mayTie tells that neither shape is better than the other in every directory that both describe.
func mayTie(g, h *group) bool {
	if g.open() && h.open() {
		return true
	}
	if g.open() {
		g, h = h, g
	}
	if h.fixed > g.fixed || h.fixed < g.fixed && !h.open() {
		return false
	}
	if h.fixed == g.fixed { // each ** takes nothing
		return flatTie(g.kinds, slices.DeleteFunc(slices.Clone(h.kinds), func(k kind) bool { return k == swallowed }))
	}
	return slices.ContainsFunc(g.kinds, func(k kind) bool { return k != verbatim }) // else h is less specific in what its ** takes
}

func flatTie(a, b []kind) bool {
	return Match{Depth: len(a), kinds: a}.Compare(Match{Depth: len(b), kinds: b}) == Tie
}

// join tries the patterns of two groups that agree in the literals that both have in one place, and in how a name begins and
// ends.
func (x *Index) join(g, h *group, yield func(string) bool) bool {
	var literals []int
	glob, any := 0, false
	for _, place := range aligned(g, h) {
		switch a, b := g.at(place), h.at(place); {
		case a == verbatim && b == verbatim:
			literals = append(literals, place)
		case !any && a != captured && b != captured:
			glob, any = place, true
		}
	}
	lists := func(g *group) map[string][]affix[*Pattern] {
		byKey := map[string][]affix[*Pattern]{}
		for _, p := range g.patterns {
			x.work++
			a := affix[*Pattern]{it: p}
			if any {
				a = affixed(p, &p.segments[from(glob, len(p.segments))])
			}
			key := g.key(literals, p)
			byKey[key] = append(byKey[key], a)
		}
		return byKey
	}
	try := func(a, b *Pattern) bool { return x.tied(a, b, yield) }
	one, other := lists(g), lists(h)
	for key, list := range one {
		if g == h && !within(list, &x.work, try) || g != h && !across(list, other[key], &x.work, try) {
			return false
		}
	}
	return true
}

// tied yields the directories in which a and b are equals.
func (x *Index) tied(a, b *Pattern, yield func(string) bool) bool {
	x.work++
	return !x.spent() && x.meet(a, b, func(dir string) bool {
		m := NewMatcher(dir, "")
		matchA, _ := m.Dir(a)
		matchB, _ := m.Dir(b)
		x.work += m.work
		return matchA.Compare(matchB) != Tie || yield(dir)
	})
}

// meet yields directories that both patterns describe.
func (x *Index) meet(a, b *Pattern, yield func(string) bool) bool {
	o := overlap{x: x, yield: yield}
	return o.lay(a.segments, b.segments, 0)
}

// overlap lays two patterns on each other, segment by segment.
type overlap struct {
	x     *Index
	dirs  [2][]string // so far, in each style
	steps int
	yield func(string) bool
}

// lay goes through every way to lay a and b on one directory. both is how many segments a ** of both has taken.
func (o *overlap) lay(a, b []segment, both int) bool {
	o.x.work++
	if o.steps++; o.steps > maxWays {
		o.x.cut = true
		return true
	}
	swallowA, swallowB := len(a) > 0 && a[0].kind == swallowed, len(b) > 0 && b[0].kind == swallowed
	switch {
	case len(a) == 0 && len(b) == 0:
		return o.found()
	case swallowA && swallowB:
		return o.lay(a[1:], b, both) && o.lay(a, b[1:], both) &&
			(both == maxSwallowed || o.step(nil, nil, a, b, both+1))
	case swallowA:
		return o.lay(a[1:], b, both) && (len(b) == 0 || o.step(nil, &b[0], a, b[1:], both))
	case swallowB:
		return o.lay(a, b[1:], both) && (len(a) == 0 || o.step(&a[0], nil, a[1:], b, both))
	case len(a) == 0 || len(b) == 0:
		return true
	}
	return o.step(&a[0], &b[0], a[1:], b[1:], both)
}

// step gives both segments one name and goes on, or back where there is none.
func (o *overlap) step(s, t *segment, a, b []segment, both int) bool {
	before := o.dirs
	for i, in := range o.x.styles {
		name, ok := o.x.common(s, t, in.after(before[i], &o.x.work))
		if !ok {
			o.dirs = before
			return true
		}
		o.dirs[i] = append(before[i][:len(before[i]):len(before[i])], name)
	}
	goOn := o.lay(a, b, both)
	o.dirs = before
	return goOn
}

func (o *overlap) found() bool {
	one, other := dirOf(o.dirs[0]), dirOf(o.dirs[1])
	return o.yield(one) && (one == other || o.yield(other))
}

func dirOf(segments []string) string {
	if len(segments) == 0 {
		return "."
	}
	return strings.Join(segments, "/")
}
