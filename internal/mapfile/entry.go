package mapfile

import (
	"path/filepath"

	"whichrole/internal/gitrepo"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// Entry is what the user's file says of a directory, or of every checkout of a git remote: one of Dir and Remote is set. Dir is
// absolute.
type Entry struct{ Dir, Remote, Value string }

// Chosen is what the entries of the user's file say of the place that f was found for: that of the longest directory, else that
// of the remote; "" where none speaks of it. git's files are read only where an entry names a remote. key is what stands
// above the entries, such as "dest_branch:"; two that contradict each other are a BadMap that names it.
func (f *File) Chosen(key string, entries []Entry) (value string, err error) {
	p := place{dir: Cut(f.Physical), top: f.Top}
	c, err := p.choose(key, entries)
	if c == nil || err != nil {
		return "", err
	}
	return c.value, nil
}

// choice is the value of an entry, and the directory that it speaks for.
type choice struct {
	value, root string
	how         How
}

// choose is the entry for p: the one with the longest directory, else the one with the origin of p's repository; nil for none.
func (p *place) choose(key string, entries []Entry) (*choice, error) {
	c, err := p.byDirectory(key, entries)
	if c != nil || err != nil {
		return c, err
	}
	return p.byRemote(key, entries)
}

func (p *place) byDirectory(key string, entries []Entry) (best *choice, err error) {
	for _, e := range entries {
		if e.Dir == "" {
			continue
		}
		dir, err := filepath.EvalSymlinks(e.Dir)
		if err != nil || !filepath.IsAbs(dir) || !paths.Contains(dir, p.dir) {
			continue // a directory that does not exist holds nothing
		}
		if best != nil && dir == best.root && e.Value != best.value {
			return nil, contradiction(key, dir, best.value, e.Value)
		}
		if best == nil || len(dir) > len(best.root) {
			best = &choice{value: e.Value, root: dir, how: ByDirectory}
		}
	}
	return best, nil
}

func (p *place) byRemote(key string, entries []Entry) (best *choice, err error) {
	var origin string
	for _, e := range entries {
		if e.Remote == "" || p.top == "" {
			continue
		}
		if origin == "" {
			checkout, err := gitrepo.Open(p.top)
			if err != nil {
				return nil, err
			}
			if origin, err = checkout.Origin(); err != nil || origin == "" {
				return nil, err
			}
		}
		if !gitrepo.SameRemote(e.Remote, origin) {
			continue
		}
		if best != nil && best.value != e.Value {
			return nil, contradiction(key, e.Remote, best.value, e.Value)
		}
		best = &choice{value: e.Value, root: p.top, how: ByRemote}
	}
	return best, nil
}

func contradiction(key, of, one, other string) error {
	return problem.New(problem.BadMap, "%s says two things of %s: %s and %s", key, of, one, other)
}
