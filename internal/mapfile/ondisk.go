package mapfile

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// asOnDisk spells rel the way the directories below root are really called, on a file system that opens other spellings too.
// A name that can't be looked up stays as it is.
func asOnDisk(root, rel string) string {
	if rel == "." {
		return rel
	}
	dir, names := root, strings.Split(rel, string(filepath.Separator))
	for i, name := range names {
		if entries, err := readNames(dir); err == nil {
			names[i] = spelling(dir, name, entries)
		}
		dir = filepath.Join(dir, names[i])
	}
	return filepath.Join(names...)
}

func readNames(dir string) ([]string, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Readdirnames(-1)
}

// spelling is the one of entries that name opens in dir.
func spelling(dir, name string, entries []string) string {
	if slices.Contains(entries, name) {
		return name
	}
	asked, err := os.Stat(filepath.Join(dir, name))
	if err != nil {
		return name
	}
	for _, entry := range entries {
		if info, err := os.Lstat(filepath.Join(dir, entry)); err == nil && os.SameFile(asked, info) {
			return entry
		}
	}
	return name
}
