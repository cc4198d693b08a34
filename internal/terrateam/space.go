package terrateam

import (
	"cmp"
	"slices"
	"strings"

	"whichrole/internal/luapattern"
	"whichrole/internal/problem"
)

// A space is one directory in one workspace while it is being decided. What it finds out it keeps.
type space struct {
	c         *Config
	w         World
	dir       string
	workspace string
	entry     *directory // of dirs, nil for none
	static    map[string]bool
	kinds     [2]kind
	stacks    map[guess]stackFound
	work      int64 // see Here.Work; that of the globs is counted at once
}

// A kind is one of the two tags that depend on a branch.
type kind struct {
	prefix string
	tags   []branchTag
	ask    func() (string, error)
	asked  bool
	known  bool
	name   string // of the branch, where it is known
	key    string // which of tags it has, "" for none
	err    error  // why it could not be found out
}

const (
	headBranch = iota
	destBranch
)

// newSpace finds the entry of dirs. The error is a *problem.Error.
func (h *Here) newSpace(dir, workspace string) (*space, error) {
	s := &space{c: h.c, w: h.w, dir: dir, workspace: cmp.Or(workspace, defaultWorkspace)}
	entry, err := h.directory(dir)
	if err != nil {
		return nil, err
	}
	s.entry = entry
	s.kinds = [2]kind{
		headBranch: {prefix: "branch:", tags: h.c.branch, ask: h.w.Branch},
		destBranch: {prefix: "dest_branch:", tags: h.c.destBranch, ask: h.w.DestBranch},
	}
	return s, nil
}

// enter fills in the tags that depend on no branch and no stack. Not ok: the workspace does not exist there.
func (s *space) enter() (ok bool) {
	w, ok := s.entry.workspace(s.workspace)
	if !ok {
		return false
	}
	s.static = map[string]bool{"dir:" + s.dir: true, "workspace:" + s.workspace: true}
	if s.entry != nil {
		for _, t := range s.entry.tags {
			s.static[t] = true
		}
	}
	for _, t := range w.tags {
		s.static[t] = true
	}
	return true
}

// find asks for the branch, and finds the first tag whose pattern is in its name.
func (k *kind) find(file string) {
	k.asked = true
	if k.ask == nil {
		return
	}
	if k.name, k.err = k.ask(); k.err != nil || k.name == "" {
		return
	}
	steps := luapattern.Enough // for all of them
	for _, t := range k.tags {
		found, err := t.pattern.FindWithin(k.name, &steps)
		if err != nil {
			k.err = problem.New(problem.BadMap, "%s:%d: the pattern %s does not come to an end: %v", file, t.line, shorten(t.raw), err)
			return
		}
		if found {
			k.key = t.key
			break
		}
	}
	k.known = true
}

// has tells whether a tag of that key is written.
func (k *kind) has(key string) bool {
	_, ok := slices.BinarySearchFunc(k.tags, key, func(t branchTag, key string) int { return strings.Compare(t.key, key) })
	return ok
}
