package failures

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"
)

const (
	temporary = ".new-"
	marker    = "run-"

	// maxNames bounds what is looked at in the directory. Of more, the rest is swept the next time.
	maxNames = 10_000

	// markerLasts is longer than a run of Terraform, and how long a temporary file is left to its writer.
	markerLasts = 24 * time.Hour
)

// Recent are the failures of that long ago or less, the newest first. One from the future is as old as it is far away: the
// clock was set back.
func (s Store) Recent(within time.Duration) []Failure {
	if !s.kept() {
		return nil
	}
	dir, err := s.open(false)
	if err != nil {
		return nil
	}
	defer dir.Close()
	var list []Failure
	for _, name := range namesIn(dir) {
		if !strings.HasSuffix(name, suffix) {
			continue
		}
		if f, ok := read(dir, name); ok && s.age(f.Time) <= within {
			list = append(list, f)
		}
	}
	slices.SortFunc(list, func(a, b Failure) int { return b.Time.Compare(a.Time) })
	return list
}

// First is true for exactly one of the processes that ask for this run of a tool, however many do so at once: that one may
// tell the person. Where that cannot be found out it is true for all: told twice is better than never.
func (s Store) First(run string) bool {
	if !s.kept() || run == "" {
		return true
	}
	dir, err := s.open(true)
	if err != nil {
		return true
	}
	defer dir.Close()
	name := marker + digest(run)
	f, err := dir.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return !errors.Is(err, fs.ErrExist)
	}
	f.Close()
	now := s.Now()
	dir.Chtimes(name, now, now) // the clock that it is compared with, which need not be that of the file system
	s.sweep(dir, "")
	return true
}

// sweep removes what nobody needs: all failures but the newest 50, markers of old runs, and what writers left behind that
// died. The failure in the file called spare is among the 50, whatever its time. What another process sweeps at the same time
// is gone for both.
func (s Store) sweep(dir *os.Root, spare string) {
	type file struct {
		name string
		age  time.Duration
	}
	var kept []file
	for _, name := range namesIn(dir) {
		switch {
		case name == spare:
			kept = append(kept, file{name, -1})
		case strings.HasPrefix(name, marker), strings.HasPrefix(name, temporary):
			if info, err := dir.Lstat(name); err == nil && s.age(info.ModTime()) > markerLasts {
				dir.Remove(name)
			}
		case strings.HasSuffix(name, suffix):
			f, _ := read(dir, name) // what is none was recorded in the year 1
			kept = append(kept, file{name, s.age(f.Time)})
		}
	}
	slices.SortFunc(kept, func(a, b file) int { return cmp.Compare(a.age, b.age) })
	for _, f := range kept[min(len(kept), maxKept):] {
		dir.Remove(f.name)
	}
}

// age is how far away a time is, before or after now.
func (s Store) age(t time.Time) time.Duration { return s.Now().Sub(t).Abs() }

func namesIn(dir *os.Root) []string {
	f, err := dir.Open(".")
	if err != nil {
		return nil
	}
	defer f.Close()
	names, _ := f.Readdirnames(maxNames)
	return names
}
