package keystore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"whichrole/internal/paths"
)

// place is a directory of ours, named as its parent and its name in it. Each call checks the directory, opens it, makes
// sure that it opened what it checked, and works through that handle: whoever exchanges the directory afterwards
// exchanges nothing of ours, and no link leads out of it.
type place struct{ parent, name string }

// placeOf is the place at an absolute path, or none where that can't be one of ours: all are called whichrole….
func placeOf(path string) place {
	p := place{filepath.Dir(path), filepath.Base(path)}
	if !filepath.IsAbs(path) || !strings.HasPrefix(p.name, service) {
		return place{}
	}
	return p
}

func (p place) path() string { return filepath.Join(p.parent, p.name) }

// open opens the directory if it is a real one, ours alone. Without create, one that is not there is ErrNotFound.
func (p place) open(create bool) (*os.Root, error) {
	parent, err := os.OpenRoot(p.parent)
	if err != nil {
		return nil, p.failed(err)
	}
	defer parent.Close()
	if create {
		if err := parent.Mkdir(p.name, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, p.failed(err)
		}
	}
	named, err := parent.Lstat(p.name)
	if err != nil {
		return nil, p.failed(err)
	}
	// Before it is opened: what somebody else owns can become a FIFO meanwhile, and opening would never end.
	if err := p.mustBeOurs(named); err != nil {
		return nil, err
	}
	dir, err := parent.OpenRoot(p.name)
	if err != nil {
		return nil, p.failed(err)
	}
	if opened, err := dir.Stat("."); err != nil || !os.SameFile(named, opened) {
		dir.Close()
		return nil, p.denied("it was exchanged while it was opened")
	}
	return dir, nil
}

func (p place) mustBeOurs(info fs.FileInfo) error {
	switch {
	case !info.IsDir():
		return p.denied("it is not a directory: somebody put a link or a file there")
	case !paths.OwnedByMe(info):
		return p.denied("it belongs to somebody else")
	case openToOthers(info):
		return p.denied("others may look into it (mode %04o): chmod 700 it", info.Mode().Perm())
	}
	return nil
}

func openToOthers(info fs.FileInfo) bool { return info.Mode().Perm()&0o077 != 0 }

func (p place) denied(format string, args ...any) *Unavailable {
	return &Unavailable{Store: "file", Class: Denied, Detail: p.path() + ": " + fmt.Sprintf(format, args...)}
}

// failed sorts an error of the file system. The paths in it are relative to the directory: only the cause is told.
func (p place) failed(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return ErrNotFound
	}
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		err = errno
	}
	return p.denied("%s", cut(err.Error()))
}
