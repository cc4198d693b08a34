package paths

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// ErrNotRegular is the error for a directory, FIFO, socket or device where a file was wanted.
var ErrNotRegular = errors.New("not a regular file")

// ErrTooLarge is the error for a file over the limit.
var ErrTooLarge = errors.New("too large")

// Cause is err without the operation and path that package os puts in front: for messages that name the path already.
func Cause(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}

// ReadRegular opens path without waiting (a FIFO never blocks it), makes sure that what it opened is a regular file
// of at most limit bytes, and reads it once. Symlinks are followed. The FileInfo is that of the bytes returned.
func ReadRegular(path string, limit int64) ([]byte, fs.FileInfo, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|openNonblock, 0)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	return ReadOpened(f, limit)
}

// ReadOpened is ReadRegular for a file that is open already (with O_NONBLOCK, where the system has it).
func ReadOpened(f *os.File, limit int64) ([]byte, fs.FileInfo, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, info, fmt.Errorf("%s: %w", f.Name(), ErrNotRegular)
	}
	if info.Size() > limit {
		return nil, info, fmt.Errorf("%s: %w", f.Name(), ErrTooLarge)
	}
	var data bytes.Buffer
	data.Grow(int(info.Size()) + bytes.MinRead) // one read for all, and one that finds the end; the size is no promise
	if _, err := data.ReadFrom(io.LimitReader(f, limit+1)); err != nil {
		return nil, info, err
	}
	if int64(data.Len()) > limit {
		return nil, info, fmt.Errorf("%s: %w", f.Name(), ErrTooLarge)
	}
	return data.Bytes(), info, nil
}

// OpenFlags are what a file that may be hostile is opened with: read only, and never waiting for a FIFO's writer.
const OpenFlags = os.O_RDONLY | openNonblock

// WritePrivate replaces path in one step by a file of mode 0600 that holds data, and makes its directory (0700) if need be.
// A reader sees the old content or the new, never a part.
func WritePrivate(path string, data []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".new-*") // 0600 by CreateTemp
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// maxEntries is how many entries of a directory Files reads.
const maxEntries = 5000

// Files are the names in an opened directory that are not directories themselves, sorted. The error is ErrTooLarge for one of more
// than 5,000 entries: which of them came first would be chance.
func Files(dir *os.File) (names []string, err error) {
	entries, err := dir.ReadDir(maxEntries + 1)
	if len(entries) > maxEntries {
		return nil, ErrTooLarge
	}
	if err != nil && err != io.EOF {
		return nil, err
	}
	for _, e := range entries {
		if !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}
