package pattern

import (
	"iter"
	"slices"
)

// Names are patterns of workspaces, none of them literal, that are found by how a workspace begins or ends.
type Names struct {
	all  []affix[*Name]
	ends ends[*Name]
	work int
}

// NewNames is for patterns of which none comes twice.
func NewNames(list []*Name) *Names {
	s := &Names{}
	for _, n := range list {
		prefix, suffix := n.glob.affixes()
		a := affix[*Name]{prefix, suffix, n}
		s.all = append(s.all, a)
		s.ends.add(a)
	}
	return s
}

// Matching are those that match the workspace.
func (s *Names) Matching(workspace string) (list []*Name) {
	for _, n := range s.ends.fitting(workspace) {
		if n.glob.match(workspace, &s.work) {
			list = append(list, n)
		}
	}
	return list
}

// Examples are workspaces that one of them matches, and such as two match, at least one for each pair that has any, and each
// in two ways with what stands for a star. It ends early where the work, which Work tells, becomes EnoughOverlaps.
func (s *Names) Examples(fresh [2]string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, in := range styles(fresh) {
			for _, a := range s.all {
				if name := a.it.glob.example(in); name != "" && !yield(name) {
					return
				}
			}
			more := within(slices.Clone(s.all), &s.work, func(a, b *Name) bool {
				name, ok := a.glob.common(b.glob, in, &s.work)
				return !ok || name == "" || yield(name)
			})
			if !more {
				return
			}
		}
	}
}

// Work is how many steps were taken.
func (s *Names) Work() int { return s.work }

// Covers tells that n is known to match each name that o matches.
func (n *Name) Covers(o *Name) bool {
	return n.written == o.written || n.written == "*" || o.literal && n.Match(o.written)
}

// Example is a name that n matches, "" where there is none that could be one.
func (n *Name) Example() string {
	if n.literal {
		return n.written
	}
	return n.glob.example(style{fresh: "any"})
}
