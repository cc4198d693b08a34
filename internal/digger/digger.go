// Package digger reads which roles digger gives to the directories of a repository.
//
// Facts are from digger's source, as of 2026; where its documentation says otherwise, the line is told and nothing is read.
package digger

import (
	"cmp"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"whichrole/internal/found"
	"whichrole/internal/looseyaml"
)

const (
	maxBlocks = 1000
	maxPlaces = 100_000
)

// reading is one reading of a repository.
type reading struct {
	repo   found.Repository
	file   string
	misses found.Misses
	globs  found.Globs
	places map[spot]*given
	named  map[string]bool // directories that have projects in other workspaces than the default one
	bare   map[string]bool // the workflows of projects that name no role
	files  map[string]bool // the files of these projects' GitHub workflows
	said   found.Said
}

// spot is what a project is about.
type spot struct{ dir, workspace string }

// given is what a spot was given.
type given struct {
	name     string
	roles    roles
	line     int // of the project or block
	disputed bool
}

// Read is what digger.yml or digger.yaml says.
func Read(r found.Repository) found.Said {
	b := &reading{repo: r, places: map[spot]*given{}, named: map[string]bool{}, bare: map[string]bool{}, files: map[string]bool{}}
	var data []byte
	for _, name := range []string{"digger.yml", "digger.yaml"} {
		text, err := r.Read(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case b.file != "":
			b.misses.Add(found.Origin{File: name}, "digger takes either %s or %s", b.file, name)
			return found.Said{Existing: true, Unread: b.misses.Sorted()}
		case err != nil:
			b.misses.Failed(name, err)
		}
		b.file, data = name, text
	}
	if b.file == "" {
		return found.Said{}
	}
	b.said.Existing = true
	if top, err := looseyaml.Parse(b.file, data); err != nil {
		b.misses.Failed(b.file, err)
	} else {
		b.top(top)
	}
	b.said.Unread = b.misses.Sorted()
	return b.said
}

func (b *reading) top(top looseyaml.Node) {
	projects := top.Get("projects")
	if projects.Exists() && !projects.IsNull() && !projects.IsList() {
		b.miss(projects, "projects is no list")
	}
	for _, n := range projects.Items() {
		b.project(n)
	}
	b.generate(top)
	b.workflows(top.Get("workflows"))
	b.finish()
}

func (b *reading) miss(n looseyaml.Node, format string, args ...any) {
	b.misses.Add(found.Origin{File: b.file, Line: n.Line()}, format, args...)
}

// project is an entry of projects.
func (b *reading) project(n looseyaml.Node) {
	if pulumi, _ := n.Get("pulumi").Bool(); pulumi {
		return
	}
	node := n.Get("dir")
	text, ok := node.Word()
	dir := path.Clean(strings.TrimLeft(text, "/")) // it is joined to the repository's
	switch {
	case !ok || text == "":
		b.miss(n, "a project without a dir that can be read")
		return
	case dir == ".." || strings.HasPrefix(dir, "../"):
		b.miss(node, "dir leads out of the repository")
		return
	}
	r := b.roles(n)
	workspace, ok := b.workspace(n)
	if !ok {
		r = roles{unknown: true}
	}
	if branch := n.Get("branch"); branch.Exists() && !branch.IsNull() {
		r.note("digger takes it for pull requests into one branch only")
	}
	name, _ := n.Get("name").Word()
	b.give(n, spot{dir, workspace}, name, r)
}

// workspace is that of a project or block; not ok where it cannot be read.
func (b *reading) workspace(n looseyaml.Node) (string, bool) {
	node := n.Get("workspace")
	text, ok := node.Word()
	switch {
	case !node.Exists() || node.IsNull() || ok && text == "":
		return "default", true
	case !ok:
		b.miss(node, "workspace is no name")
	}
	return text, ok
}

// give notes that a spot has roles, or that its project has none. n is the project or block.
func (b *reading) give(n looseyaml.Node, s spot, name string, r roles) {
	if s.workspace != "default" { // with a role or without
		b.named[s.dir] = true
	}
	if !r.any() {
		if !r.unknown {
			b.withoutRole(n)
		}
		return
	}
	switch other := b.places[s]; {
	case other == nil && len(b.places) >= maxPlaces:
		b.miss(n, "more than %d projects: the others are not read", maxPlaces)
	case other == nil:
		b.places[s] = &given{name: name, roles: r, line: n.Line()}
	case !other.roles.same(r):
		other.disputed = true
		b.miss(n, "the directory and workspace of the project in line %d, with other roles: neither is read", other.line)
	}
}

// finish makes places of what was given. A directory that has projects in the default workspace alone is not told apart by it.
func (b *reading) finish() {
	for s, g := range b.places {
		if g.disputed {
			continue
		}
		p := found.Place{Dir: s.dir, Workspace: s.workspace, Name: g.name, Plan: g.roles.command, Apply: g.roles.command, State: g.roles.state}
		if !b.named[s.dir] {
			p.Workspace = ""
		}
		b.said.Places = append(b.said.Places, p)
		b.said.OIDC = b.said.OIDC || !g.roles.cognito
	}
	slices.SortFunc(b.said.Places, func(a, b found.Place) int {
		return cmp.Or(strings.Compare(a.Dir, b.Dir), strings.Compare(a.Workspace, b.Workspace))
	})
}
