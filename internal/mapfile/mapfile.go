// Package mapfile finds the role map of a directory and reads it once, without being fooled by what a hostile repository puts
// in its place.
package mapfile

import (
	"io/fs"
	"path/filepath"
	"runtime"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// How tells by which rule a map was found.
type How int

const (
	Found       How = iota // in the directory, or above it
	Named                  // by --map or WHICHROLE_MAP
	ByDirectory            // by an entry of repositories: that names a directory
	ByRemote               // by an entry of repositories: that names a git remote
)

// ByUser tells that an entry of the user's file names the map: that also says where its patterns count from.
func (h How) ByUser() bool { return h == ByDirectory || h == ByRemote }

// String is for explain.
func (h How) String() string {
	return [...]string{
		"found in the directory or above it", "named by --map or WHICHROLE_MAP",
		"named for this directory under repositories:", "named for this remote under repositories:",
	}[h]
}

// Repository is one entry of the user's repositories: exactly one of Dir and Remote is set, and Map, the file kept elsewhere.
// Dir and Map are absolute.
type Repository struct{ Dir, Remote, Map string }

// Search is the question.
type Search struct {
	Dir          string       // the directory that is asked about; absolute, symlinks need not be resolved
	Home         string       // the user's home; "" where there is none
	Named        string       // --map or WHICHROLE_MAP, "" for none; a relative one counts from Dir
	Repositories []Repository // of the user's file
}

// File is a role map and how the asked directory stands to it. All paths but Dir are absolute and physical.
type File struct {
	// Path is the map in its directory, whose symlinks are resolved. It is what trust goes by: where the map itself is a symlink
	// inside its repository, Path is the link, since patterns count from there.
	Path string
	// Root is the directory that patterns count from.
	Root string
	// Dir is the asked directory from Root, after the cut at .terragrunt-cache: slash-separated, "." for Root itself.
	Dir string
	// Physical is the asked directory, not cut: Terraform's own files lie there.
	Physical string
	// Top is the top of the git repository that Dir belongs to, "" where there is none.
	Top       string
	Terrateam bool // a .terrateam/config.yml
	How       How
	Data      []byte
	Info      fs.FileInfo // of the file that was read: owner and mode are those of Data

	Policies []Policy // that ReadPolicy has read

	base string // nothing that belongs to the map may be read from outside of it
}

// Find finds the map for s.Dir and reads it. Errors are *problem.Error: NoEnvironment where there is no map, BadMap where there is
// something that is not one.
func Find(s Search) (*File, error) {
	p, err := locate(s)
	if err != nil {
		return nil, err
	}
	f, err := p.find(s)
	if err != nil {
		return nil, err
	}
	if !paths.Contains(f.Root, p.dir) {
		return nil, problem.New(problem.NoEnvironment, "%s lies outside of %s, which the patterns of %s count from", p.dir, f.Root, f.Path).
			WithHint("a map inside a repository serves its own directory and those below; kept outside, it serves the repository")
	}
	f.Dir, f.Physical, f.Top = relative(f.Root, p.dir), p.physical, p.top
	return f, nil
}

func (p *place) find(s Search) (*File, error) {
	if s.Named != "" {
		path := s.Named
		if !filepath.IsAbs(path) {
			path = filepath.Join(s.Dir, path)
		}
		return p.named(path)
	}
	f, err := p.fromUserFile(s.Repositories)
	if f != nil || err != nil {
		return f, err
	}
	return p.search()
}

// relative is dir from root. macOS opens Production where the directory is called production: there each name is looked up, for
// a pattern that is missed gives the role of a directory above.
func relative(root, dir string) string {
	rel, err := filepath.Rel(root, dir)
	if err != nil {
		return "."
	}
	if runtime.GOOS == "darwin" {
		rel = asOnDisk(root, rel)
	}
	return filepath.ToSlash(rel)
}
