package rolemap

import (
	"fmt"

	"whichrole/internal/pattern"
)

// enoughReview bounds the work on workspaces, in rules that are looked at or compared: a second or two.
const enoughReview = 20_000_000

// A reviewer looks for rules that never win and for ties, without a look at any directory of the repository.
type reviewer struct {
	m        *Map
	index    *pattern.Index
	patterns []*pattern.Pattern
	rules    map[*pattern.Pattern]*ruleSet
	fresh    [2]string // workspaces that nobody names
	list     []Finding
	work     int
	cut      bool // something was not looked at
}

// ruleSet is those rules that have one pattern, by the workspaces that they name. Match of each is empty.
type ruleSet struct {
	plain   []candidate // name none
	literal map[string][]candidate
	globs   map[*pattern.Name][]candidate
	size    int
}

func newReviewer(m *Map) *reviewer {
	v := &reviewer{m: m, rules: map[*pattern.Pattern]*ruleSet{}}
	same, workspaces := map[string]*pattern.Pattern{}, map[string]bool{}
	add := func(c candidate) {
		p := same[c.pattern.String()]
		if p == nil {
			p = c.pattern
			same[p.String()] = p
			v.patterns = append(v.patterns, p)
			v.rules[p] = &ruleSet{}
		}
		v.rules[p].add(c)
	}
	for _, e := range m.environments {
		for _, p := range e.patterns {
			add(candidate{env: e, pattern: p, line: e.line})
		}
		for _, w := range e.Workspaces {
			workspaces[w] = true
		}
	}
	for i := range m.noRole {
		n := &m.noRole[i]
		add(candidate{noRole: n, pattern: n.pattern, line: n.line})
	}
	v.index = pattern.NewIndex(v.patterns)
	taken := func(name string) bool { return workspaces[name] }
	v.fresh = [2]string{pattern.Fresh("any", taken), pattern.Fresh("0", taken)}
	return v
}

func (r *ruleSet) add(c candidate) {
	r.size++
	if !c.namesWorkspace() {
		r.plain = append(r.plain, c)
		return
	}
	if r.literal == nil {
		r.literal, r.globs = map[string][]candidate{}, map[*pattern.Name][]candidate{}
	}
	for _, n := range c.env.names {
		if n.Literal() {
			r.literal[n.String()] = append(r.literal[n.String()], c)
		} else {
			r.globs[n] = append(r.globs[n], c)
		}
	}
}

// spent counts work, and tells that it was enough.
func (v *reviewer) spent(work int) bool {
	v.work += work
	v.cut = v.cut || v.work > enoughReview || v.index.Exhausted()
	return v.cut
}

func (v *reviewer) find(code string, line, column int, hint, format string, args ...any) {
	v.list = append(v.list, Finding{Code: code, File: v.m.name, Line: line, Column: column, Text: fmt.Sprintf(format, args...), Hint: hint})
}

// spot is where the pattern of a rule is written.
func (c candidate) spot() (line, column int) {
	if c.env == nil {
		return c.noRole.line, c.noRole.column
	}
	if dirs, own := c.env.ownKey("dirs"); own {
		for i, spot := range dirs.Spots() {
			if c.env.patterns[i] == c.pattern {
				return spot.Line, spot.Column
			}
		}
	}
	return c.env.at.Line(), c.env.at.Column()
}

// words name the rule and its pattern.
func (c candidate) words() string {
	line, _ := c.spot()
	return fmt.Sprintf("%s (%s, line %d)", c.name(), clipped(c.pattern.String()), line)
}
