package terrateam

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"whichrole/internal/problem"
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

// misleading are what means something else than most readers would take it for.
func (c *Config) misleading() (list []rolemap.Finding) {
	known := c.knownTags()
	for _, w := range c.workflows {
		if len(list) > rolemap.MaxFindings { // no more are told
			break
		}
		if w.query.Ambiguous() {
			list = append(list, c.finding(w.line, w.column, rolemap.Misleading, "versions of Terrateam read this tag_query in different ways: here it is "+shorten(w.query.String()),
				"write parentheses"))
		}
		for _, tag := range w.query.Tags() {
			if text, hint := known.doubt(tag); text != "" {
				list = append(list, c.finding(w.line, w.column, rolemap.Misleading, text, hint))
				break
			}
		}
	}
	for _, t := range append(slices.Clip(c.branch), c.destBranch...) {
		if strings.ContainsAny(t.raw, `|\`) {
			list = append(list, c.finding(t.line, t.column, rolemap.Misleading, shorten(t.raw)+" is a Lua pattern, in which | and \\ are characters like any other",
				"write a key for each branch; % escapes"))
		}
	}
	for _, d := range c.exact {
		if strings.HasSuffix(d.key, "/") {
			list = append(list, c.finding(d.line, 1, rolemap.Misleading, shorten(d.key)+" ends with a slash, and is no directory's name", "write it without the slash"))
		}
	}
	return list
}

// tagSet are the tags that something can have, apart from dir:, which the repository alone knows.
type tagSet map[string]bool

func (c *Config) knownTags() tagSet {
	set := tagSet{stackTag + defaultStack: true, "workspace:" + defaultWorkspace: true}
	for _, d := range append(slices.Collect(maps.Values(c.exact)), c.globs...) {
		for _, t := range d.tags {
			set[t] = true
		}
		for _, w := range d.workspaces {
			set["workspace:"+w.name] = true
			for _, t := range w.tags {
				set[t] = true
			}
		}
	}
	for _, t := range c.branch {
		set["branch:"+t.key] = true
	}
	for _, t := range c.destBranch {
		set["dest_branch:"+t.key] = true
	}
	for name := range c.stacks.byName {
		set[stackTag+name] = true
	}
	return set
}

// doubt tells why nothing can have the tag, and what may be meant; "" where something can.
func (known tagSet) doubt(tag string) (text, hint string) {
	isDir := strings.HasPrefix(tag, "dir:")
	switch {
	case known[tag] || isDir && !strings.ContainsAny(tag, "*\r\n"):
		return "", ""
	case strings.ContainsAny(tag, "\r\n"):
		return "a tag of this tag_query ends with the line: no directory has such a tag", "write the query in quotes, not after | or >"
	case strings.Contains(tag, "*"):
		return "a tag is matched whole: no directory has the tag " + shorten(tag), "write NAME in dir, or give the directories a tag by a glob in dirs"
	}
	text = "no directory, workspace or branch has the tag " + shorten(tag)
	if near := problem.Nearest(tag, slices.Sorted(maps.Keys(known))); near != "" {
		return text, "did you mean " + shorten(near) + "?"
	}
	return text, "give it to the directories that are meant, in dirs"
}

func (c *Config) finding(line, column int, code, text, hint string) rolemap.Finding {
	return rolemap.Finding{Code: code, File: c.name, Line: line, Column: column, Text: text, Hint: hint}
}
