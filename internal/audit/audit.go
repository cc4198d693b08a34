// Package audit keeps the local trail of what was handed out and refused, and reads it back.
package audit

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"whichrole/internal/paths"
)

// What a credential came from.
const (
	FromCache  = "cache"
	FromSTS    = "sts"
	FromSource = "source" // the source's own credentials, or a permission set's
)

// Line is one credential that was handed out, or one request that was refused. It holds no secret, and of the caller no
// argument. What is unknown is empty. The JSON names are those of the file and of whichrole log --json.
type Line struct {
	Time          time.Time `json:"time"`
	Command       string    `json:"command,omitempty"` // credential-process, exec, exec --server, export, console, setup
	Environment   string    `json:"environment,omitempty"`
	Operation     string    `json:"operation,omitempty"` // plan, apply or state
	RoleARN       string    `json:"role_arn,omitempty"`
	PermissionSet string    `json:"permission_set,omitempty"`
	Account       string    `json:"account,omitempty"`
	SessionName   string    `json:"session_name,omitempty"`  // with the access key id what CloudTrail shows
	AccessKeyID   string    `json:"access_key_id,omitempty"` // no secret
	Expires       time.Time `json:"expires,omitzero"`        // as the SDKs are told; zero for long-term keys
	Dir           string    `json:"dir,omitempty"`           // physical
	Map           string    `json:"map,omitempty"`
	Caller        Caller    `json:"caller,omitzero"`
	From          string    `json:"from,omitempty"`       // FromCache, FromSTS or FromSource
	RequestID     string    `json:"request_id,omitempty"` // STS's, of the call that minted them
	Overrides     []string  `json:"overrides,omitempty"`  // the flags and variables by which the person chose: --env, WHICHROLE_MAP
	Refused       string    `json:"refused,omitempty"`    // why nothing was handed out
	Exit          int       `json:"exit,omitempty"`       // the exit code of what was refused
}

// Caller is who asked, as far as the process table tells.
type Caller struct {
	Name       string `json:"name,omitempty"` // base name of the executable
	PID        int    `json:"pid,omitempty"`
	Subcommand string `json:"subcommand,omitempty"` // of terraform, tofu or terragrunt
}

const (
	name    = "audit.jsonl"
	maxFile = 5 << 20 // bytes, after which the file is put aside
)

// Log is the trail in one directory.
type Log struct {
	Dir string           // the state directory, absolute; with "" or a relative one, as without a home, nothing is kept
	Now func() time.Time // the time of a line without one
}

// Path is the file that lines are added to, "" where nothing is kept.
func (l Log) Path() string {
	if !l.kept() {
		return ""
	}
	return filepath.Join(l.Dir, name)
}

// Append adds a line, cut so that it takes less than 4 KiB, by one write: those of others who write at the same time stay whole.
// It waits for nobody. The errors are those of package os, *paths.NotPrivate and paths.ErrNotRegular; none is a reason to fail.
//
// Each credential that is handed out comes by here: a look at the directory and one at the file, one write.
func (l Log) Append(line Line) error {
	if !l.kept() {
		return nil
	}
	if line.Time.IsZero() {
		line.Time = l.Now()
	}
	f, info, err := l.open()
	if err != nil {
		return err
	}
	defer f.Close()
	data := line.encode()
	if _, err := f.Write(data); err != nil {
		return err
	}
	if info.Size()+int64(len(data)) > maxFile {
		f.Close() // Windows renames no file that is open
		l.rotate()
	}
	return nil
}

// Writable tells why no line could be added now. It makes the file where there is none, as Append does.
func (l Log) Writable() error {
	if !l.kept() {
		return nil
	}
	f, _, err := l.open()
	if err == nil {
		err = f.Close()
	}
	return err
}

func (l Log) kept() bool { return filepath.IsAbs(l.Dir) }

// open opens the file for a line more. In a directory that is ours alone to write nobody else has put a link there, which would
// have us write into another file of this user.
func (l Log) open() (*os.File, fs.FileInfo, error) {
	err := l.private()
	if errors.Is(err, fs.ErrNotExist) {
		err = paths.MakeMine(l.Dir)
	}
	if err != nil {
		return nil, nil, err
	}
	// 0600 where it is made; who lets a group read it wants that.
	f, err := os.OpenFile(l.Path(), os.O_WRONLY|os.O_APPEND|os.O_CREATE|paths.OpenFlags, 0o600)
	if err != nil {
		return nil, nil, err
	}
	info, err := ours(f)
	if err != nil {
		f.Close()
	}
	return f, info, err
}

// private refuses a directory in which others could put files. Under sudo it may be that of who called it: root's file in there
// could not be added to any more.
func (l Log) private() error {
	info, err := os.Stat(l.Dir)
	switch {
	case err != nil:
		return err
	case !paths.OwnedByMe(info):
		return &paths.NotPrivate{Path: l.Dir, Why: "it belongs to somebody else"}
	case paths.WritableByOthers(info):
		return &paths.NotPrivate{Path: l.Dir, Why: "others may write into it: chmod go-w it"}
	}
	return nil
}

// ours refuses what is no file that the current user alone writes.
func ours(f *os.File) (fs.FileInfo, error) {
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, &fs.PathError{Op: "open", Path: f.Name(), Err: paths.ErrNotRegular}
	case !paths.OwnedByMe(info):
		return nil, &paths.NotPrivate{Path: f.Name(), Why: "it belongs to somebody else"}
	case paths.WritableByOthers(info):
		return nil, &paths.NotPrivate{Path: f.Name(), Why: "others may write it: chmod go-w it"}
	}
	return info, nil
}
