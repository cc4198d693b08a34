package rolemap

import (
	"maps"

	"whichrole/internal/pattern"
)

// A candidate is one pattern that matches the directory, in a rule whose workspaces match too.
type candidate struct {
	env     *environment // nil for no_role
	noRole  *noRole      // nil for an environment
	pattern *pattern.Pattern
	match   pattern.Match
	line    int
}

// name is what messages call the rule.
func (c candidate) name() string {
	if c.env == nil {
		return "no_role"
	}
	return c.env.name
}

// rule is what the pattern belongs to: a *environment, or a *noRole, of which each is a rule of its own.
func (c candidate) rule() any {
	if c.env == nil {
		return c.noRole
	}
	return c.env
}

func (c candidate) namesWorkspace() bool { return c.env != nil && len(c.env.names) > 0 }

// beats is SPEC's "Which environment": deeper, then more specific, then a named workspace before none.
func (c candidate) beats(o candidate) bool {
	if order := c.match.Compare(o.match); order != pattern.Tie {
		return order == pattern.Better
	}
	return c.namesWorkspace() && !o.namesWorkspace()
}

// sameAnswer tells whether two equally good candidates lead to the same: one environment and one set of captures.
func (c candidate) sameAnswer(o candidate) bool {
	return c.env == o.env && (c.env == nil || maps.Equal(c.match.Captures, o.match.Captures))
}

// A choice is what a directory and a workspace lead to.
type choice struct {
	matched []candidate // everything that matches
	best    []candidate // none: no match; all with the same answer: decided; otherwise a tie
	byDir   []candidate // dirs match, but the workspace is none of the environment's
	on      *pattern.Matcher
}

func (c choice) none() bool { return len(c.best) == 0 }

func (c choice) tied() bool {
	for _, o := range c.best {
		if !o.sameAnswer(c.best[0]) {
			return true
		}
	}
	return false
}

// winner is the environment that the directory gets on its own, or nil.
func (c choice) winner() *environment {
	if c.none() || c.tied() {
		return nil
	}
	return c.best[0].env
}

// choose lays every rule on the directory.
func (m *Map) choose(dir, workspace string) choice {
	c := choice{on: pattern.NewMatcher(dir, workspace)}
	for _, e := range m.environments {
		here := e.takesWorkspace(c.on)
		for _, p := range e.patterns {
			match, ok := c.on.Dir(p)
			switch {
			case ok && here:
				c.matched = append(c.matched, candidate{e, nil, p, match, e.line})
			case ok:
				c.byDir = append(c.byDir, candidate{e, nil, p, match, e.line})
			}
		}
	}
	for i := range m.noRole {
		n := &m.noRole[i]
		if match, ok := c.on.Dir(n.pattern); ok {
			c.matched = append(c.matched, candidate{nil, n, n.pattern, match, n.line})
		}
	}
	c.best = best(c.matched)
	m.spend(c)
	return c
}

// maxRivals bounds the squares below: a map in which hundreds of patterns match at one depth is a tie, and that can be said
// at once.
const maxRivals = 100

// best are the candidates that no other one beats, out of the deepest.
//
// A workspace decides only where patterns do not, which makes the order less than transitive: two rules may be equals although
// a third stands between them, or beat each other in a circle. Both are ties, for nothing is guessed.
func best(all []candidate) []candidate {
	depth := 0
	for _, c := range all {
		depth = max(depth, c.match.Depth)
	}
	var rivals []candidate
	for _, c := range all {
		if c.match.Depth == depth {
			rivals = append(rivals, c)
		}
	}
	if len(rivals) > maxRivals {
		return rivals
	}
	return unbeaten(rivals, unbeaten(rivals, rivals))
}

// unbeaten are those that none of the others beats.
func unbeaten(list, others []candidate) []candidate {
	var left []candidate
	for _, c := range list {
		if !beatenByAny(c, others) {
			left = append(left, c)
		}
	}
	return left
}

func beatenByAny(c candidate, others []candidate) bool {
	for _, o := range others {
		if o.beats(c) {
			return true
		}
	}
	return false
}

// ofEnvironment is the best match of one environment's own patterns, its workspaces aside. Where two are equally good, only the
// captures on which they agree are kept.
func (e *environment) ofEnvironment(on *pattern.Matcher) (captures map[string]string) {
	var all []candidate
	for _, p := range e.patterns {
		if match, ok := on.Dir(p); ok {
			all = append(all, candidate{e, nil, p, match, e.line})
		}
	}
	captures = map[string]string{}
	for i, c := range best(all) {
		if i == 0 {
			maps.Copy(captures, c.match.Captures)
			continue
		}
		maps.DeleteFunc(captures, func(k, v string) bool {
			other, ok := c.match.Captures[k]
			return !ok || other != v
		})
	}
	return captures
}
