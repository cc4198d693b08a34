package trust

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
)

const (
	recordVersion = 1
	maxRecord     = 16 << 20 // bytes
)

// record is one approval, as it lies in its file. It keeps the meaning and not only a digest of it, so that a change can
// be shown.
type record struct {
	Version      int               `json:"version"`
	Subject      string            `json:"subject"` // the digest of path and checkout, which JSON cannot always spell
	Path         string            `json:"path"`
	Checkout     string            `json:"checkout,omitempty"`
	Approved     time.Time         `json:"approved"`
	Environments map[string]string `json:"environments"`
	Accounts     map[string]string `json:"accounts"`
	Rest         string            `json:"rest"`
}

func (r record) meaning() rolemap.Meaning {
	return rolemap.Meaning{Environments: r.Environments, Accounts: r.Accounts, Rest: r.Rest}
}

// noApproval is why a record counts for nothing.
type noApproval struct {
	text, hint string
	never      bool
}

// Approve records that the user wants sub's map obeyed with the meaning that it has. now is when.
func (s Store) Approve(sub Subject, now time.Time) error {
	if !physical(sub.Path) || sub.Checkout != "" && !physical(sub.Checkout) {
		return problem.New(problem.Failure, "cannot approve %s: its path is not absolute", sub.Path)
	}
	if no := s.unfit(sub); no != nil {
		return problem.New(problem.NotTrusted, "cannot approve %s: %s", sub.Path, no.text).WithHint("%s", no.hint)
	}
	data, err := json.Marshal(record{
		Version: recordVersion, Subject: digest(sub.Path, sub.Checkout), Path: sub.Path, Checkout: sub.Checkout,
		Approved: now.UTC().Truncate(time.Second), Environments: sub.Meaning.Environments, Accounts: sub.Meaning.Accounts, Rest: sub.Meaning.Rest,
	})
	if err != nil {
		return problem.New(problem.Failure, "cannot approve %s: %v", sub.Path, err).Because(err)
	}
	if len(data) > maxRecord {
		return problem.New(problem.Failure, "cannot approve %s: what it means takes %d bytes, more than the %d that are read back", sub.Path, len(data), maxRecord)
	}
	file := s.file(sub.Path, sub.Checkout)
	if err := paths.WritePrivate(file, data); err != nil {
		return problem.New(problem.Failure, "cannot write the approval %s: %v", file, paths.Cause(err)).Because(err)
	}
	return nil
}

// Revoke takes an approval back and tells whether there was one. A record that cannot be read is removed too.
func (s Store) Revoke(path, checkout string) (bool, error) {
	if s.Dir == "" {
		return false, nil
	}
	file := s.file(path, checkout)
	switch err := os.Remove(file); {
	case err == nil:
		return true, nil
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	default:
		return false, problem.New(problem.Failure, "cannot remove the approval %s: %v", file, paths.Cause(err)).Because(err)
	}
}

// read is the record for exactly this subject.
func (s Store) read(sub Subject) (record, *noApproval) {
	if no := s.unfit(sub); no != nil {
		return record{}, no
	}
	file := s.file(sub.Path, sub.Checkout)
	data, info, err := readPlain(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return record{}, &noApproval{never: true, text: "it was never approved"}
	case errors.Is(err, errSymlink):
		return record{}, &noApproval{text: fmt.Sprintf("the approval %s is a symlink, and could lead to a file of somebody else", file)}
	case err != nil:
		return record{}, &noApproval{text: fmt.Sprintf("the approval %s cannot be read: %v", file, paths.Cause(err))}
	case paths.OwnedByOther(info) || paths.WritableByOthers(info):
		return record{}, &noApproval{text: fmt.Sprintf("the approval %s could have been written by somebody else", file)}
	}
	if approved, ok := unchanged(data, sub); ok {
		return record{Approved: approved, Environments: sub.Meaning.Environments, Accounts: sub.Meaning.Accounts, Rest: sub.Meaning.Rest}, nil
	}
	rec, err := decode(data)
	switch {
	case err != nil:
		return record{}, &noApproval{text: fmt.Sprintf("the approval %s is damaged", file)}
	case rec.Version != recordVersion:
		return record{}, &noApproval{text: fmt.Sprintf("the approval %s is of version %d, which this whichrole does not know", file, rec.Version)}
	case rec.Subject != digest(sub.Path, sub.Checkout):
		return record{}, &noApproval{text: fmt.Sprintf("the approval %s is for another map: %s", file, rec.Path)}
	}
	return rec, nil
}

var errSymlink = errors.New("a symlink")

// readPlain reads a record. One that is a symlink is errSymlink: it can lead into the repository that is judged.
func readPlain(file string) ([]byte, fs.FileInfo, error) {
	plain, err := os.Lstat(file)
	if err != nil {
		return nil, nil, err
	}
	if plain.Mode()&fs.ModeSymlink != 0 {
		return nil, nil, errSymlink
	}
	data, info, err := paths.ReadRegular(file, maxRecord)
	if err == nil && !os.SameFile(plain, info) { // by now
		err = errSymlink
	}
	return data, info, err
}

func decode(data []byte) (rec record, err error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&rec); err != nil {
		return record{}, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return record{}, errors.New("more than one value")
	}
	return rec, nil
}

// unfit tells why no record in s.Dir can count for sub: a repository must not bring its own approval, which an
// XDG_STATE_HOME set by its .envrc or devcontainer would otherwise let it do.
func (s Store) unfit(sub Subject) *noApproval {
	if !physical(s.Dir) {
		return &noApproval{text: "there is no state directory to keep approvals in", hint: "set HOME or XDG_STATE_HOME to an absolute path"}
	}
	for _, top := range []string{sub.Checkout, repository(filepath.Dir(sub.Path))} {
		if top != "" && (paths.Contains(top, s.Dir) || paths.Contains(top, resolve(s.Dir))) {
			return &noApproval{
				text: fmt.Sprintf("approvals in %s do not count, since it lies inside the repository %s", s.Dir, top),
				hint: "set XDG_STATE_HOME to a directory outside the repository",
			}
		}
	}
	for _, dir := range []string{s.Dir, filepath.Dir(s.Dir)} { // ours both: above lie the user's own, which may be his group's
		if no := othersMayFill(dir); no != nil {
			return no
		}
	}
	return nil
}

// othersMayFill tells why somebody else could have put records into dir, or another directory in its place; nil when nobody
// could. Sticky or not: what somebody else may add is an approval that nobody gave.
func othersMayFill(dir string) *noApproval {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil // made with mode 0700 by the first approval
	case err != nil:
		return &noApproval{text: fmt.Sprintf("the directory of approvals %s cannot be checked: %v", dir, paths.Cause(err))}
	case paths.OwnedByOther(info):
		return &noApproval{text: fmt.Sprintf("approvals in %s do not count, since it is owned by somebody else", dir)}
	case paths.WritableByOthers(info):
		return &noApproval{
			text: fmt.Sprintf("approvals in %s do not count, since it is writable by others", dir),
			hint: "chmod go-w " + problem.Quote(dir),
		}
	}
	return nil
}

func (s Store) file(path, checkout string) string {
	return filepath.Join(s.Dir, digest(path, checkout)+".json")
}

// digest is what tells two subjects apart. No path holds a NUL, so no two pairs are written alike.
func digest(path, checkout string) string {
	sum := sha256.Sum256([]byte(path + "\x00" + checkout))
	return hex.EncodeToString(sum[:])
}

// resolve is p with the symlinks resolved of as much of it as exists.
func resolve(p string) string {
	if real, err := filepath.EvalSymlinks(p); err == nil {
		return real
	}
	parent := filepath.Dir(p)
	if parent == p {
		return p
	}
	return filepath.Join(resolve(parent), filepath.Base(p))
}
