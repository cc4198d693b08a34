package terrateam

import (
	"maps"
	"slices"

	"whichrole/internal/looseyaml"
	"whichrole/internal/tagquery"
)

// stack is an entry of stacks.names: dirspaces that a query chooses, or other stacks.
type stack struct {
	name      string
	line      int
	query     *tagquery.Query // nil for a stack of stacks
	raw       string
	of        []string // the stacks in a stack of stacks
	variables map[string]string
	above     []*stack // the stacks of stacks that it is in, directly or not, the last by name first
}

// stacks are all of them by name.
type stacks struct {
	byName    map[string]*stack
	leaves    []*stack        // those with a query, by name
	variables map[string]bool // that one of them has
}

// defaultStack is the one of a dirspace that no query chooses, unless a stack is called so.
const defaultStack = "default"

func (c *Config) readStacks(n looseyaml.Node) error {
	c.stacks = &stacks{byName: map[string]*stack{}, variables: map[string]bool{}}
	n, err := mapOf(n, "stacks")
	if err != nil {
		return err
	}
	names, err := mapOf(n.Get("names"), "stacks.names")
	if err != nil {
		return err
	}
	for _, f := range names.Fields() {
		s := &stack{name: f.Key, line: f.At.Line()}
		if err := s.read(f.Value); err != nil {
			return err
		}
		c.stacks.byName[s.name] = s
		for name := range s.variables {
			c.stacks.variables[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.stacks.byName)) {
		if s := c.stacks.byName[name]; s.query != nil {
			c.stacks.leaves = append(c.stacks.leaves, s)
		}
	}
	return c.stacks.nest(names)
}

func (s *stack) read(n looseyaml.Node) (err error) {
	if !n.IsMap() {
		return n.Wrong("a stack has keys, not %s", n.Kind())
	}
	if below := n.Get("stacks"); below.Exists() {
		s.of, err = tags(below)
		slices.Sort(s.of)
		s.of = slices.Compact(s.of) // an alias may name one a hundred thousand times
	} else {
		s.query, s.raw, err = query(n)
	}
	if err != nil {
		return err
	}
	variables, err := mapOf(n.Get("variables"), "variables")
	if err != nil {
		return err
	}
	s.variables = map[string]string{}
	for _, f := range variables.Fields() {
		if text, ok := f.Value.Text(); ok {
			s.variables[f.Key] = text
		}
	}
	return nil
}

// maxNested bounds the pairs of a stack and one that it is in: all of a mebibyte of them would be too many.
const maxNested = 20_000

// nest finds for each stack those that it is in.
func (s *stacks) nest(at looseyaml.Node) error {
	pairs := 0
	for _, name := range slices.Sorted(maps.Keys(s.byName)) {
		top := s.byName[name]
		seen := map[string]bool{name: true}
		for todo := slices.Clone(top.of); len(todo) > 0; todo = todo[1:] {
			below := s.byName[todo[0]]
			switch {
			case seen[todo[0]]:
				continue
			case below == nil:
				return at.Get(name).Wrong("there is no stack %s", shorten(todo[0]))
			}
			seen[below.name] = true
			todo = append(todo, below.of...)
			if pairs++; pairs > maxNested {
				return at.Wrong("the stacks are nested in more than %d ways", maxNested)
			}
			if below.query != nil {
				below.above = append(below.above, top)
			}
		}
	}
	for _, leaf := range s.leaves {
		slices.Reverse(leaf.above)
	}
	return nil
}

// names are the stack_name tags of a dirspace in the stack; s may be nil, for the one that is meant where nothing is written.
func (s *stack) names() []string {
	if s == nil {
		return []string{defaultStack}
	}
	names := []string{s.name}
	for _, above := range s.above {
		names = append(names, above.name)
	}
	return names
}

// variable is a variable of the stack: its own, else that of a stack that it is in. s may be nil.
func (s *stack) variable(name string) (string, bool) {
	if s == nil {
		return "", false
	}
	if v, ok := s.variables[name]; ok {
		return v, true
	}
	for _, above := range s.above {
		if v, ok := above.variables[name]; ok {
			return v, true
		}
	}
	return "", false
}
