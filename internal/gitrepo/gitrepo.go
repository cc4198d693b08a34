// Package gitrepo tells what git's own files say of a checkout: its top, its origin, its branch.
//
// It never runs git: the repository is hostile, and git obeys its configuration. Every file is read once, must be regular and
// may have 1 MiB.
package gitrepo

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

const maxFile = 1 << 20

// IsTop tells whether dir holds a .git: a directory, the file of a worktree or submodule, or a symlink to either. What .git
// contains is not looked at, so an empty one counts too: a search that should end at a repository then ends early, never late.
func IsTop(dir string) bool {
	info, err := os.Lstat(filepath.Join(dir, ".git"))
	if err != nil {
		return false
	}
	kind := info.Mode().Type()
	return kind == 0 || kind == fs.ModeDir || kind == fs.ModeSymlink
}

// Checkout is one working tree and the directories where git keeps its own files.
type Checkout struct {
	top       string
	gitDir    string // HEAD: of this working tree
	commonDir string // config and refs: of all worktrees of the repository
}

// Open follows the .git of top, but not to another machine. The error is a *problem.Error that names the file.
func Open(top string) (*Checkout, error) {
	gitDir := filepath.Join(top, ".git")
	if err := stay(gitDir, top); err != nil {
		return nil, err
	}
	info, err := os.Stat(gitDir)
	if err != nil {
		return nil, unreadable(gitDir, err)
	}
	c := &Checkout{top: top}
	if !info.IsDir() {
		text, err := c.read(gitDir)
		if err != nil {
			return nil, err
		}
		target, ok := strings.CutPrefix(firstLine(text), "gitdir: ") // gitrepository-layout(5)
		if !ok || target == "" {
			return nil, problem.New(problem.Failure, `%s does not say "gitdir: …"`, gitDir)
		}
		if otherMachine(target, top) {
			return nil, elsewhere(gitDir)
		}
		gitDir = absolute(top, target)
	}
	c.gitDir, c.commonDir = gitDir, gitDir
	if err := c.findCommonDir(); err != nil {
		return nil, err
	}
	return c, nil
}

// findCommonDir follows the commondir of a worktree. Its text is not quoted: it may be a symlink to any file.
func (c *Checkout) findCommonDir() error {
	file := filepath.Join(c.gitDir, "commondir")
	text, err := c.readIfThere(file)
	if err != nil || firstLine(text) == "" {
		return err
	}
	target := firstLine(text)
	if otherMachine(target, c.top) {
		return elsewhere(file)
	}
	c.commonDir = absolute(c.gitDir, target)
	if err := stay(c.commonDir, c.top); err != nil {
		return elsewhere(file).Because(err)
	}
	if info, err := os.Stat(c.commonDir); err != nil || !info.IsDir() {
		return problem.New(problem.Failure, "%s names no directory", file)
	}
	return nil
}

// Branch is the branch that is checked out, "" where HEAD is detached. Without a HEAD that can be read it is an error.
func (c *Checkout) Branch() (string, error) {
	text, err := c.read(filepath.Join(c.gitDir, "HEAD"))
	branch := refBelow("refs/heads/", text)
	if branch == ".invalid" { // what HEAD holds where refs are kept in a reftable
		branch = ""
	}
	return branch, err
}

// DefaultBranch is the branch that origin had checked out when it was cloned, or when git remote set-head was last run; "" where
// no file says so: git init and git remote add write none, and CI's checkouts often don't.
func (c *Checkout) DefaultBranch() (string, error) {
	const remote = "refs/remotes/origin/"
	text, err := c.readIfThere(filepath.Join(c.commonDir, filepath.FromSlash(remote), "HEAD"))
	return refBelow(remote, text), err
}

// Origin is the URL of the remote named origin as .git/config has it, "" where there is none. It may hold a password: don't
// print it. Included files and url.*.insteadOf don't count.
func (c *Checkout) Origin() (string, error) {
	text, err := c.readIfThere(filepath.Join(c.commonDir, "config"))
	return originURL(text), err
}

// refBelow is the name behind prefix in the text of a symbolic ref (gitrepository-layout(5)), or "".
func refBelow(prefix, text string) string {
	target, ok := strings.CutPrefix(firstLine(text), "ref:")
	if !ok {
		return ""
	}
	name, ok := strings.CutPrefix(strings.TrimSpace(target), prefix)
	if !ok {
		return ""
	}
	return name
}

func absolute(base, path string) string {
	path = filepath.FromSlash(path)
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(base, path)
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return strings.TrimRight(line, "\r \t")
}

func (c *Checkout) read(path string) (string, error) {
	if err := stay(path, c.top); err != nil {
		return "", err
	}
	data, _, err := paths.ReadRegular(path, maxFile)
	if err != nil {
		return "", unreadable(path, err)
	}
	return string(data), nil
}

func (c *Checkout) readIfThere(path string) (string, error) {
	text, err := c.read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return text, err
}

func unreadable(path string, err error) error {
	cause := paths.Cause(err)
	switch {
	case errors.Is(err, paths.ErrNotRegular):
		cause = paths.ErrNotRegular
	case errors.Is(err, paths.ErrTooLarge):
		cause = paths.ErrTooLarge
	}
	return problem.New(problem.Failure, "cannot read %s: %v", path, cause).Because(err)
}
