package terrateam

import (
	"fmt"
	"maps"

	"whichrole/internal/rolemap"
)

// Review finds workflows that no directory can get, and environments of one name that have different roles.
func (h *Here) Review() []rolemap.Finding {
	return append(h.c.neverMatch(), h.c.sameName()...)
}

// neverMatch knows of two ways: the same query before, and one before that matches everything.
func (c *Config) neverMatch() (list []rolemap.Finding) {
	seen := map[string]*workflow{}
	for _, w := range c.workflows {
		canonical := w.query.String()
		before, text := seen[""], "line %d matches everything before it"
		if before == nil {
			before, text = seen[canonical], "line %d asks for the same before it"
		}
		if before == nil {
			seen[canonical] = w
			continue
		}
		list = append(list, c.finding(w, rolemap.NeverWins, fmt.Sprintf("no directory gets this workflow: "+text, before.line),
			"delete it, or move it up"))
	}
	return list
}

func (c *Config) sameName() (list []rolemap.Finding) {
	first := map[string]*workflow{}
	for _, w := range c.workflows {
		if !w.namesRole() {
			continue
		}
		before := first[w.name]
		switch {
		case w.name == hooksName && c.hooksNameRole():
			list = append(list, c.finding(w, rolemap.Ties, "this environment is called hooks, as that of the roles in hooks is", "give it another environment"))
		case before == nil:
			first[w.name] = w
		case !maps.Equal(c.entry(before).Roles, c.entry(w).Roles):
			list = append(list, c.finding(w, rolemap.Ties, fmt.Sprintf("environment %s is that of line %d too, with other roles: --env cannot tell them apart", w.name, before.line),
				"give them different environments, or leave --env out"))
		}
	}
	return list
}

func (c *Config) finding(w *workflow, code, text, hint string) rolemap.Finding {
	return rolemap.Finding{Code: code, File: c.name, Line: w.line, Column: w.column, Text: text, Hint: hint}
}
