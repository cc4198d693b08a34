package scaffold

import (
	"path"
	"strings"
)

// nowhere is deeper than any directory.
const nowhere = 1 << 30

// saidAt is the depth of the directory whose file says the role, where that is the place's or one above it.
func (s *spot) saidAt() int {
	role := s.Apply
	if role == nil {
		role = s.Plan
	}
	dir := path.Dir(role.From.File)
	switch {
	case dir == ".":
		return 0
	case dir == s.Dir || strings.HasPrefix(s.Dir, dir+"/"):
		return strings.Count(dir, "/") + 1
	}
	return nowhere
}

// ruleOf is what one file at that depth or above says of several, where all else is said by files below: the exceptions. It is
// nil where there is no such thing, and where a directory gets no role.
func ruleOf(saidAt map[*want]int, depth int) (rule *want) {
	for w, at := range saidAt {
		switch {
		case w == nil || w.none():
			return nil
		case at <= depth && rule != nil:
			return nil
		case at <= depth:
			rule = w
		}
	}
	return rule
}
