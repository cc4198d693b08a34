package mapfile

import (
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"whichrole/internal/problem"
)

// Beside is a Terrateam configuration beside a map that says import: terrateam: the absolute path that it was opened by, what it
// holds, and what was opened.
type Beside struct {
	Path string
	Data []byte
	Info fs.FileInfo
}

// ReadBeside reads the .terrateam/config.yml, or .yaml, in the map's directory. It is read like a map that the search finds there:
// a regular file of at most 1 MiB, which no symlink takes out of the repository, or out of the map's directory where there is none.
// Errors are BadMap, also where there is no such file, or both.
func (f *File) ReadBeside() (*Beside, error) {
	dir, base := filepath.Dir(f.Path), f.base
	if base == "" {
		base = dir
	}
	name, err := terrateamIn(base, dir)
	if err != nil {
		return nil, err
	}
	if name == "" {
		return nil, problem.New(problem.BadMap, "%s says import: terrateam, but there is no %s in %s", f.Path, terrateamDir+"/"+terrateamName, dir).
			WithHint("Terrateam's configuration lies beside the map that imports it; where there is none, remove that line")
	}
	found, err := readFound(base, dir, name)
	if err != nil {
		return nil, err
	}
	return &Beside{Path: found.Path, Data: found.Data, Info: found.Info}, nil
}

// Policy is a policy file that was read: the absolute path that it was opened by, in which symlinks are not resolved, and what
// was opened.
type Policy struct {
	Path string
	Info fs.FileInfo
}

// ReadPolicy reads a policy file below the map's directory and adds it to f.Policies: rel is slash-separated, without "..", and
// what it names must be a regular file of at most 20 KiB that no symlink takes out of that directory. Errors are BadMap.
func (f *File) ReadPolicy(rel string) ([]byte, error) {
	local := filepath.FromSlash(rel)
	climbs := slices.Contains(strings.FieldsFunc(rel, func(r rune) bool { return r == '/' || r == filepath.Separator }), "..")
	if climbs || !filepath.IsLocal(local) {
		return nil, problem.New(problem.BadMap, `policy file %q must be a path below the map's directory, without ".."`, rel)
	}
	dir := filepath.Dir(f.Path)
	path := filepath.Join(dir, local)
	data, info, err := readInside(dir, path, maxPolicy)
	if err == nil {
		f.Policies = append(f.Policies, Policy{Path: path, Info: info})
	}
	return data, err
}
