package paths

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

const maxLinks = 40 // as Linux has it

// Resolve follows path, which is absolute, as opening it would, and returns the physical path of what it leads to. Before a
// symlink is taken, visit learns its physical path and what it says; an error of visit ends the walk and is returned.
func Resolve(path string, visit func(link, target string) error) (string, error) {
	at, rest := split(path)
	for links := 0; len(rest) > 0; {
		next := filepath.Join(at, rest[0])
		info, err := os.Lstat(next)
		if err != nil {
			return "", err
		}
		rest = rest[1:]
		if info.Mode()&fs.ModeSymlink == 0 {
			at = next
			continue
		}
		target, err := os.Readlink(next)
		if err != nil {
			return "", err
		}
		if links++; links > maxLinks {
			return "", &fs.PathError{Op: "open", Path: path, Err: syscall.ELOOP}
		}
		if err := visit(next, target); err != nil {
			return "", err
		}
		names := strings.Split(filepath.FromSlash(target), string(filepath.Separator)) // not cleaned: a/.. is above where a leads
		switch {
		case filepath.IsAbs(target):
			at, names = split(target)
		case target != "" && os.IsPathSeparator(target[0]): // on Windows, from the top of this volume
			at, names = split(filepath.VolumeName(next) + target)
		}
		rest = append(names, rest...)
	}
	return at, nil
}

// split is the root that an absolute path begins with, and the names below it.
func split(path string) (root string, names []string) {
	path = filepath.FromSlash(path)
	volume := filepath.VolumeName(path)
	return volume + string(filepath.Separator), strings.Split(path[len(volume):], string(filepath.Separator))
}
