package keystore

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"whichrole/internal/paths"
)

// fileRoom bounds a value in bytes, when it is written and when it is read.
const fileRoom = 64 << 10

// What lies in the directory says by its name what it is: other things of ours share it.
const (
	filePrefix = "credential-"
	tempPrefix = ".new-"
	tempMayAge = time.Minute // older ones belong to a writer that died: it holds a whole value between two system calls
)

// file is a directory in memory with one 0600 file per id. It writes and reads in one place, and removes from all in
// which a file could lie: cron, su and ssh come without the XDG_RUNTIME_DIR that was there when it was written.
type file struct {
	place
	o Options
}

// openFile finds the place and looks at it, without creating anything. With an *Unavailable the file is there all the
// same, and good for removing alone.
func openFile(o Options) (*file, *Unavailable) {
	f := &file{o: o}
	p, u := volatilePlace(o)
	if u != nil {
		return f, u
	}
	f.place = p
	dir, err := f.open(false)
	if u, ok := errors.AsType[*Unavailable](err); ok {
		return f, u
	}
	if err == nil {
		dir.Close()
	}
	return f, nil
}

func (f *file) Name() string { return "file" }

func (f *file) Get(_ context.Context, id string) ([]byte, error) {
	if !validID(id) {
		return nil, errBadID
	}
	dir, err := f.open(false)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	opened, err := dir.OpenFile(filePrefix+id, paths.OpenFlags, 0)
	if err != nil {
		return nil, f.failed(err)
	}
	defer opened.Close()
	value, info, err := paths.ReadOpened(opened, fileRoom)
	if err != nil {
		return nil, f.failed(err)
	}
	if !paths.OwnedByMe(info) || paths.OpenToOthers(info) {
		return nil, f.denied("%s is not a file that only you can read", filePrefix+id)
	}
	return value, nil
}

// Set does not use expires: what is in memory ends with the session, and the cache sweeps what expired.
func (f *file) Set(_ context.Context, id string, value []byte, _ time.Time) error {
	if !validID(id) {
		return errBadID
	}
	if len(value) > fileRoom {
		return ErrTooBig
	}
	dir, err := f.open(true)
	if errors.Is(err, ErrNotFound) { // the directory can be made, but not what it is to lie in
		return &Unavailable{Store: "file", Class: Absent, Detail: "there is no " + f.parent}
	}
	if err != nil {
		return err
	}
	defer dir.Close()
	temp := tempPrefix + rand.Text()
	now, err := writeNew(dir, temp, value)
	if err == nil {
		err = dir.Rename(temp, filePrefix+id)
	}
	if err != nil {
		dir.Remove(temp)
		return f.failed(err)
	}
	removeAll(dir, func(name string) bool {
		return strings.HasPrefix(name, tempPrefix) && olderThan(dir, name, now.Add(-tempMayAge))
	})
	return nil
}

func (f *file) Delete(_ context.Context, id string) error {
	if !validID(id) {
		return errBadID
	}
	return fromAll(f.everywhere(), func(p place) error {
		dir, err := p.open(false)
		if err != nil {
			return err
		}
		defer dir.Close()
		if err := dir.Remove(filePrefix + id); err != nil {
			return p.failed(err)
		}
		return nil
	})
}

// Clear also removes what is being written at this moment: that writer fails, and its caller mints once more.
func (f *file) Clear(context.Context) (n int, err error) {
	err = fromAll(f.everywhere(), func(p place) error {
		dir, err := p.open(false)
		if err != nil {
			return err
		}
		defer dir.Close()
		gone, err := removeAll(dir, func(name string) bool {
			return strings.HasPrefix(name, filePrefix) || strings.HasPrefix(name, tempPrefix)
		})
		n += gone
		if err != nil {
			return p.failed(err)
		}
		return nil
	})
	if err == ErrNotFound {
		err = nil
	}
	return n, err
}

// everywhere is the place of this store, those that the caller knows of, and the usual ones as far as they are ours:
// what somebody else has put into a usual place can't hold anything of ours.
func (f *file) everywhere() []place {
	var list []place
	add := func(p place) {
		if p.parent != "" && !slices.Contains(list, p) {
			list = append(list, p)
		}
	}
	add(f.place)
	for _, dir := range f.o.Places {
		add(placeOf(dir))
	}
	for _, p := range usualPlaces(f.o) {
		if info, err := os.Lstat(p.path()); err == nil && paths.OwnedByMe(info) {
			add(p)
		}
	}
	return list
}

// reaches tells whether everywhere has that directory, or left it out because nothing of ours lies in it.
func (f *file) reaches(dir string) bool {
	p := placeOf(dir)
	return p.parent != "" && (p == f.place || slices.Contains(f.o.Places, dir) || slices.Contains(usualPlaces(f.o), p))
}

// writeNew returns the time of the file, by the clock of its file system.
func writeNew(dir *os.Root, name string, value []byte) (now time.Time, err error) {
	w, err := dir.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return now, err
	}
	_, err = w.Write(value)
	info, statErr := w.Stat()
	if statErr == nil {
		now = info.ModTime()
	}
	return now, errors.Join(err, statErr, w.Close())
}

func olderThan(dir *os.Root, name string, t time.Time) bool {
	info, err := dir.Lstat(name)
	return err == nil && info.ModTime().Before(t)
}

// removeAll removes what chosen chooses by its name, and tells how many values there were among it.
func removeAll(dir *os.Root, chosen func(name string) bool) (n int, failure error) {
	self, err := dir.Open(".")
	if err != nil {
		return 0, err
	}
	defer self.Close()
	names, failure := self.Readdirnames(-1)
	for _, name := range names {
		if !chosen(name) {
			continue
		}
		err := dir.Remove(name)
		switch {
		case err == nil && strings.HasPrefix(name, filePrefix):
			n++
		case err != nil && !errors.Is(err, fs.ErrNotExist) && failure == nil:
			failure = err
		}
	}
	return n, failure
}
