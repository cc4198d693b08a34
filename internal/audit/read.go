package audit

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"slices"
	"time"

	"whichrole/internal/paths"
)

// ErrBroken stands for a line that is none of ours, or was cut off by a full disk.
var ErrBroken = errors.New("a broken line of the audit trail")

// pause is how often Follow looks for more.
const pause = 250 * time.Millisecond

// Read gives the lines since then that keep wants (nil: all), the oldest first, also from the files that were put aside. In
// place of a line that cannot be read stands ErrBroken; any other error is of a file, and is followed by those of the others.
// No file is no error.
func (l Log) Read(since time.Time, keep func(Line) bool) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		t := tail{log: l, since: since, keep: keep}
		t.read(true, yield)
	}
}

// Follow is Read, and then gives each line that is added, until ctx ends. In between, when all that is there has been given, it
// calls caughtUp. A file that is put aside meanwhile is read to its end.
func (l Log) Follow(ctx context.Context, since time.Time, keep func(Line) bool, caughtUp func()) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		t := tail{log: l, since: since, keep: keep}
		if !t.read(false, yield) {
			return
		}
		caughtUp()
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(pause):
			}
			if !t.read(false, yield) {
				return
			}
		}
	}
}

// tail knows how far each file was read. It holds none open: Windows could not put it aside then.
type tail struct {
	log   Log
	since time.Time
	keep  func(Line) bool
	seen  []seen
}

type seen struct {
	info fs.FileInfo
	upTo int64
}

// read yields what was added since it was last called. A line without an end may still be written; with all there is no more to
// come, and it is broken. It tells whether more is wanted.
func (t *tail) read(all bool, yield func(Line, error) bool) bool {
	files, errs := t.log.files()
	if t.seen != nil {
		errs = nil // they were told
	}
	defer func() {
		for _, f := range files {
			f.Close()
		}
	}()
	for _, err := range errs {
		if !yield(Line{}, err) {
			return false
		}
	}
	now := []seen{}
	for _, f := range slices.Backward(files) {
		at, err := t.from(f)
		if err != nil {
			continue // it was there a moment ago
		}
		more := true
		at.upTo, more = t.lines(f, at.upTo, all, yield)
		if !more {
			return false
		}
		now = append(now, at)
	}
	t.seen = now
	return true
}

// from is how far the file was read, whatever it is called by now.
func (t *tail) from(f *os.File) (seen, error) {
	info, err := f.Stat()
	if err != nil {
		return seen{}, err
	}
	i := slices.IndexFunc(t.seen, func(s seen) bool { return os.SameFile(s.info, info) && s.upTo <= info.Size() })
	if i < 0 {
		return seen{info, 0}, nil
	}
	return seen{info, t.seen[i].upTo}, nil
}

// lines yields the lines of f from there on, and tells how far it came and whether more is wanted.
func (t *tail) lines(f *os.File, from int64, all bool, yield func(Line, error) bool) (upTo int64, more bool) {
	if _, err := f.Seek(from, io.SeekStart); err != nil {
		return from, yield(Line{}, err)
	}
	in := bufio.NewReaderSize(f, 64<<10)
	for {
		text, size, err := next(in)
		switch {
		case err == io.EOF && (size == 0 || !all):
			return from, true
		case err != nil && err != io.EOF:
			return from, yield(Line{}, err)
		case !t.line(text, yield):
			return from, false
		}
		from += size
	}
}

// next is a line and how many bytes it takes in the file. Of one that fills the buffer, which is none of ours, it gives the end.
func next(in *bufio.Reader) (text []byte, size int64, err error) {
	for {
		text, err = in.ReadSlice('\n')
		if size += int64(len(text)); err != bufio.ErrBufferFull {
			return text, size, err
		}
	}
}

// line yields what stands in one line of the file: where a disk was full, half of a line and then a whole one.
func (t *tail) line(text []byte, yield func(Line, error) bool) bool {
	if i := bytes.LastIndex(text, []byte(begin)); i > 0 {
		if !yield(Line{}, ErrBroken) {
			return false
		}
		text = text[i:]
	}
	l, ok := decode(text)
	switch {
	case !ok:
		return yield(Line{}, ErrBroken)
	case l.Time.Before(t.since) || t.keep != nil && !t.keep(l):
		return true
	}
	return yield(l, nil)
}

// files opens those that are there, the newest first: what is put aside while they are opened is met again, and not missed.
func (l Log) files() (list []*os.File, errs []error) {
	if !l.kept() {
		return nil, nil
	}
	var infos []fs.FileInfo
	for i := range aside + 1 {
		f, info, err := openFile(l.file(i))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			errs = append(errs, err)
		case slices.ContainsFunc(infos, func(known fs.FileInfo) bool { return os.SameFile(known, info) }):
			f.Close()
		default:
			list, infos = append(list, f), append(infos, info)
		}
	}
	return list, errs
}

func openFile(path string) (*os.File, fs.FileInfo, error) {
	f, err := os.OpenFile(path, paths.OpenFlags, 0)
	if err != nil {
		return nil, nil, err
	}
	info, err := ours(f)
	if err != nil {
		f.Close()
	}
	return f, info, err
}
