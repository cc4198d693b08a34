package mapfile

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

const (
	maxMap    = 1 << 20
	maxPolicy = 20 << 10
)

// readFound reads the map dir/name, which the search found. dir is physical.
func readFound(base, dir, name string) (*File, error) {
	data, info, err := readInside(base, filepath.Join(dir, name), maxMap)
	if err != nil {
		return nil, err
	}
	return newFile(base, dir, name, data, info)
}

// readNamed reads the map that the user named. He may keep it behind any symlink, but where its path leads through a repository
// around the asked directory, that repository's symlinks must not lead out of it.
func (p *place) readNamed(path string) (*File, error) {
	path = filepath.Clean(path)
	if !filepath.IsAbs(path) {
		return nil, problem.New(problem.BadMap, "the path of a role map must be absolute: %s", path)
	}
	base := ""
	for _, top := range p.tops() {
		if inner, ok := through(top, path); ok {
			base, path = top, inner
			break
		}
	}
	data, info, err := readInside(base, path, maxMap)
	if err != nil {
		return nil, err
	}
	dir, err := filepath.EvalSymlinks(mapDir(path))
	if err != nil {
		return nil, wrong(path, base, nil, err)
	}
	name, err := filepath.Rel(mapDir(path), path)
	if err != nil {
		return nil, wrong(path, base, nil, err)
	}
	return newFile(base, dir, name, data, info)
}

// through tells whether path leads through top, and then how it goes on from there: as top joined with the rest, in which symlinks
// are not resolved.
func through(top, path string) (inner string, ok bool) {
	var above []string // path and the directories above it
	for dir := path; ; dir = filepath.Dir(dir) {
		above = append(above, dir)
		if filepath.Dir(dir) == dir {
			break
		}
	}
	for _, dir := range slices.Backward(above) {
		physical, err := filepath.EvalSymlinks(dir)
		if err != nil {
			return "", false
		}
		if paths.Contains(top, physical) {
			return filepath.Join(physical, strings.TrimPrefix(path, dir)), true
		}
	}
	return "", false
}

// readInside reads path, which lies below base, and follows no symlink out of base. Without a base any symlink is followed.
func readInside(base, path string, limit int64) ([]byte, fs.FileInfo, error) {
	if base == "" {
		data, info, err := paths.ReadRegular(path, limit)
		if err != nil {
			return nil, nil, wrong(path, base, info, err)
		}
		return data, info, nil
	}
	rel, err := filepath.Rel(base, path)
	if err != nil {
		return nil, nil, wrong(path, base, nil, err)
	}
	root, err := os.OpenRoot(base)
	if err != nil {
		return nil, nil, wrong(path, base, nil, err)
	}
	defer root.Close()
	f, err := root.OpenFile(rel, paths.OpenFlags, 0)
	if err != nil {
		return nil, nil, wrong(path, base, nil, err)
	}
	defer f.Close()
	data, info, err := paths.ReadOpened(f, limit)
	if err != nil {
		return nil, nil, wrong(path, base, info, err)
	}
	return data, info, nil
}

// newFile is the map dir/name; dir is physical. What was read must still lie there, for trust judges by the path.
func newFile(base, dir, name string, data []byte, info fs.FileInfo) (*File, error) {
	path := filepath.Join(dir, name)
	if now, err := os.Stat(path); err != nil || !os.SameFile(now, info) {
		return nil, problem.New(problem.BadMap, "%s was replaced while it was read", path).Because(err)
	}
	return &File{Path: path, Terrateam: isTerrateam(path), Root: dir, Data: data, Info: info, base: base}, nil
}
