package rolemap

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"whichrole/internal/pattern"
)

// A tied pair are two rules that are equally good in a directory and a workspace.
type tiedPair struct{ one, other candidateKey }

type tiedPlace struct{ dir, workspace string }

// ties finds rules that are equally good somewhere: each directory is decided as the map decides it. It gives the pairs that
// it told of.
func (v *reviewer) ties() map[tiedPair]tiedPlace {
	seen, told := map[string]bool{}, map[tiedPair]tiedPlace{}
	look := func(dir string) bool {
		if !seen[dir] {
			seen[dir] = true
			v.tiesAt(dir, told)
		}
		return !v.cut && len(told) <= MaxFindings
	}
	for _, p := range v.patterns {
		if v.rules[p].size < 2 {
			continue
		}
		for dir := range v.index.Examples(p) {
			if !look(dir) {
				return told
			}
		}
	}
	for dir := range v.index.Ties() {
		if !look(dir) {
			break
		}
	}
	return told
}

// tiesAt decides the directory in each workspace that makes a difference.
func (v *reviewer) tiesAt(dir string, told map[tiedPair]tiedPlace) {
	here := v.rulesAt(dir)
	globs := pattern.NewNames(slices.Collect(maps.Keys(here.globs)))
	for _, workspace := range v.workspaces(here, globs) {
		all := here.in(workspace, globs)
		if v.spent(len(all) + min(len(all), maxRivals)*min(len(all), maxRivals)) {
			return
		}
		c := choice{best: best(all)}
		if !c.tied() {
			continue
		}
		one, other := c.best[0], c.best[slices.IndexFunc(c.best, func(o candidate) bool { return !o.sameAnswer(c.best[0]) })]
		pair := tiedPair{one.key(), other.key()}
		if _, again := told[pair]; !again {
			told[pair] = tiedPlace{dir, workspace}
			v.tie(dir, workspace, one, other, c.best)
		}
	}
}

// rulesAt are those whose pattern describes dir itself, with how it matches: no other one is as deep.
func (v *reviewer) rulesAt(dir string) *ruleSet {
	all := &ruleSet{literal: map[string][]candidate{}, globs: map[*pattern.Name][]candidate{}}
	for _, hit := range v.index.At(dir) {
		with := func(c candidate) candidate { c.match = hit.Match; return c }
		r := v.rules[hit.Pattern]
		for _, c := range r.plain {
			all.plain = append(all.plain, with(c))
		}
		for name, list := range r.literal {
			for _, c := range list {
				all.literal[name] = append(all.literal[name], with(c))
			}
		}
		for name, list := range r.globs {
			for _, c := range list {
				all.globs[name] = append(all.globs[name], with(c))
			}
		}
		all.size += r.size
	}
	v.spent(all.size)
	return all
}

// in are the rules that take the workspace, in the file's order.
func (r *ruleSet) in(workspace string, globs *pattern.Names) []candidate {
	list := slices.Concat(r.plain, r.literal[workspace])
	seen := map[candidateKey]bool{}
	for _, c := range list {
		seen[c.key()] = true
	}
	for _, name := range globs.Matching(workspace) {
		for _, c := range r.globs[name] {
			if !seen[c.key()] { // it may name the workspace in two ways
				seen[c.key()] = true
				list = append(list, c)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b candidate) int { return cmp.Compare(a.line, b.line) })
	return list
}

// workspaces are default, those that are named, some that nobody names, and for patterns of them names that one or two match.
func (v *reviewer) workspaces(here *ruleSet, globs *pattern.Names) []string {
	list := []string{defaultWorkspace}
	if len(here.plain) < here.size {
		list = slices.Concat(list, sortedKeys(here.literal), v.fresh[:])
	}
	for name := range globs.Examples(v.fresh) {
		if v.spent(1) {
			break
		}
		list = append(list, name)
	}
	v.spent(globs.Work() / (pattern.EnoughOverlaps / enoughReview))
	return list
}

func (v *reviewer) tie(dir, workspace string, one, other candidate, all []candidate) {
	line, column := one.spot()
	if l, c := other.spot(); l > line || l == line && c > column { // what came later is what made the tie
		line, column = l, c
	}
	where := clipped(dir)
	if one.namesWorkspace() || other.namesWorkspace() {
		where += " in workspace " + clipped(workspace)
	}
	if one.env == other.env {
		v.find(Ties, line, column, "leave one of them out, or name the captures alike", "%s is matched equally by two patterns of %s with different captures: %s and %s",
			where, one.name(), clipped(one.pattern.String()), clipped(other.pattern.String()))
		return
	}
	v.find(Ties, line, column, v.untie(dir, all), "%s belongs equally to %s", where, sides(all))
}

// untie is what decides the tie: the directory itself, where it is one and not already what they have.
func (v *reviewer) untie(dir string, all []candidate) string {
	exact := func(c candidate) bool { return c.pattern.String() == dir }
	switch {
	case v.index.General(dir) || slices.ContainsFunc(all, func(c candidate) bool { return strings.Contains(c.pattern.String(), "**/") }):
		return "make one of the patterns more specific"
	case slices.ContainsFunc(all, exact):
		return "leave it to one of them, or tell them apart by workspaces"
	}
	return fmt.Sprintf("add %q to the dirs of the one that is meant", dir)
}

// sides names the first of those that tie, each rule once.
func sides(all []candidate) string {
	var names []string
	seen := map[any]bool{}
	for _, c := range all {
		if seen[c.rule()] {
			continue
		}
		seen[c.rule()] = true
		if len(names) < maxNamed {
			names = append(names, c.words())
		}
	}
	text := strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
	if more := len(seen) - len(names); more > 0 {
		text = fmt.Sprintf("%s and %d more", list(names), more)
	}
	return text
}
