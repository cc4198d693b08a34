package mapfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

const (
	mapName, mapNameShort             = ".whichrole.yaml", ".whichrole.yml"
	terrateamDir                      = ".terrateam"
	terrateamName, terrateamNameShort = "config.yml", "config.yaml"
)

// search looks for the nearest .whichrole.yaml and, only where there is none at all, for Terrateam's configuration. In a repository
// that is the one at its top, as for Terrateam itself: whoever may write a directory must not write the roles of it, and a vendored
// one must not hide the repository's.
func (p *place) search() (*File, error) {
	for _, dir := range p.searched {
		name, err := oneOf(dir, "", mapName, mapNameShort, os.Lstat)
		if err != nil {
			return nil, err
		}
		if name != "" {
			return readFound(p.baseOf(dir), dir, name)
		}
	}
	for _, dir := range p.searched {
		if p.top != "" && dir != p.top {
			continue
		}
		name, err := terrateamIn(p.baseOf(dir), dir)
		if err != nil {
			return nil, err
		}
		if name != "" {
			return readFound(p.baseOf(dir), dir, name)
		}
	}
	return nil, p.nothing()
}

// baseOf is what a symlink in dir must not leave: the repository, or dir itself where there is none.
func (p *place) baseOf(dir string) string {
	if p.top != "" {
		return p.top
	}
	return dir
}

// terrateamIn is the name of dir's Terrateam configuration, from dir, or "". It looks through an os.Root, for .terrateam may be a
// symlink, and following that can mean to ask another machine.
func terrateamIn(base, dir string) (string, error) {
	if _, err := os.Lstat(filepath.Join(dir, terrateamDir)); errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	root, err := os.OpenRoot(base)
	if err != nil {
		return "", wrong(base, base, nil, err)
	}
	defer root.Close()
	lstat := func(path string) (os.FileInfo, error) {
		rel, err := filepath.Rel(base, path)
		if err != nil {
			return nil, err
		}
		info, err := root.Lstat(rel)
		if errors.Is(err, syscall.ENOTDIR) { // .terrateam is a file
			err = os.ErrNotExist
		}
		return info, err
	}
	return oneOf(dir, terrateamDir, terrateamName, terrateamNameShort, lstat)
}

// oneOf is which of two names of one thing lies in dir/sub, from dir; "" for neither. Both at once are a mistake.
func oneOf(dir, sub, a, b string, lstat func(string) (os.FileInfo, error)) (string, error) {
	found := ""
	for _, name := range []string{a, b} {
		path := filepath.Join(dir, sub, name)
		_, err := lstat(path)
		switch {
		case errors.Is(err, os.ErrNotExist):
		case err != nil:
			return "", wrong(path, dir, nil, err)
		case found != "":
			return "", problem.New(problem.BadMap, "both %s and %s are in %s", a, b, filepath.Join(dir, sub)).
				WithHint("keep one of them")
		default:
			found = filepath.Join(sub, name)
		}
	}
	return found, nil
}

// fromUserFile reads the map that an entry of repositories: names for p. A nil File means that there is no such entry.
func (p *place) fromUserFile(repositories []Repository) (*File, error) {
	entries := make([]Entry, 0, len(repositories))
	for _, r := range repositories {
		entries = append(entries, Entry{Dir: r.Dir, Remote: r.Remote, Value: r.Map})
	}
	c, err := p.choose("repositories:", entries)
	if c == nil || err != nil {
		return nil, err
	}
	f, err := p.readNamed(c.value)
	if err != nil {
		return nil, err
	}
	f.How, f.Root = c.how, c.root
	return f, nil
}

// named reads the map that --map or WHICHROLE_MAP names.
func (p *place) named(path string) (*File, error) {
	f, err := p.readNamed(path)
	if e, ok := errors.AsType[*problem.Error](err); ok && errors.Is(err, fs.ErrNotExist) {
		return nil, e.WithHint("--map or WHICHROLE_MAP names it")
	}
	if err != nil {
		return nil, err
	}
	f.How = Named
	f.Root = p.rootOf(f)
	return f, nil
}

// rootOf is what the patterns of a map count from that the user named for no directory in particular.
//
//   - A map inside the asked directory's repository counts from its own directory, as if it had been found there.
//   - So does one of an outer repository that encloses both: Terraform in a submodule is still below live/prod of the whole.
//   - Any other counts from git's top. Without git only a map above the asked directory has something to count from; else the
//     directory is taken as the root, so that only "." and "**" match, and --env.
func (p *place) rootOf(f *File) string {
	dir := mapDir(f.Path)
	inside := f.base != "" && paths.Contains(dir, p.dir)
	switch {
	case p.top != "" && (f.base == p.top || inside):
		return dir
	case p.top != "":
		return p.top
	case paths.Contains(dir, p.dir):
		return dir
	}
	return p.dir
}

// mapDir is the directory that a map speaks for: its own, or for a Terrateam configuration the one that holds .terrateam.
func mapDir(path string) string {
	dir := filepath.Dir(path)
	if isTerrateam(path) {
		return filepath.Dir(dir)
	}
	return dir
}

func isTerrateam(path string) bool {
	name := filepath.Base(path)
	return filepath.Base(filepath.Dir(path)) == terrateamDir && (name == terrateamName || name == terrateamNameShort)
}
