package modules

import (
	"bytes"
	"fmt"
	"path"
	"strings"
)

// rules are those of one .gitignore, on top of those that stand further up.
type rules struct {
	up   *rules // nil for the first
	base string // the directory where the file stands, from the repository's top; "." is the top
	list []rule
	all  int // of this file and those above it
}

// above is what git ignores in Root as the directories above it say: first .git/info/exclude, then each .gitignore from the
// repository's top down. A worktree's exclude file lies elsewhere and is left out.
func (w *walk) above() *rules {
	r := w.ignoreFile(".", ".git/info/exclude", nil)
	if w.r.within == "." {
		return r
	}
	r = w.ignoreFile(".", ".gitignore", r)
	for i, c := range w.r.within {
		if c == '/' {
			r = w.ignoreFile(w.r.within[:i], ".gitignore", r)
		}
	}
	return r
}

// ignoreFile adds the rules of dir/name to those of up. dir counts from the repository's top. Like git it takes no symlink
// for a .gitignore.
func (w *walk) ignoreFile(dir, name string, up *rules) *rules {
	file := path.Join(dir, name)
	info, err := w.r.top.Lstat(file)
	if err != nil || !info.Mode().IsRegular() {
		return up
	}
	data, err := w.r.read(file)
	if err != nil {
		w.r.failed(w.r.fromRoot(file), err)
		return up
	}
	r := &rules{up: up, base: dir}
	if up != nil {
		r.all = up.all
	}
	for line := range bytes.Lines(bytes.TrimPrefix(data, []byte("\ufeff"))) {
		one, ok := compileRule(strings.TrimSuffix(string(line), "\n"))
		if !ok {
			continue
		}
		if r.all++; r.all > w.r.limits.rules {
			w.r.notes.add(Note{File: w.r.fromRoot(file), Text: fmt.Sprintf("git's ignore rules here and above are more than %d: those of this file are left out", w.r.limits.rules)})
			return up
		}
		r.list = append(r.list, one)
	}
	return r
}

// ignored tells whether git ignores what is called name, from the repository's top: the last rule that matches decides, in
// the file that is nearest. Whoever walks must not go into what is ignored: nothing in it can be wanted again.
func (w *walk) ignored(r *rules, name string, dir bool) bool {
	work := int64(0)
	ignored := r.ignore(name, dir, &work)
	if !spend(&w.effort, work) {
		w.r.notes.addOnce(Note{File: ".", Text: "git's ignore rules take too long: they are left out in part, so ignored directories may be listed"})
		return false
	}
	return ignored
}

func (r *rules) ignore(name string, dir bool, work *int64) bool {
	base := path.Base(name)
	for ; r != nil; r = r.up {
		rel := name
		if r.base != "." {
			rel = name[len(r.base)+1:]
		}
		for i := len(r.list) - 1; i >= 0; i-- {
			if r.list[i].matches(rel, base, dir, work) {
				return !r.list[i].negated
			}
		}
	}
	return false
}
