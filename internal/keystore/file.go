package keystore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"whichrole/internal/paths"
)

// fileRoom bounds a value in bytes, when it is written and when it is read.
const fileRoom = 64 << 10

// file is a directory in memory with one 0600 file per id. Each call checks the directory, opens it, makes sure
// that it opened what it checked, and works through that handle: whoever exchanges the directory afterwards exchanges
// nothing of ours, and no link leads out of it.
type file struct{ parent, name string }

// openFile finds the place and looks at it, without creating anything.
func openFile(o Options) (*file, *Unavailable) {
	parent, name, u := volatilePlace(o)
	if u != nil {
		return nil, u
	}
	f := &file{parent: parent, name: name}
	dir, err := f.open(false)
	if u, ok := errors.AsType[*Unavailable](err); ok {
		return nil, u
	}
	if err == nil {
		dir.Close()
	}
	return f, nil
}

func (f *file) Name() string { return "file" }

func (f *file) Get(_ context.Context, id string) ([]byte, error) {
	dir, err := f.openFor(id, false)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	opened, err := dir.OpenFile(fileName(id), paths.OpenFlags, 0)
	if err != nil {
		return nil, f.failed(err)
	}
	defer opened.Close()
	value, info, err := paths.ReadOpened(opened, fileRoom)
	if err != nil {
		return nil, f.failed(err)
	}
	if paths.OwnedByOther(info) || openToOthers(info) {
		return nil, f.denied("%s is not a file that only you can read", fileName(id))
	}
	return value, nil
}

// Set does not use expires: what is in memory ends with the session, and the cache sweeps what expired.
func (f *file) Set(_ context.Context, id string, value []byte, _ time.Time) error {
	if len(value) > fileRoom {
		return ErrTooBig
	}
	dir, err := f.openFor(id, true)
	if errors.Is(err, ErrNotFound) { // the directory can be made, but not what it is to lie in
		return &Unavailable{Store: "file", Class: Absent, Detail: "there is no " + f.parent}
	}
	if err != nil {
		return err
	}
	defer dir.Close()
	temp := ".new-" + rand.Text()
	err = writeNew(dir, temp, value)
	if err == nil {
		err = dir.Rename(temp, fileName(id))
	}
	if err != nil {
		dir.Remove(temp)
		return f.failed(err)
	}
	return nil
}

func (f *file) Delete(_ context.Context, id string) error {
	dir, err := f.openFor(id, false)
	if err != nil {
		return err
	}
	defer dir.Close()
	if err := dir.Remove(fileName(id)); err != nil {
		return f.failed(err)
	}
	return nil
}

func (f *file) openFor(id string, create bool) (*os.Root, error) {
	if !validID(id) {
		return nil, errors.New("keystore: an id is 32 hex digits")
	}
	return f.open(create)
}

// open opens the directory if it is a real one, ours alone. Without create, one that is not there is ErrNotFound.
func (f *file) open(create bool) (*os.Root, error) {
	parent, err := os.OpenRoot(f.parent)
	if err != nil {
		return nil, f.failed(err)
	}
	defer parent.Close()
	if create {
		if err := parent.Mkdir(f.name, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, f.failed(err)
		}
	}
	named, err := parent.Lstat(f.name)
	if err != nil {
		return nil, f.failed(err)
	}
	// Before it is opened: what somebody else owns can become a FIFO meanwhile, and opening would never end.
	if err := f.mustBeOurs(named); err != nil {
		return nil, err
	}
	dir, err := parent.OpenRoot(f.name)
	if err != nil {
		return nil, f.failed(err)
	}
	if opened, err := dir.Stat("."); err != nil || !os.SameFile(named, opened) {
		dir.Close()
		return nil, f.denied("it was exchanged while it was opened")
	}
	return dir, nil
}

func (f *file) mustBeOurs(info fs.FileInfo) error {
	switch {
	case !info.IsDir():
		return f.denied("it is not a directory: somebody put a link or a file there")
	case paths.OwnedByOther(info):
		return f.denied("it belongs to somebody else")
	case openToOthers(info):
		return f.denied("others may look into it (mode %04o): chmod 700 it", info.Mode().Perm())
	}
	return nil
}

func writeNew(dir *os.Root, name string, value []byte) error {
	w, err := dir.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = w.Write(value)
	return errors.Join(err, w.Close())
}

// fileName says what it is to whoever looks into the runtime directory, which other things of ours share.
func fileName(id string) string { return "credential-" + id }

func openToOthers(info fs.FileInfo) bool { return info.Mode().Perm()&0o077 != 0 }

func (f *file) denied(format string, args ...any) *Unavailable {
	where := filepath.Join(f.parent, f.name)
	return &Unavailable{Store: "file", Class: Denied, Detail: where + ": " + fmt.Sprintf(format, args...)}
}

// failed sorts an error of the file system. The paths in it are relative to the directory: only the cause is told.
func (f *file) failed(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return ErrNotFound
	}
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		err = errno
	}
	return f.denied("%s", cut(err.Error()))
}
