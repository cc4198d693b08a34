package modules

import (
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// place is a directory that is still to be read.
type place struct {
	rel   string // from Root, with slashes
	depth int
	rules *rules // what git ignores in it, without its own .gitignore
}

// walk reads directories with a few workers. The directory found last is read first, so that few wait.
type walk struct {
	r      *reader
	git    bool         // .gitignore files count
	oneMap bool         // nested maps do not
	effort atomic.Int64 // that is left to hold names against them
	dirs   atomic.Int64

	mu      sync.Mutex
	wake    *sync.Cond
	todo    []place
	busy    int
	planned int64 // directories in todo and before
	modules []Module
	code    []string
}

func newWalk(r *reader, git bool) *walk {
	w := &walk{r: r, git: git}
	w.wake = sync.NewCond(&w.mu)
	w.effort.Store(r.limits.effort)
	return w
}

func (w *walk) run(progress func(int)) error {
	start := place{rel: "."}
	if w.git {
		start.rules = w.above()
	}
	w.todo = []place{start}
	stop := w.report(progress)
	defer stop()
	var all sync.WaitGroup
	for range min(max(4, runtime.GOMAXPROCS(0)), 16) { // some wait for the disk
		all.Go(w.work)
	}
	all.Wait()
	return w.r.ctx.Err()
}

// report calls progress now and then until the function that it returns is called.
func (w *walk) report(progress func(int)) (stop func()) {
	if progress == nil {
		return func() {}
	}
	var told sync.WaitGroup
	end := make(chan struct{})
	told.Go(func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				progress(int(w.dirs.Load()))
			case <-end:
				return
			}
		}
	})
	return func() { close(end); told.Wait() }
}

func (w *walk) work() {
	for {
		p, ok := w.next()
		if !ok {
			return
		}
		w.done(w.visit(p))
	}
}

// next waits for a directory to read; false where none will come.
func (w *walk) next() (place, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.todo) == 0 && w.busy > 0 {
		w.wake.Wait()
	}
	if len(w.todo) == 0 || w.r.ctx.Err() != nil {
		w.todo = nil
		w.wake.Broadcast()
		return place{}, false
	}
	last := len(w.todo) - 1
	p := w.todo[last]
	w.todo = w.todo[:last]
	w.busy++
	return p, true
}

// visited is what one directory holds.
type visited struct {
	below  []place // the directories in it
	module *Module // nil where it is none
	code   string  // the directory itself, where it has code all the same
}

// done hands in what visit found.
func (w *walk) done(v visited) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.busy--
	if v.module != nil {
		w.modules = append(w.modules, *v.module)
	}
	if v.code != "" {
		w.code = append(w.code, v.code)
	}
	below := v.below
	if room := w.r.limits.dirs - 1 - w.planned; int64(len(below)) > room {
		below = below[:max(room, 0)]
		w.r.notes.addOnce(Note{File: ".", Text: fmt.Sprintf("there are more than %d directories: not all were read", w.r.limits.dirs)})
	}
	w.planned += int64(len(below))
	w.todo = append(w.todo, below...)
	w.wake.Broadcast()
}

// sortedCode is what is kept of code.
func (w *walk) sortedCode() []string {
	slices.Sort(w.code)
	if len(w.code) > maxCode {
		w.r.notes.add(Note{File: ".", Text: fmt.Sprintf("more than %d directories have code and are no root modules: the others are left out", maxCode)})
		w.code = slices.Clip(w.code[:maxCode])
	}
	return w.code
}

// visit reads one directory.
func (w *walk) visit(p place) (v visited) {
	w.dirs.Add(1)
	d, err := w.r.open(p.rel)
	if err != nil {
		w.r.failed(p.rel, err)
		return v
	}
	defer d.root.Close()
	entries, complete, err := d.list(w.r.limits.listing)
	if err != nil {
		w.r.failed(p.rel, err)
	}
	if !complete {
		w.r.notes.add(Note{File: p.rel, Text: fmt.Sprintf("has more than %d entries: not all were read", w.r.limits.listing)})
	}
	if why := w.others(entries); why != "" && p.rel != "." {
		w.r.notes.add(Note{File: p.rel, Text: why})
		return v
	}
	if w.git && slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == ".gitignore" }) {
		p.rules = w.ignoreFile(path.Join(w.r.within, p.rel), ".gitignore", p.rules)
	}
	v.below = w.sift(d, entries, p)
	if module, found := d.module(); found {
		v.module = &module
	} else if d.hasCode() {
		v.code = p.rel
	}
	return v
}

// others tells whose a directory with these entries is, "" where it is the map's. Only a .whichrole.yaml hides the map of the
// root from those below, as package mapfile has it, whatever it is: one that is ignored, a symlink or broken does so too.
func (w *walk) others(entries []fs.DirEntry) string {
	why := ""
	for _, e := range entries {
		switch e.Name() {
		case ".git":
			return isRepository
		case ".whichrole.yaml", ".whichrole.yml":
			if !w.oneMap {
				why = hasMap
			}
		}
	}
	return why
}

// sift gives d its configuration files, and returns the directories to read after it.
func (w *walk) sift(d *directory, entries []fs.DirEntry, p place) (below []place) {
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() && leftOut(name) || !e.IsDir() && !isConfig(name) {
			continue
		}
		if w.ignored(p.rules, path.Join(w.r.within, p.rel, name), e.IsDir()) {
			continue
		}
		if !e.IsDir() {
			d.add(e)
			continue
		}
		below = append(below, place{path.Join(p.rel, name), p.depth + 1, p.rules})
	}
	if len(below) > 0 && p.depth >= w.r.limits.depth {
		w.r.notes.add(Note{File: p.rel, Text: "what lies below is too deep: not read"})
		return nil
	}
	slices.SortFunc(below, func(a, b place) int { return strings.Compare(b.rel, a.rel) })
	return below
}

// leftOut tells the directories in which nobody starts Terraform.
func leftOut(name string) bool {
	switch name {
	case ".git", ".terraform", ".terragrunt-cache", "node_modules":
		return true
	}
	return false
}
