package rolemap

import (
	"fmt"
	"slices"

	"whichrole/internal/pattern"
)

// A judge knows how the directory was decided, and tells each rule's part in it. What it looks up and what it found out once
// keep a map of thousands linear.
type judge struct {
	dir, workspace string // for messages, which must stay short however often they are repeated
	c              choice
	tied           bool
	best           map[any]bool // *environment or *noRole
	byEnv          map[*environment]candidate
	byDir          map[*environment]candidate // where only the workspace is another
	noRole         map[*noRole]candidate
	equals         []candidate // of a tie: one for each of the first rules
	second         *candidate  // the best of those that belong to another rule than the winner
}

func newJudge(t Target, c choice) *judge {
	j := &judge{dir: clipped(t.Dir), workspace: clipped(t.Workspace), c: c, tied: c.tied(), best: map[any]bool{},
		byEnv: map[*environment]candidate{}, byDir: map[*environment]candidate{}, noRole: map[*noRole]candidate{}}
	for _, b := range c.best {
		if rule := b.rule(); !j.best[rule] {
			j.best[rule] = true
			j.addEqual(b)
		}
	}
	for _, b := range c.byDir {
		j.byDir[b.env] = b
	}
	for i, b := range c.matched {
		if b.env == nil {
			j.noRole[b.noRole] = b
		} else if old, ok := j.byEnv[b.env]; !ok || b.beats(old) {
			j.byEnv[b.env] = b
		}
		if b.env != c.best[0].env && (j.second == nil || b.beats(*j.second)) {
			j.second = &c.matched[i]
		}
	}
	return j
}

// addEqual keeps one more than are named, for no rule is told to be its own rival.
func (j *judge) addEqual(b candidate) {
	known := slices.ContainsFunc(j.equals, func(o candidate) bool { return o.env == b.env })
	if len(j.equals) <= maxNamed && !known {
		j.equals = append(j.equals, b)
	}
}

// reasons tells of each rule how it fared, in the file's order, no_role last.
func (m *Map) reasons(t Target, c choice, d decision) []Reason {
	list := make([]Reason, 0, len(m.environments)+len(m.noRole))
	j := newJudge(t, c)
	for _, e := range m.environments {
		r := Reason{Verdict: NoMatch, Environment: e.name, Line: e.line}
		if b, ok := j.byEnv[e]; ok {
			r.Pattern = b.pattern.String()
			r.Verdict, r.Text = j.verdict(b)
		} else {
			r.Pattern, r.Text = j.whyNot(e)
		}
		list = append(list, d.override(r, e))
	}
	for i := range m.noRole {
		n := &m.noRole[i]
		r := Reason{Verdict: NoMatch, Environment: "no_role", Pattern: n.text, Line: n.line, Text: "does not match " + j.dir}
		if b, ok := j.noRole[n]; ok {
			r.Verdict, r.Text = j.verdict(b)
		}
		list = append(list, d.override(r, nil))
	}
	return list
}

// override rewrites the verdict where the directory did not decide.
func (d decision) override(r Reason, e *environment) Reason {
	switch {
	case d.how == "":
	case e == d.env && d.imported == nil:
		r.Verdict, r.Text = Won, d.how
	case r.Verdict == Won || r.Verdict == Tied:
		r.Verdict, r.Text = Lost, d.name()+" was "+d.how+" (else: "+r.Text+")"
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
		return b.pattern.String(), "matches " + j.dir + ", but workspace " + j.workspace + " is not one of " + some(e.Workspaces)
	case len(e.Dirs) == 1:
		return "", e.Dirs[0] + " does not match " + j.dir
	}
	return "", "none of " + some(e.Dirs) + " matches " + j.dir
}

func (j *judge) verdict(b candidate) (Verdict, string) {
	isBest := j.best[b.rule()]
	switch {
	case isBest && j.tied:
		return Tied, "as good as " + j.rivals(b) + ": " + segments(b) + ", equally specific"
	case isBest && j.second == nil:
		return Won, "the only one that matches"
	case isBest:
		return Won, j.compared(b, *j.second, " than "+j.second.name())
	}
	winner := j.c.best[0]
	return Lost, winner.name() + " is " + j.compared(winner, b, "")
}

// rivals are the other rules of a tie, the first few of them; where there are none, a rule ties with itself.
func (j *judge) rivals(b candidate) string {
	var names []string
	for _, o := range j.equals {
		if o.env != b.env && len(names) < maxNamed {
			names = append(names, o.name())
		}
	}
	if len(names) == 0 {
		return "another pattern of its own, with other captures"
	}
	return list(names)
}

// compared says in words why a is better than b.
func (j *judge) compared(a, b candidate, than string) string {
	switch {
	case a.match.Depth != b.match.Depth:
		return fmt.Sprintf("deeper%s: %s against %d", than, segments(a), b.match.Depth)
	case a.match.Compare(b.match) == pattern.Better:
		return fmt.Sprintf("more specific%s: %s against %s", than, clipped(a.pattern.String()), clipped(b.pattern.String()))
	case a.namesWorkspace() && !b.namesWorkspace():
		return fmt.Sprintf("more specific%s: workspace %s is named", than, j.workspace)
	}
	return "equally good"
}

func segments(c candidate) string {
	if c.match.Depth == 1 {
		return "1 segment"
	}
	return fmt.Sprintf("%d segments", c.match.Depth)
}
