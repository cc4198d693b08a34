package terrateam

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"whichrole/internal/rolemap"
)

// Review finds workflows that no directory can get, and what does not mean what it looks like. Two workflows of one environment are
// no finding: in Terrateam that is GitHub's.
func (h *Here) Review() []rolemap.Finding {
	return append(h.c.neverMatch(), h.c.misleading()...)
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
		list = append(list, c.finding(w.line, w.column, rolemap.NeverWins, fmt.Sprintf("no directory gets this workflow: "+text, before.line),
			"delete it, or move it up"))
	}
	return list
}

// misleading are the queries and patterns that mean something else than most readers would take them for.
func (c *Config) misleading() (list []rolemap.Finding) {
	starred := c.starred()
	for _, w := range c.workflows {
		if w.query.Ambiguous() {
			list = append(list, c.finding(w.line, w.column, rolemap.Misleading, "versions of Terrateam read this tag_query in different ways: here it is "+shorten(w.query.String()),
				"write parentheses"))
		}
		for _, tag := range w.query.Tags() {
			text, hint := "", ""
			switch {
			case strings.ContainsAny(tag, "\r\n"):
				text, hint = "a tag of this tag_query ends with the line: no directory has such a tag", "write the query in quotes, not after | or >"
			case strings.Contains(tag, "*") && !starred[tag]:
				text, hint = "a tag is matched whole: no directory has the tag "+shorten(tag), "write NAME in dir, or give the directories a tag by a glob in dirs"
			default:
				continue
			}
			list = append(list, c.finding(w.line, w.column, rolemap.Misleading, text, hint))
			break
		}
	}
	for _, t := range append(slices.Clip(c.branch), c.destBranch...) {
		if strings.ContainsAny(t.raw, `|\`) {
			list = append(list, c.finding(t.line, t.column, rolemap.Misleading, shorten(t.raw)+" is a Lua pattern, in which | and \\ are characters like any other",
				"write a key for each branch; % escapes"))
		}
	}
	return list
}

// starred are the tags of directories and workspaces that have a * in them, and mean it.
func (c *Config) starred() map[string]bool {
	set := map[string]bool{}
	add := func(tags []string) {
		for _, t := range tags {
			if strings.Contains(t, "*") {
				set[t] = true
			}
		}
	}
	for _, d := range append(slices.Collect(maps.Values(c.exact)), c.globs...) {
		add(d.tags)
		for _, w := range d.workspaces {
			add(w.tags)
		}
	}
	return set
}

func (c *Config) finding(line, column int, code, text, hint string) rolemap.Finding {
	return rolemap.Finding{Code: code, File: c.name, Line: line, Column: column, Text: text, Hint: hint}
}
