package scaffold

import (
	"slices"
	"strings"
)

const (
	enoughAlike = 3       // directories that differ in one name are written as one pattern
	enoughSteps = 500_000 // in search of them
)

// folder writes patterns with * where they stand for exactly the directories that they were made of.
type folder struct {
	root  *node
	steps int
}

// fold shortens the list of the directories that have a rule with this want: services/*/production for services/a/production,
// services/b/production and services/c/production. The last name is never a *.
func (f *folder) fold(dirs [][]string, w *want) [][]string {
	longest := 0
	for _, d := range dirs {
		longest = max(longest, len(d))
	}
	for column := range max(longest-1, 0) {
		dirs = f.foldAt(column, dirs, w)
	}
	return dirs
}

// foldAt takes those together that differ only in that column.
func (f *folder) foldAt(column int, dirs [][]string, w *want) (folded [][]string) {
	general := func(d []string) []string { return slices.Concat(d[:column], []string{anyName}, d[column+1:]) }
	alike := map[string]int{}
	for _, d := range dirs {
		if column < len(d)-1 {
			alike[strings.Join(general(d), "/")]++
		}
	}
	foldable := map[string]bool{} // asked once for each
	for _, d := range dirs {
		if column >= len(d)-1 {
			folded = append(folded, d)
			continue
		}
		g := general(d)
		key := strings.Join(g, "/")
		may, again := foldable[key]
		if !again {
			may = alike[key] >= enoughAlike && f.only(f.root, g, w)
			foldable[key] = may
		}
		switch {
		case !may:
			folded = append(folded, d)
		case !again:
			folded = append(folded, g)
		}
	}
	return folded
}

// only tells that every directory that the pattern matches, if it matters, has a rule of its own with this want, and no other.
func (f *folder) only(n *node, pattern []string, w *want) bool {
	if f.steps++; f.steps > enoughSteps {
		return false
	}
	if len(pattern) == 0 {
		return !n.matters() || n.ruled == w && !n.guarded
	}
	if pattern[0] != anyName {
		next := n.below[pattern[0]]
		return next == nil || f.only(next, pattern[1:], w)
	}
	for _, child := range n.children {
		if !f.only(child, pattern[1:], w) {
			return false
		}
	}
	return true
}
