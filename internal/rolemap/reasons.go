package rolemap

import (
	"fmt"
	"slices"

	"whichrole/internal/pattern"
)

// A judge knows how the directory was decided, and tells each rule's part in it. Its maps keep a map of thousands linear.
type judge struct {
	t      Target
	c      choice
	tied   bool
	best   map[*environment]bool
	byEnv  map[*environment]candidate // the best match of each environment
	byDir  map[*environment]candidate // where only the workspace is another
	noRole map[*pattern.Pattern]candidate
}

func newJudge(t Target, c choice) *judge {
	j := &judge{t: t, c: c, tied: c.tied(), best: map[*environment]bool{}, byEnv: map[*environment]candidate{},
		byDir: map[*environment]candidate{}, noRole: map[*pattern.Pattern]candidate{}}
	for _, b := range c.best {
		j.best[b.env] = true
	}
	for _, b := range c.byDir {
		j.byDir[b.env] = b
	}
	for _, b := range c.matched {
		if b.env == nil {
			j.noRole[b.pattern] = b
		} else if old, ok := j.byEnv[b.env]; !ok || b.beats(old) {
			j.byEnv[b.env] = b
		}
	}
	return j
}

// reasons tells of each rule how it fared, in the file's order, no_role last.
func (m *Map) reasons(t Target, c choice, d decision) []Reason {
	list := make([]Reason, 0, len(m.environments)+len(m.noRole))
	j := newJudge(t, c)
	for _, e := range m.environments {
		r := Reason{Verdict: NoMatch, Environment: e.name, Line: e.line}
		if b, ok := j.byEnv[e]; ok {
			r.Pattern = b.pattern.String()
			r.Verdict, r.Text = j.verdict(b, j.best[e])
		} else {
			r.Pattern, r.Text = j.whyNot(e)
		}
		list = append(list, d.override(r, e))
	}
	for _, n := range m.noRole {
		r := Reason{Verdict: NoMatch, Environment: "no_role", Pattern: n.text, Line: n.line, Text: "does not match " + t.Dir}
		if b, ok := j.noRole[n.pattern]; ok {
			isBest := slices.ContainsFunc(c.best, func(o candidate) bool { return o.pattern == n.pattern })
			r.Verdict, r.Text = j.verdict(b, isBest)
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

// whyNot gives the pattern that matches, where only the workspace is another, and the reason in words.
func (j *judge) whyNot(e *environment) (written, text string) {
	b, matches := j.byDir[e]
	switch {
	case len(e.patterns) == 0:
		return "", "has neither dirs nor workspaces: only --env chooses it"
	case matches:
		return b.pattern.String(), "matches " + j.t.Dir + ", but workspace " + j.t.Workspace + " is not one of " + some(e.Workspaces)
	case len(e.Dirs) == 1:
		return "", e.Dirs[0] + " does not match " + j.t.Dir
	}
	return "", "none of " + some(e.Dirs) + " matches " + j.t.Dir
}

func (j *judge) verdict(b candidate, isBest bool) (Verdict, string) {
	switch {
	case isBest && j.tied:
		return Tied, "as good as " + j.rivals(b) + ": " + segments(b) + ", equally specific"
	case isBest:
		return Won, j.wonBecause(b)
	}
	winner := j.c.best[0]
	return Lost, winner.name() + " is " + j.compared(winner, b, "")
}

// rivals are the other rules of a tie, the first few of them; where there are none, a rule ties with itself.
func (j *judge) rivals(b candidate) string {
	var names []string
	for _, o := range j.c.best {
		if name := o.name(); o.env != b.env && !contains(names, name) {
			names = append(names, name)
		}
		if len(names) == maxNamed {
			break
		}
	}
	if len(names) == 0 {
		return "another pattern of its own, with other captures"
	}
	return list(names)
}

func (j *judge) wonBecause(b candidate) string {
	var second *candidate
	for i, o := range j.c.matched {
		if o.env != b.env && (second == nil || o.beats(*second)) {
			second = &j.c.matched[i]
		}
	}
	if second == nil {
		return "the only one that matches"
	}
	return j.compared(b, *second, " than "+second.name())
}

// compared says in words why a is better than b.
func (j *judge) compared(a, b candidate, than string) string {
	switch {
	case a.match.Depth != b.match.Depth:
		return fmt.Sprintf("deeper%s: %s against %d", than, segments(a), b.match.Depth)
	case a.match.Compare(b.match) == pattern.Better:
		return fmt.Sprintf("more specific%s: %s against %s", than, a.pattern, b.pattern)
	case a.namesWorkspace() && !b.namesWorkspace():
		return fmt.Sprintf("more specific%s: workspace %s is named", than, j.t.Workspace)
	}
	return "equally good"
}

func segments(c candidate) string {
	if c.match.Depth == 1 {
		return "1 segment"
	}
	return fmt.Sprintf("%d segments", c.match.Depth)
}
