// Package userfile reads the user's own config.yaml, and sets the source in it.
package userfile

import (
	"bytes"
	"errors"
	"io/fs"
	"path/filepath"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
	"whichrole/internal/strictyaml"
)

// maxSize of the file in bytes, as for role maps.
const maxSize = 1 << 20

// Config is what the user's file says. What it leaves out has its default.
type Config struct {
	Path         string       // the file that was read, "" where there is none
	Repositories []Repository // in the file's order
	DestBranches []DestBranch // in the file's order
	TrustedPaths []string     // absolute and clean, never the root; symlinks are not resolved
	Sources      []rolemap.Source
	Profiles     map[string]string // what the map says → what it is called here
	Cache        string            // auto (default), keyring, kernel, file or none
	Prompt       string            // never (default), tty or dialog
	AuditOff     bool              // audit: off
}

// Repository gives a map that is kept elsewhere to a directory or to every checkout of a git remote: one of Directory and
// Remote is set.
type Repository struct {
	Directory string // absolute and clean; symlinks are not resolved
	Remote    string // as it is written
	Map       string // absolute and clean
	Line      int    // in the file, from 1
}

// DestBranch is the branch that pull requests go to, for Terrateam's queries: of a directory, or of every checkout of a git
// remote. One of Directory and Remote is set.
type DestBranch struct {
	Directory string // absolute and clean; symlinks are not resolved
	Remote    string // as it is written
	Branch    string
	Line      int // in the file, from 1
}

// Path is the user's file in the configuration directory dir.
func Path(dir string) string { return filepath.Join(dir, "config.yaml") }

// Read reads config.yaml in dir, which may be "" for none. home is what ~/ stands for. A file that is not there, or holds
// only comments, is no mistake; one that is wrong is a problem of code BadMap that names line and column.
func Read(dir, home string) (Config, error) {
	c := silent("")
	if dir == "" {
		return c, nil
	}
	file := Path(dir)
	data, _, err := paths.ReadRegular(file, maxSize)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	c.Path = file
	switch {
	case errors.Is(err, paths.ErrNotRegular):
		return c, problem.New(problem.BadMap, "%s is not a regular file", file).Because(err)
	case errors.Is(err, paths.ErrTooLarge):
		return c, problem.New(problem.BadMap, "%s is larger than 1 MiB", file).Because(err)
	case err != nil:
		return c, problem.New(problem.BadMap, "%s cannot be read: %v", file, paths.Cause(err)).Because(err)
	}
	err = c.take(data, home)
	return c, err
}

// take decodes the file's content.
func (c *Config) take(data []byte, home string) error {
	if saysNothing(data) {
		return nil
	}
	doc, top := strictyaml.Parse(c.Path, data)
	if err := doc.Err(); err != nil {
		return err
	}
	d := decoder{home: home, config: c}
	d.decode(top)
	return doc.Err()
}

// silent is what a file says that says nothing.
func silent(path string) Config { return Config{Path: path, Cache: "auto", Prompt: "never"} }

// RefuseInside is nil unless the file lies inside repository, the physical top of the one that is judged ("" for none):
// a repository must not bring the user's own word. It is then a problem of code NotTrusted.
func (c Config) RefuseInside(repository string) error {
	if c.Path == "" || repository == "" {
		return nil
	}
	// Both are asked: a link in the repository would let it choose among the user's files, and a link that leads into it
	// would let it write this one.
	for _, p := range []string{c.Path, filepath.Dir(c.Path)} {
		if real, err := filepath.EvalSymlinks(p); err != nil || paths.Contains(repository, real) {
			return problem.New(problem.NotTrusted, "your own file %s does not count, since it lies inside the repository %s", c.Path, repository).
				WithHint("set XDG_CONFIG_HOME to a directory outside the repository")
		}
	}
	return nil
}

// saysNothing tells whether data is empty apart from comments and document marks: what is left when all is commented out.
func saysNothing(data []byte) bool {
	for line := range bytes.Lines(data) {
		line = bytes.TrimSpace(line)
		if len(line) > 0 && line[0] != '#' && string(line) != "---" {
			return false
		}
	}
	return true
}
