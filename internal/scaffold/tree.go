package scaffold

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"whichrole/internal/modules"
)

// A want is what a directory must get: an answer for each workspace, "" being any. Equal wants are one pointer.
type want struct {
	wishes []wish // sorted by workspace; none: the directory must get no role
}

type wish struct {
	workspace string
	answer    *answer
}

func (w *want) none() bool { return w != nil && len(w.wishes) == 0 }

// any tells that there is an answer for every workspace.
func (w *want) any() bool { return len(w.wishes) > 0 && w.wishes[0].workspace == "" }

// group is one answer of a want, and the workspaces that have it: nil for any.
type group struct {
	answer     *answer
	workspaces []string
}

// groups are the answers of a want, each with all its workspaces.
func (w *want) groups() (list []group) {
	for _, x := range w.wishes {
		i := slices.IndexFunc(list, func(g group) bool { return g.answer == x.answer })
		switch {
		case i < 0 && x.workspace == "":
			list = append(list, group{answer: x.answer})
		case i < 0:
			list = append(list, group{x.answer, []string{x.workspace}})
		case list[i].workspaces != nil:
			list[i].workspaces = append(list[i].workspaces, x.workspace)
		}
	}
	return list
}

// node is a directory of the repository on the way to one that matters.
type node struct {
	name     string
	up       *node
	below    map[string]*node
	children []*node // below, sorted; see settle

	wishes []wish
	want   *want // of this directory itself, nil where it does not matter
	module bool  // a root module that needs a role
	code   bool  // shared code
	open   bool  // there is a root module at or below it, or something that roles are said of

	depth int
	said  int // how deep the directory lies whose file says what it leans to; nowhere where that is none above it

	all     *want // what this directory and all below it want, where they want the same
	mixed   bool  // they do not
	agreed  *want // what all of it wants that is open, where it wants the same
	lean    *want // what most of it wants
	modules bool  // there is a root module at or below it that needs a role
	codes   bool  // there is shared code at or below it
	ruled   *want // what is written for this very directory
	guarded bool  // and that it gets nothing but for that
	shared  bool  // it is listed as shared code
}

// matters tells that a directory at or below n wants something.
func (n *node) matters() bool { return n.mixed || n.all != nil }

func (n *node) segments() (names []string) {
	for at := n; at.up != nil; at = at.up {
		names = append(names, at.name)
	}
	slices.Reverse(names)
	return names
}

// at is the node of a directory, made where it is not there yet.
func (n *node) at(segments []string) *node {
	for _, s := range segments {
		next := n.below[s]
		if next == nil {
			next = &node{name: s, up: n, depth: n.depth + 1, said: nowhere}
			if n.below == nil {
				n.below = map[string]*node{}
			}
			n.below[s] = next
		}
		n = next
	}
	return n
}

// A forest is the tree of directories with what each wants.
type forest struct {
	root  *node
	wants map[string]*want
	none  *want
}

// plant makes the tree. Directories without an answer must get no role.
func plant(s *sieve, m material) *forest {
	f := &forest{root: &node{said: nowhere}, wants: map[string]*want{}, none: &want{}}
	for _, s := range s.spots {
		n := f.root.at(split(s.Dir))
		n.wishes, n.open = append(n.wishes, wish{s.Workspace, s.answer}), true
		n.said = min(n.said, s.saidAt())
	}
	for _, dir := range s.without {
		n := f.root.at(split(dir))
		n.want, n.open = f.none, true
	}
	for _, dir := range m.closed {
		f.root.at(split(dir)).want = f.none
	}
	for _, x := range m.modules {
		n := f.root.at(split(x.Dir))
		n.want, n.module, n.open = f.none, needsRole(x), true
	}
	for _, dir := range m.code {
		f.root.at(split(dir)).code = true
	}
	f.settle(f.root)
	return f
}

// needsRole tells that somebody starts Terraform in the module, and that it asks AWS.
func needsRole(m modules.Module) bool { return m.Kind == "terragrunt" || m.AWS && !isExampleOf(m) }

// isExampleOf tells the examples and tests that shared code brings along: nobody starts them from there.
func isExampleOf(m modules.Module) bool {
	_, below, _ := strings.Cut(m.Dir, "/")
	return m.Kind == "terraform" && m.Backend == "" && slices.ContainsFunc(strings.Split(below, "/"), isExample)
}

func isExample(name string) bool {
	switch name {
	case "example", "examples", "test", "tests", "fixture", "fixtures":
		return true
	}
	return false
}

// settle works out what each directory and all below it want, from below.
func (f *forest) settle(n *node) {
	n.children = slices.SortedFunc(maps.Values(n.below), func(a, b *node) int { return strings.Compare(a.name, b.name) })
	if n.wishes != nil {
		n.want = f.one(n.wishes)
	}
	n.all, n.modules, n.codes = n.want, n.module, n.code
	leans, saidAt := map[*want]int{}, map[*want]int{}
	for _, c := range n.children {
		f.settle(c)
		n.modules, n.codes = n.modules || c.modules, n.codes || c.codes
		if !c.matters() {
			continue
		}
		if c.open {
			leans[c.lean]++
			if at, again := saidAt[c.lean]; !again || c.said < at {
				saidAt[c.lean] = c.said
			}
		}
		switch {
		case n.all == nil:
			n.all, n.mixed = c.all, n.mixed || c.mixed
		case c.mixed || c.all != n.all:
			n.mixed = true
		}
	}
	n.lean = cmp.Or(n.want, majority(leans), ruleOf(saidAt, n.depth))
	if at, ok := saidAt[n.lean]; ok {
		n.said = min(n.said, at)
	}
	n.agree()
	if n.mixed {
		n.all = nil
	}
}

// agree works out what all of n wants that is open, and whether n is.
func (n *node) agree() {
	if n.open {
		n.agreed = n.want
	}
	parted := false
	for _, c := range n.children {
		if c.open {
			parted = parted || c.agreed == nil || n.agreed != nil && n.agreed != c.agreed
			n.agreed, n.open = c.agreed, true
		}
	}
	if parted {
		n.agreed = nil
	}
}

// majority is what more than half of the children lean to, nil where there is no such thing.
func majority(leans map[*want]int) *want {
	total := 0
	for _, count := range leans {
		total += count
	}
	for w, count := range leans {
		if 2*count > total {
			return w
		}
	}
	return nil
}

func (f *forest) one(wishes []wish) *want {
	slices.SortFunc(wishes, func(a, b wish) int { return strings.Compare(a.workspace, b.workspace) })
	var key strings.Builder
	for _, x := range wishes {
		key.WriteString(x.workspace + "\x00" + x.answer.key() + "\x00")
	}
	if f.wants[key.String()] == nil {
		f.wants[key.String()] = &want{wishes: wishes}
	}
	return f.wants[key.String()]
}
