// Package failures keeps the last failure of each directory, for who asks later: Terraform's providers hide what we say.
package failures

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

const (
	maxKept = 50        // failures, the newest
	maxText = 4 << 10   // bytes of a message and of a hint
	maxName = 256       // bytes of an environment's and of a caller's name
	maxFile = 128 << 10 // bytes: all of the above and the longest path, however JSON spells them
	suffix  = ".json"
)

// Failure is one that was shown on stderr, or hidden there. It holds nothing else.
type Failure struct {
	Time        time.Time    `json:"time"`
	Dir         string       `json:"dir"` // physical
	Code        problem.Code `json:"code"`
	Message     string       `json:"message"`
	Hint        string       `json:"hint,omitempty"`
	Environment string       `json:"environment,omitempty"`
	Operation   string       `json:"operation,omitempty"` // plan, apply or state; "" where it failed before that was known
	Caller      string       `json:"caller,omitempty"`    // base name of the program that asked
}

// Store is the directory in which they lie, one small file each.
type Store struct {
	Dir string           // absolute; with "" or a relative one, as without a home, nothing is kept
	Now func() time.Time // tells old from new, and the time of a failure without one
}

// Record keeps f in place of the last one of f.Dir, and of all the newest 50. The message and the names are cut to a length
// that is read back. The errors are those of package os and *paths.NotPrivate; none is a reason to fail.
func (s Store) Record(f Failure) error {
	if !s.kept() {
		return nil
	}
	dir, err := s.open(true)
	if err != nil {
		return err
	}
	defer dir.Close()
	if f.Time.IsZero() {
		f.Time = s.Now()
	}
	f.Time = f.Time.UTC()
	name := nameOf(f.Dir, f.Operation)
	if err := replace(dir, name, f.fit()); err != nil {
		return err
	}
	s.sweep(dir, name)
	return nil
}

// Forget drops the failures of dir in that operation, and those before an operation was known: a plan that reads its state does
// not mean that its role can be had. Each credential that is handed out comes by here: it is two system calls, and where there
// is no failure that is all.
func (s Store) Forget(dir, operation string) {
	if s.kept() {
		syscall.Unlink(filepath.Join(s.Dir, nameOf(dir, operation))) // os.Remove would try again, as if it were a directory
		syscall.Unlink(filepath.Join(s.Dir, nameOf(dir, "")))
	}
}

// Of is the last failure of dir in any of these operations or before one was known, unless it went well there since.
func (s Store) Of(dir string, operations ...string) (last Failure, found bool) {
	if !s.kept() {
		return Failure{}, false
	}
	root, err := s.open(false)
	if err != nil {
		return Failure{}, false
	}
	defer root.Close()
	for _, operation := range append(operations, "") {
		if f, ok := read(root, nameOf(dir, operation)); ok && (!found || f.Time.After(last.Time)) {
			last, found = f, true
		}
	}
	return last, found
}

func (s Store) kept() bool { return filepath.IsAbs(s.Dir) }

// open refuses a directory that is not the current user's alone: what lies there could be anybody's words.
func (s Store) open(create bool) (*os.Root, error) {
	if create {
		if err := paths.MakeMine(filepath.Dir(s.Dir)); err != nil {
			return nil, err
		}
	}
	return paths.OpenPrivate(s.Dir, create)
}

// fit is f as it is written and read.
func (f Failure) fit() Failure {
	f.Dir = spelled(f.Dir)
	f.Message, f.Hint = problem.Cut(f.Message, maxText), problem.Cut(f.Hint, maxText)
	f.Environment, f.Caller = problem.Cut(f.Environment, maxName), problem.Cut(f.Caller, maxName)
	return f
}

// spelled is a path as JSON can spell it: of bytes that are no UTF-8 it keeps only that they are there.
func spelled(path string) string { return strings.ToValidUTF8(path, "\ufffd") }

// nameOf is the file's name: no path of a hostile repository has a say in it.
func nameOf(dir, operation string) string { return digest(dir+"\x00"+operation) + suffix }

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:16])
}

// replace writes in one step: a reader sees the old failure or the new, and a link or FIFO in its place is replaced itself.
func replace(dir *os.Root, name string, f Failure) error {
	data, err := json.Marshal(f)
	if err != nil {
		return err
	}
	if len(data) > maxFile {
		return &fs.PathError{Op: "write", Path: name, Err: paths.ErrTooLarge}
	}
	temp := temporary + rand.Text()
	if err = dir.WriteFile(temp, data, 0o600); err == nil {
		err = dir.Rename(temp, name)
	}
	if err != nil {
		dir.Remove(temp)
	}
	return err
}

// read is the failure in that file, if it is one that somebody recorded. It waits for nothing.
func read(dir *os.Root, name string) (Failure, bool) {
	var f Failure
	opened, err := dir.OpenFile(name, paths.OpenFlags, 0)
	if err != nil {
		return f, false
	}
	defer opened.Close()
	data, info, err := paths.ReadOpened(opened, maxFile)
	if err != nil || !paths.OwnedByMe(info) || json.Unmarshal(data, &f) != nil {
		return Failure{}, false
	}
	belongs := nameOf(f.Dir, f.Operation) == name || strings.ContainsRune(f.Dir, utf8.RuneError) // the name is of the bytes that spelled lost
	return f.fit(), belongs && f.Code > 0 && f.Message != ""
}
