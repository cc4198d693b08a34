package mapfile

import (
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"whichrole/internal/problem"
)

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
