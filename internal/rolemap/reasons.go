package rolemap

import (
	"fmt"
	"slices"

	"whichrole/internal/pattern"
)

// reasons tells of each rule how it fared, in the file's order, no_role last.
func (m *Map) reasons(t Target, c choice, d decision) []Reason {
	list := make([]Reason, 0, len(m.environments)+len(m.noRole))
	byEnv := map[*environment]candidate{}
	for _, b := range c.matched {
		if old, ok := byEnv[b.env]; b.env != nil && (!ok || b.beats(old)) {
			byEnv[b.env] = b
		}
	}
	for _, e := range m.environments {
		r := Reason{Environment: e.name, Line: e.line}
		if b, ok := byEnv[e]; ok {
			r.Pattern = b.pattern.String()
			r.Verdict, r.Text = m.verdict(t, c, b)
		} else {
			r.Verdict, r.Pattern, r.Text = NoMatch, c.dirPattern(e), e.whyNot(t, c)
		}
		list = append(list, d.override(r, e))
	}
	for _, n := range m.noRole {
		r := Reason{Verdict: NoMatch, Environment: "no_role", Pattern: n.text, Line: n.line, Text: "does not match " + t.Dir}
		if i := slices.IndexFunc(c.matched, func(b candidate) bool { return b.pattern == n.pattern }); i >= 0 {
			r.Verdict, r.Text = m.verdict(t, c, c.matched[i])
		}
		list = append(list, d.override(r, nil))
	}
	return list
}

// override rewrites the verdict where the directory did not decide.
func (d decision) override(r Reason, e *environment) Reason {
	switch {
	case d.how == "":
	case e == d.env:
		r.Verdict, r.Text = Won, d.how
	case r.Verdict == Won || r.Verdict == Tied:
		r.Verdict, r.Text = Lost, d.env.name+" was "+d.how+" (else: "+r.Text+")"
	}
	return r
}

// dirPattern is the pattern of e that matches where only the workspace is another, or "".
func (c choice) dirPattern(e *environment) string {
	for _, b := range c.byDir {
		if b.env == e {
			return b.pattern.String()
		}
	}
	return ""
}

func (e *environment) whyNot(t Target, c choice) string {
	switch {
	case len(e.patterns) == 0:
		return "has neither dirs nor workspaces: only --env chooses it"
	case c.dirPattern(e) != "":
		return "matches " + t.Dir + ", but workspace " + t.Workspace + " is not one of " + some(e.Workspaces)
	case len(e.Dirs) == 1:
		return e.Dirs[0] + " does not match " + t.Dir
	}
	return "none of " + some(e.Dirs) + " matches " + t.Dir
}

func (m *Map) verdict(t Target, c choice, b candidate) (Verdict, string) {
	isBest := slices.ContainsFunc(c.best, func(o candidate) bool { return o.env == b.env && (b.env != nil || o.pattern == b.pattern) })
	switch {
	case isBest && c.tied():
		return Tied, "as good as " + rivals(c, b) + ": " + segments(b) + ", equally specific"
	case isBest:
		return Won, wonBecause(t, c, b)
	}
	return Lost, lostBecause(t, c.best[0], b)
}

// rivals are the other rules of a tie; where there are none, a rule ties with itself.
func rivals(c choice, b candidate) string {
	var names []string
	for _, o := range c.best {
		if name := o.name(); o.env != b.env && !contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "another pattern of its own, with other captures"
	}
	return some(names)
}

func wonBecause(t Target, c choice, b candidate) string {
	var second *candidate
	for i, o := range c.matched {
		if o.env != b.env && (second == nil || o.beats(*second)) {
			second = &c.matched[i]
		}
	}
	if second == nil {
		return "the only one that matches"
	}
	return compared(t, b, *second, " than "+second.name())
}

func lostBecause(t Target, winner, b candidate) string {
	return winner.name() + " is " + compared(t, winner, b, "")
}

// compared says in words why a is better than b.
func compared(t Target, a, b candidate, than string) string {
	switch {
	case a.match.Depth != b.match.Depth:
		return fmt.Sprintf("deeper%s: %s against %d", than, segments(a), b.match.Depth)
	case a.match.Compare(b.match) == pattern.Better:
		return fmt.Sprintf("more specific%s: %s against %s", than, a.pattern, b.pattern)
	case a.namesWorkspace() && !b.namesWorkspace():
		return fmt.Sprintf("more specific%s: workspace %s is named", than, t.Workspace)
	}
	return "equally good"
}

func segments(c candidate) string {
	if c.match.Depth == 1 {
		return "1 segment"
	}
	return fmt.Sprintf("%d segments", c.match.Depth)
}
