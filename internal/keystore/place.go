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

// place is a directory of ours, named as its parent and its name in it. Each call checks the directory and works through
// the handle that it got: paths.OpenPrivate says what for.
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

// open opens the directory if it is ours alone. Without create, one that is not there is ErrNotFound.
func (p place) open(create bool) (*os.Root, error) {
	dir, err := paths.OpenPrivate(p.path(), create)
	if err != nil {
		return nil, p.failed(err)
	}
	return dir, nil
}

func (p place) denied(format string, args ...any) *Unavailable {
	return &Unavailable{Store: "file", Class: Denied, Detail: p.path() + ": " + fmt.Sprintf(format, args...)}
}

// failed sorts an error of the file system. The paths in it are relative to the directory: only the cause is told.
func (p place) failed(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return ErrNotFound
	}
	if open, ok := errors.AsType[*paths.NotPrivate](err); ok {
		return p.denied("%s", open.Why)
	}
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		err = errno
	}
	return p.denied("%s", cut(err.Error()))
}
