package scaffold

import (
	"iter"
	"slices"
	"strings"

	"whichrole/internal/found"
	"whichrole/internal/modules"
	"whichrole/internal/rolemap"
)

// material is what a role map is made of.
type material struct {
	places   []found.Place
	loose    []found.Place // they belong to no directory, and are chosen by name
	modules  []modules.Module
	code     []string          // directories of shared code
	closed   []string          // directories that get nothing unless a place says so
	profiles map[string]string // role ARN → the profile of the user's AWS files that it is assumed from
}

// environment is one environment of a role map to be.
type environment struct {
	name       string
	dirs       []string // patterns, sorted
	workspaces []string
	answer     *answer
	profile    string // that the role is assumed from, "" where it is not known
	spots      []spot // that it was made of

	segments  [][]string  // of dirs
	sources   string      // as YAML, "" where the whole map's are meant
	inherited [][2]string // settings that stand in defaults
}

// compiled is the content of a role map.
type compiled struct {
	environments []*environment
	noRole       []excluded
	blanks       []blank
	unmapped     []string // root modules that need a role and get none, sorted
	closed       []string // of material
	*sieve
}

func compile(m material) *compiled {
	c := &compiled{sieve: sift(m.places), closed: m.closed}
	f := plant(c.sieve, m)
	rules := f.cover()
	g := newGrouping(f)
	g.write(rules)
	g.attach(c.spots)
	c.environments = g.environments
	loose := sift(m.loose)
	c.unread = append(c.unread, loose.unread...)
	for _, s := range loose.spots {
		c.environments = append(c.environments, &environment{answer: s.answer, spots: []spot{s}})
	}
	for _, e := range c.environments {
		if p := m.profiles[e.answer.apply]; isProfile(p) {
			e.profile = p
		}
	}
	taken := nameAll(c.environments)
	c.environments = inParts(c.environments, taken)
	slices.SortFunc(c.environments, func(a, b *environment) int { return strings.Compare(a.name, b.name) })
	c.exclude(f, rules)
	c.leaveOpen(f, taken)
	return c
}

// grouping makes one environment of each answer, and of the workspaces that have it.
type grouping struct {
	forest       *forest
	byKey        map[string]*environment
	environments []*environment
}

func newGrouping(f *forest) *grouping { return &grouping{forest: f, byKey: map[string]*environment{}} }

func (g *grouping) of(x group) *environment {
	key := strings.Join(append([]string{x.answer.key()}, x.workspaces...), "\x00")
	e := g.byKey[key]
	if e == nil {
		e = &environment{answer: x.answer, workspaces: x.workspaces}
		g.byKey[key] = e
		g.environments = append(g.environments, e)
	}
	return e
}

// write gives each environment its directories.
func (g *grouping) write(rules []rule) {
	var wants []*want
	dirs := map[*want][][]string{}
	for _, r := range rules {
		if r.want.none() {
			continue
		}
		if dirs[r.want] == nil {
			wants = append(wants, r.want)
		}
		dirs[r.want] = append(dirs[r.want], r.node.segments())
	}
	fold := &folder{root: g.forest.root}
	for _, w := range wants {
		folded := fold.fold(dirs[w], w)
		for _, x := range w.groups() {
			e := g.of(x)
			e.segments = append(e.segments, folded...)
		}
	}
	for _, e := range g.environments {
		slices.SortFunc(e.segments, slices.Compare)
		for _, s := range e.segments {
			text, _ := patternOf(s)
			e.dirs = append(e.dirs, text)
		}
	}
}

// attach tells each environment what it was made of.
func (g *grouping) attach(spots []spot) {
	for _, s := range spots {
		for _, x := range g.forest.root.at(split(s.Dir)).want.groups() {
			if x.answer == s.answer {
				e := g.of(x)
				e.spots = append(e.spots, s)
			}
		}
	}
}

// inParts makes several environments of one that has too many directories or workspaces.
func inParts(environments []*environment, taken map[string]int) (list []*environment) {
	for _, e := range environments {
		first := true
		for dirs := range chunks(e.dirs) {
			for workspaces := range chunks(e.workspaces) {
				part := *e
				part.dirs, part.workspaces = dirs, workspaces
				if !first {
					part.name = free(e.name, taken)
				}
				first = false
				list = append(list, &part)
			}
		}
	}
	return list
}

// chunks are as many of the texts at once as a role map takes, and none where there are none.
func chunks(texts []string) iter.Seq[[]string] {
	if len(texts) == 0 {
		return func(yield func([]string) bool) { yield(nil) }
	}
	return slices.Chunk(texts, rolemap.MaxDirs)
}
