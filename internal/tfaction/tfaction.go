// Package tfaction reads which roles tfaction gives to the directories of a repository.
//
// Facts are from the sources of tfaction 0.x to 2.x, as of 2026. What its versions read differently is read only where it comes
// to the same.
package tfaction

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"whichrole/internal/found"
	"whichrole/internal/looseyaml"
)

const (
	rootFile = "tfaction-root.yaml"
	ownFile  = "tfaction.yaml" // of a working directory, if the root file names no other

	maxGroups = 1000
	maxBytes  = 16 << 20 // of all working directories' files
)

// reading is one reading of a repository.
type reading struct {
	repo    found.Repository
	misses  found.Misses
	globs   found.Globs
	groups  []*group
	globbed bool   // the groups' directories are globs, as of tfaction 2.0
	ownFile string // "" where it cannot be known
	left    int    // bytes of all working directories' files
}

// Read is what tfaction-root.yaml and the working directories' own files say.
func Read(r found.Repository) found.Said { return read(r, maxBytes) }

func read(r found.Repository, bytes int) found.Said {
	data, err := r.Read(rootFile)
	if errors.Is(err, fs.ErrNotExist) {
		return found.Said{}
	}
	said := found.Said{Existing: true}
	b := &reading{repo: r, left: bytes}
	var root looseyaml.Node
	if err == nil {
		root, err = looseyaml.Parse(rootFile, data)
	}
	if err != nil {
		b.misses.Failed(rootFile, err)
	} else {
		b.root(root)
		said.Places = b.places()
		said.OIDC = len(said.Places) > 0
	}
	said.Unread = b.misses.Sorted()
	return said
}

// root reads the root file.
func (b *reading) root(root looseyaml.Node) {
	b.ownFile = ownFile
	if n := root.Get("working_directory_file"); n.Exists() && !n.IsNull() {
		b.ownFile, _ = n.Text()
		if b.ownFile == "" || path.Base(b.ownFile) != b.ownFile || !fs.ValidPath(b.ownFile) {
			b.ownFile = ""
			b.misses.Add(at(n), "working_directory_file is not the name of a file: what is in these files is not read")
		}
	}
	if n := root.Get(keyRole); n.Exists() && !n.IsNull() {
		b.misses.Add(at(n), "%s outside of target_groups counts in tfaction's documentation, but not in its source", keyRole)
	}
	b.variables(rootFile, root)
	groups := root.Get("target_groups")
	if groups.Exists() && !groups.IsNull() && !groups.IsList() {
		b.misses.Add(at(groups), "target_groups is no list")
	}
	for i, n := range groups.Items() {
		if i == maxGroups {
			b.misses.Add(at(n), "more than %d target groups: the others are not read", maxGroups)
			break
		}
		g := b.group(n)
		b.groups = append(b.groups, g)
		b.globbed = b.globbed || g.special
	}
	if b.globbed {
		for _, g := range b.groups {
			b.compile(g)
		}
	}
}

func at(n looseyaml.Node) found.Origin { return found.Origin{File: rootFile, Line: n.Line()} }

// places are those of all directories that get a role.
func (b *reading) places() (list []found.Place) {
	looked := map[string]*found.Place{} // nil for a directory that gets no role
	look := func(dir string, own, named bool) {
		if _, done := looked[dir]; !done {
			looked[dir] = b.place(dir, own, named)
		}
	}
	names := map[string]bool{}
	for _, g := range b.groups {
		names[g.dir] = g.dir != ""
	}
	for _, m := range b.repo.Modules {
		look(m.Dir, false, false)
	}
	for _, dir := range b.repo.Code {
		look(dir, !names[dir], false)
	}
	var more []string // what nothing but a group names
	for _, g := range b.groups {
		if _, done := looked[g.dir]; !done && g.dir != "" {
			look(g.dir, false, true)
			more = append(more, g.dir)
		}
	}
	for _, dir := range wider(more, looked) {
		delete(looked, dir)
	}
	for _, p := range looked {
		if p != nil {
			list = append(list, *p)
		}
	}
	slices.SortFunc(list, func(a, b found.Place) int { return strings.Compare(a.Dir, b.Dir) })
	return list
}

// wider are those of dirs that would give their role, in a role map, to another of them that gets none.
func wider(dirs []string, looked map[string]*found.Place) (list []string) {
	for _, dir := range dirs {
		if slices.ContainsFunc(dirs, func(other string) bool { return looked[other] == nil && below(dir, other) }) {
			list = append(list, dir)
		}
	}
	return list
}

// place is nil for a directory that gets no role. own tells that it is a working directory only with a file of its own, named
// that nothing but a group names it.
func (b *reading) place(dir string, own, named bool) *found.Place {
	g := b.choose(dir, named)
	if g == nil {
		return nil
	}
	wd, ok := b.workingDirectory(dir, own)
	if !ok {
		return nil
	}
	p := &found.Place{Dir: dir, Name: g.name, Plan: b.role(plan, wd, g.says), Apply: b.role(apply, wd, g.says)}
	if p.Plan == nil && p.Apply == nil {
		return nil
	}
	return p
}

// workingDirectory is what a directory's own file says; not ok where it is no working directory, or cannot be known.
func (b *reading) workingDirectory(dir string, own bool) (wd *config, ok bool) {
	if b.ownFile == "" {
		return nil, false
	}
	name := path.Join(dir, b.ownFile)
	data, err := b.repo.Read(name)
	if errors.Is(err, fs.ErrNotExist) {
		return &config{}, !own
	}
	if b.left -= len(data); b.left < 0 {
		b.misses.Add(found.Origin{File: rootFile}, "there are more than %d MiB of working directories' own files: not all are read", maxBytes>>20)
		return nil, false
	}
	var n looseyaml.Node
	if err == nil {
		n, err = looseyaml.Parse(name, data)
	}
	if err != nil {
		b.misses.Failed(name, err)
		return nil, false
	}
	kind, _ := n.Get("type").Text()
	return b.config(name, n), kind != "module" // as of 2.0, shared code is under its care too
}
