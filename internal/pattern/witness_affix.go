package pattern

import (
	"slices"
	"sort"
	"strings"
)

// An affix is something whose name begins and ends in a certain way: all of it, where it is a literal.
type affix[T any] struct {
	prefix, suffix string
	it             T
}

// affixed is it with what each match of the segment begins and ends with.
func affixed[T any](it T, s *segment) affix[T] {
	if s.kind != wildcard {
		return affix[T]{s.text, s.text, it}
	}
	prefix, suffix := s.glob.affixes()
	return affix[T]{prefix, suffix, it}
}

func (g glob) affixes() (prefix, suffix string) {
	first := slices.IndexFunc(g, func(t token) bool { return !t.literal() })
	if first < 0 {
		return g.text(), g.text()
	}
	last := len(g) - 1
	for g[last].literal() {
		last--
	}
	return g[:first].text(), g[last+1:].text()
}

// literal tells that t is one character.
func (t *token) literal() bool {
	return !t.star && !t.negate && len(t.ranges) == 1 && t.ranges[0].low == t.ranges[0].high
}

// text is that of literals.
func (g glob) text() string {
	var b strings.Builder
	for i := range g {
		b.WriteRune(g[i].ranges[0].low)
	}
	return b.String()
}

// ends finds, for a name, those that may match it, by what they begin with or, where that is nothing, by what they end with.
type ends[T any] struct {
	prefixes, suffixes map[string][]T
}

func (e *ends[T]) add(a affix[T]) {
	if e.prefixes == nil {
		e.prefixes, e.suffixes = map[string][]T{}, map[string][]T{}
	}
	if a.prefix != "" {
		e.prefixes[a.prefix] = append(e.prefixes[a.prefix], a.it)
	} else {
		e.suffixes[a.suffix] = append(e.suffixes[a.suffix], a.it)
	}
}

func (e *ends[T]) fitting(name string) (list []T) {
	for i := range len(name) + 1 {
		list = append(list, e.prefixes[name[:i]]...)
		list = append(list, e.suffixes[name[i:]]...)
	}
	return list
}

// within tries each of the list with those after it, in some order, unless their names begin or end differently. It ends where
// try says no.
func within[T any](list []affix[T], work *int, try func(a, b T) bool) bool {
	sortAffixes(list)
	for i, a := range list {
		if !a.with(beginning(list[i+1:], a.prefix), work, try) {
			return false
		}
	}
	return true
}

// across tries each of one list with each of another.
func across[T any](list, others []affix[T], work *int, try func(a, b T) bool) bool {
	sortAffixes(list, others)
	for _, a := range list {
		if !a.with(beginning(others, a.prefix), work, try) {
			return false
		}
	}
	for _, b := range others {
		longer := slices.DeleteFunc(slices.Clone(beginning(list, b.prefix)), func(a affix[T]) bool { return a.prefix == b.prefix })
		if !b.with(longer, work, try) {
			return false
		}
	}
	return true
}

func (a affix[T]) with(others []affix[T], work *int, try func(a, b T) bool) bool {
	for _, b := range others {
		*work++
		meet := strings.HasSuffix(a.suffix, b.suffix) || strings.HasSuffix(b.suffix, a.suffix)
		if *work > EnoughOverlaps || meet && !try(a.it, b.it) {
			return false
		}
	}
	return true
}

// sortAffixes sorts the lists by prefix; where nobody has one, by suffix, which then stands there backwards.
func sortAffixes[T any](lists ...[]affix[T]) {
	begins := func(a affix[T]) bool { return a.prefix != "" }
	if !slices.ContainsFunc(slices.Concat(lists...), begins) {
		for _, list := range lists {
			for i := range list {
				suffix := []byte(list[i].suffix)
				slices.Reverse(suffix)
				list[i].prefix, list[i].suffix = string(suffix), ""
			}
		}
	}
	for _, list := range lists {
		slices.SortStableFunc(list, func(a, b affix[T]) int { return strings.Compare(a.prefix, b.prefix) })
	}
}

// beginning are those of a sorted list that begin with prefix.
func beginning[T any](list []affix[T], prefix string) []affix[T] {
	start := sort.Search(len(list), func(i int) bool { return list[i].prefix >= prefix })
	end := start + sort.Search(len(list)-start, func(i int) bool { return !strings.HasPrefix(list[start+i].prefix, prefix) })
	return list[start:end]
}
