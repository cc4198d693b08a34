package mapfile

import (
	"path/filepath"
	"slices"
	"strings"

	"whichrole/internal/gitrepo"
	"whichrole/internal/problem"
)

// ReadPolicy reads a policy file below the map's directory: rel is slash-separated, without "..", and what it names must be a
// regular file of at most 20 KiB that no symlink takes out of that directory. Errors are BadMap.
func (f *File) ReadPolicy(rel string) ([]byte, error) {
	local := filepath.FromSlash(rel)
	climbs := slices.Contains(strings.FieldsFunc(rel, func(r rune) bool { return r == '/' || r == filepath.Separator }), "..")
	if climbs || !filepath.IsLocal(local) {
		return nil, problem.New(problem.BadMap, `policy file %q must be a path below the map's directory, without ".."`, rel)
	}
	dir := filepath.Dir(f.Path)
	data, _, err := readInside(dir, filepath.Join(dir, local), maxPolicy)
	return data, err
}

// ReadTerrateam reads the .terrateam/config.yml (or .yaml) beside the map, for import: terrateam. Errors are BadMap.
func (f *File) ReadTerrateam() (path string, data []byte, err error) {
	dir := mapDir(f.Path)
	base := f.base
	if base == "" {
		base = dir
	}
	name, err := terrateamIn(base, dir)
	if err == nil && name == "" {
		err = problem.New(problem.BadMap, "there is no %s/%s to import in %s", terrateamDir, terrateamName, dir)
	}
	if err != nil {
		return "", nil, err
	}
	path = filepath.Join(dir, name)
	data, _, err = readInside(base, path, maxMap)
	return path, data, err
}

// Tops are the tops of all git repositories that the map lies in, the nearest first: more than one where its repository is nested
// in another. It looks at each directory up to the root.
func (f *File) Tops() []string {
	var tops []string
	for dir := filepath.Dir(f.Path); ; dir = filepath.Dir(dir) {
		if gitrepo.IsTop(dir) {
			tops = append(tops, dir)
		}
		if filepath.Dir(dir) == dir {
			return tops
		}
	}
}
