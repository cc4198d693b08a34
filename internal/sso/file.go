package sso

import (
	"context"
	"crypto/rand"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"whichrole/internal/paths"
)

const maxFile = 256 << 10 // bytes; a token and the client's secret have about 4 KiB together

// errDamaged is the error for a file that holds no JSON object, or for a while only a part of one.
var errDamaged = errors.New("it holds no JSON object")

// record is a file of the cache: those of the AWS CLI and of the SDKs are one flat JSON object each. Fields that we know
// nothing of stay as they are.
type record map[string]json.RawMessage

// text is a field that is a string, "" when it is not there or something else.
func (r record) text(field string) string {
	var s string
	if json.Unmarshal(r[field], &s) != nil {
		return ""
	}
	return s
}

// time is a field that is a time, zero when it is not there or can't be understood.
func (r record) time(field string) time.Time {
	text := r.text(field)
	for _, zone := range []string{"UTC", "GMT"} { // 2019-11-14T04:05:45UTC, as the first AWS CLI that knew SSO wrote it
		if before, ok := strings.CutSuffix(text, zone); ok {
			text = strings.TrimSpace(before) + "Z"
		}
	}
	text = strings.Replace(text, " ", "T", 1)
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05"} { // each takes a fraction too
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

func (r record) set(field string, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // strings and lists of strings can't fail
	}
	r[field] = text
}

// setTime writes what botocore writes and Go's SDK reads.
func (r record) setTime(field string, t time.Time) {
	r.set(field, t.UTC().Format("2006-01-02T15:04:05Z"))
}

// fileName is that of a token, made of the session's name or of a legacy session's start URL; botocore's
// SSOTokenLoader has the same.
func fileName(of string) string {
	sum := sha1.Sum([]byte(of))
	return hex.EncodeToString(sum[:]) + ".json"
}

// read is readOnce with patience: the AWS CLI empties a file before it writes it anew.
func (c *Client) read(ctx context.Context, name string) (record, error) {
	for wait := 20 * time.Millisecond; ; wait *= 2 {
		r, err := c.readOnce(name)
		if !errors.Is(err, errDamaged) || wait > 100*time.Millisecond || c.sleep(ctx, wait) != nil {
			return r, err
		}
	}
}

// readOnce reads a file of the directory, which may be behind symlinks. One inside that leads out of it is not followed.
func (c *Client) readOnce(name string) (record, error) {
	dir, err := os.OpenRoot(c.Dir)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	f, err := dir.OpenFile(name, paths.OpenFlags, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, _, err := paths.ReadOpened(f, maxFile)
	if err != nil {
		return nil, err
	}
	var r record
	if json.Unmarshal(data, &r) != nil || r == nil { // its error would quote the file
		return nil, errDamaged
	}
	return r, nil
}

// open makes the directory where it is missing.
func (c *Client) open() (*os.Root, error) {
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, err
	}
	return os.OpenRoot(c.Dir)
}

// tryWriting tells whether a token could be kept.
func (c *Client) tryWriting() error {
	dir, err := c.open()
	if err != nil {
		return err
	}
	defer dir.Close()
	name := temporary()
	if err := writeNew(dir, name, name, nil); err != nil {
		return err
	}
	return dir.Remove(name)
}

func temporary() string { return "." + rand.Text() + ".tmp" }

// write replaces a file in one step.
func (c *Client) write(name string, r record) error {
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	dir, err := c.open()
	if err != nil {
		return err
	}
	defer dir.Close()
	fresh := temporary()
	if err = writeNew(dir, fresh, name, data); err == nil {
		err = c.rename(dir, fresh, name)
	}
	if err != nil {
		dir.Remove(fresh)
	}
	return err
}

// rename has patience with Windows, where a file can't be replaced while another process reads it.
func (c *Client) rename(dir *os.Root, from, to string) error {
	for wait := 10 * time.Millisecond; ; wait *= 2 {
		err := dir.Rename(from, to)
		if !errors.Is(err, fs.ErrPermission) || wait > 100*time.Millisecond || c.sleep(context.Background(), wait) != nil {
			return err
		}
	}
}

// writeNew makes a file on the disk, before it gets the name of the one that it replaces: a refresh token may be usable once.
func writeNew(dir *os.Root, fresh, replaces string, data []byte) error {
	f, err := dir.OpenFile(fresh, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if old, err := dir.Lstat(replaces); err == nil {
		keepOwner(f, old)
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}

func (c *Client) remove(name string) error {
	dir, err := os.OpenRoot(c.Dir)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Remove(name)
}

func (c *Client) tokenFile() string {
	if c.Name == "" {
		return fileName(c.StartURL)
	}
	return fileName(c.Name)
}

func (c *Client) tokenPath() string { return filepath.Join(c.Dir, c.tokenFile()) }
