package mapfile

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"whichrole/internal/gitrepo"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// place is where the question is asked from, and where its answer may lie.
type place struct {
	physical string   // symlinks resolved
	dir      string   // physical, cut at the outermost .terragrunt-cache
	home     string   // symlinks resolved, or ""
	searched []string // the directories that may hold a map: dir first, upward; none where dir itself is never searched
	top      string   // git's top, or ""
	end      string   // why the search ends with the last of searched, in words
}

func locate(s Search) (*place, error) {
	if !filepath.IsAbs(s.Dir) {
		return nil, problem.New(problem.Failure, "directory %q is not absolute", s.Dir)
	}
	physical, err := filepath.EvalSymlinks(s.Dir)
	if err != nil {
		return nil, problem.New(problem.Usage, "cannot enter %s: %v", s.Dir, paths.Cause(err)).Because(err)
	}
	p := &place{physical: physical, dir: Cut(physical)}
	if s.Home != "" {
		p.home = filepath.Clean(s.Home)
		if home, err := filepath.EvalSymlinks(s.Home); err == nil {
			p.home = home
		}
	}
	p.end, err = p.climb(func(dir string) string {
		p.searched = append(p.searched, dir)
		if gitrepo.IsTop(dir) {
			p.top = dir
			return "the repository's top"
		}
		return ""
	})
	return p, err
}

// Cut is what stands before the outermost .terragrunt-cache: below it lie copies of repositories. dir is absolute and clean.
func Cut(dir string) string {
	const sep = string(filepath.Separator)
	before, _, found := strings.Cut(dir+sep, sep+".terragrunt-cache"+sep)
	if !found {
		return dir
	}
	return filepath.Clean(before + sep)
}

// climb visits p.dir and the directories above it that may be searched, until visit returns a reason to end. It returns that
// reason, or its own.
func (p *place) climb(visit func(dir string) string) (end string, err error) {
	dir := p.dir
	info, err := os.Lstat(dir)
	if err == nil && !info.IsDir() {
		err = errors.New("not a directory")
	}
	for err == nil {
		if why := p.never(dir, info); why != "" {
			return dir + " is never searched: " + why, nil
		}
		if end := visit(dir); end != "" {
			return end, nil
		}
		if dir == p.home {
			return "the home directory", nil
		}
		parent := filepath.Dir(dir)
		var above fs.FileInfo
		above, err = os.Lstat(parent)
		if err == nil && !paths.SameDevice(info, above) {
			return "the top of its file system", nil
		}
		dir, info = parent, above
	}
	return "", problem.New(problem.Usage, "cannot enter %s: %v", dir, paths.Cause(err)).Because(err)
}

// shared are directories that everybody may write to, should their mode not tell.
var shared = []string{"/tmp", "/var/tmp", "/dev/shm", "/private/tmp", "/private/var/tmp"}

// never tells why a map in dir would not be obeyed, or "": others could have put it there.
func (p *place) never(dir string, info fs.FileInfo) string {
	switch {
	case filepath.Dir(dir) == dir:
		return "it is the root directory"
	case slices.Contains(shared, dir) || info.Mode()&fs.ModeSticky != 0 && info.Mode().Perm()&0o002 != 0:
		return "everybody may write there"
	case p.home != "" && dir != p.home && paths.Contains(dir, p.home):
		return "it lies above the home directory"
	}
	return ""
}

// tops are the tops of all git repositories that p.dir lies in, the nearest first.
func (p *place) tops() []string {
	if p.top == "" {
		return nil
	}
	var tops []string
	p.climb(func(dir string) string { // the same way went well in locate; what can't be seen now is no top
		if gitrepo.IsTop(dir) {
			tops = append(tops, dir)
		}
		return ""
	})
	return tops
}

// nothing is the error for a place without a map.
func (p *place) nothing() error {
	const names = mapName + " or " + terrateamDir + "/" + terrateamName
	e := problem.New(problem.NoEnvironment, "no role map for %s: %s", p.dir, p.end)
	if n := len(p.searched); n == 1 {
		e = problem.New(problem.NoEnvironment, "no role map: there is no %s in %s (%s)", names, p.dir, p.end)
	} else if n > 1 {
		e = problem.New(problem.NoEnvironment, "no role map: there is no %s from %s up to %s (%s)", names, p.dir, p.searched[n-1], p.end)
	}
	e.Err = problem.ErrNowhere
	if p.isTerragruntCopy() {
		return e.WithHint("terragrunt works in a copy of the repository: set WHICHROLE_DIR to the directory of the terragrunt.hcl")
	}
	if p.home != "" && paths.Contains(p.dir, p.home) {
		return e.WithHint("a program that was started here asks from here (an IDE?): start it in the repository, or set WHICHROLE_DIR for it")
	}
	if len(p.searched) == 0 { // where init would write none, either
		return e.WithHint("cd to your repository")
	}
	return e.WithHint("whichrole init -C %s", problem.Quote(cmp.Or(p.top, p.dir)))
}

// isTerragruntCopy tells whether terragrunt made this directory. With TG_DOWNLOAD_DIR or --download-dir its name says nothing, but
// terragrunt leaves a manifest of what it copied.
func (p *place) isTerragruntCopy() bool {
	if p.dir != p.physical {
		return true
	}
	_, err := os.Lstat(filepath.Join(p.physical, ".terragrunt-module-manifest"))
	return err == nil
}
