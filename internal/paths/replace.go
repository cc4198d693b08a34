package paths

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrReadOnly is the error for a file that its mode, or on Windows its attribute, protects from its owner.
var ErrReadOnly = errors.New("it is read-only")

// ErrChanged is the error for a file that somebody else changed between reading and writing.
var ErrChanged = errors.New("another program changed it meanwhile")

// ErrDangling is the error for a symlink that leads to nothing.
var ErrDangling = errors.New("it is a link to something that is not there")

// Replacement is a file of the user's that is about to get another content. Symlinks stay, and it is the file behind them that
// changes.
type Replacement struct {
	Path string // physical; of a file that is not there yet, as it was given
	Data []byte // what it holds, nil where it is not there

	info fs.FileInfo // nil where it is not there
}

// OpenReplacement reads the file as ReadRegular does. One that is not there yet is no error.
func OpenReplacement(path string, limit int64) (*Replacement, error) {
	real, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(path); err == nil {
			return nil, &fs.PathError{Op: "open", Path: path, Err: ErrDangling}
		}
		return &Replacement{Path: path}, nil
	}
	if err != nil {
		return nil, err
	}
	r := &Replacement{Path: real}
	r.Data, r.info, err = ReadRegular(real, limit)
	return r, err
}

// Exists tells whether the file was there.
func (r *Replacement) Exists() bool { return r.info != nil }

// Mine tells whether the file is the current user's, or not there yet.
func (r *Replacement) Mine() bool { return r.info == nil || OwnedByMe(r.info) }

// Linked tells whether the file has another name, a hard link. That one keeps what it holds: Put replaces this one alone.
func (r *Replacement) Linked() bool { return r.info != nil && linked(r.info) }

// Writable is nil where the user may write the file: that its directory lets it be replaced is not enough. Otherwise the error is
// ErrReadOnly, or one of package os.
func (r *Replacement) Writable() error {
	if r.info == nil {
		return nil
	}
	if r.info.Mode().Perm()&0o200 == 0 {
		return &fs.PathError{Op: "open", Path: r.Path, Err: ErrReadOnly}
	}
	f, err := os.OpenFile(r.Path, os.O_WRONLY|openNonblock, 0)
	if err != nil {
		return err
	}
	return f.Close()
}

// Put gives the file that content in one step: a reader sees the old or the new, never a part. Mode and owner stay; a new file is
// 0600 and its directory 0700. Besides those of package os the errors are ErrReadOnly, ErrChanged and *NotPrivate: a file or
// directory that would become somebody else's, as under sudo.
func (r *Replacement) Put(data []byte) error {
	if err := r.Writable(); err != nil {
		return err
	}
	dir := filepath.Dir(r.Path)
	if r.info == nil {
		if err := MakeMine(dir); err != nil {
			return err
		}
	}
	f, err := os.CreateTemp(dir, ".whichrole-new-*") // 0600
	if err != nil {
		return err
	}
	err = r.fill(f, data)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = r.swap(f.Name())
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// swap puts the new file in the place of the old one, while no other of us does: two that have looked would both write.
func (r *Replacement) swap(file string) error {
	defer lockDir(filepath.Dir(r.Path))()
	if err := r.unchanged(); err != nil {
		return err
	}
	return os.Rename(file, r.Path)
}

func (r *Replacement) fill(f *os.File, data []byte) error {
	if _, err := f.Write(data); err != nil {
		return err
	}
	if r.info != nil {
		if err := keepOwner(f, r.info); err != nil {
			return &NotPrivate{r.Path, "it belongs to somebody else, and would become yours"}
		}
		if err := f.Chmod(r.info.Mode().Perm()); err != nil {
			return err
		}
	}
	return f.Sync()
}

// unchanged looks once more, for programs that know nothing of our locks.
func (r *Replacement) unchanged() error {
	changed := &fs.PathError{Op: "replace", Path: r.Path, Err: ErrChanged}
	if r.info == nil {
		if _, err := os.Lstat(r.Path); !errors.Is(err, fs.ErrNotExist) {
			return changed
		}
		return nil
	}
	now, info, err := ReadRegular(r.Path, int64(len(r.Data)))
	if err != nil || !os.SameFile(info, r.info) || !bytes.Equal(now, r.Data) {
		return changed
	}
	return nil
}
