package gitrepo

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"whichrole/internal/problem"
)

const maxLinks = 40 // as Linux has it

// otherMachine tells whether Windows would ask a machine other than top's for target: that hands it a hash of the user's
// password (NTLM), and a repository may name any machine. Device paths (\\?\, \\.\, \??\) hide what they lead to, so they
// count as one. Every system refuses what one of them must.
func otherMachine(target, top string) bool {
	host := machine(target)
	return host != "" && (strings.Trim(host, "?.") == "" || !strings.EqualFold(host, machine(top)))
}

// machine is the first name of a UNC path: "?" where none can be told, "" where path is none.
func machine(path string) string {
	path = strings.ReplaceAll(path, `\`, "/")
	if strings.HasPrefix(path, "/??/") {
		return "?"
	}
	rest, unc := strings.CutPrefix(path, "//")
	if !unc {
		return ""
	}
	host, _, _ := strings.Cut(rest, "/")
	if host == "" {
		return "?"
	}
	return host
}

// stay refuses to follow path where a symlink on it leads to another machine. Only Windows has such symlinks.
func stay(path, top string) error {
	if runtime.GOOS != "windows" {
		return nil
	}
	return followed(path, top)
}

// followed follows path as opening it would, but looks at each symlink before it is taken. What cannot be looked at is left
// for the opening to report.
func followed(path, top string) error {
	at, rest := split(path)
	for links := 0; len(rest) > 0; {
		next := filepath.Join(at, rest[0])
		info, err := os.Lstat(next)
		if err != nil {
			return nil
		}
		rest = rest[1:]
		if info.Mode()&fs.ModeSymlink == 0 {
			at = next
			continue
		}
		target, err := os.Readlink(next)
		if links++; err != nil || links > maxLinks || otherMachine(target, top) {
			return problem.New(problem.Failure, "%s is not followed: it leads to another machine", next).Because(err)
		}
		if target != "" && os.IsPathSeparator(target[0]) {
			target = filepath.Join(filepath.VolumeName(next)+string(filepath.Separator), target)
		}
		if filepath.IsAbs(target) {
			var names []string
			at, names = split(target)
			rest = append(names, rest...)
			continue
		}
		rest = append(strings.Split(filepath.Clean(target), string(filepath.Separator)), rest...)
	}
	return nil
}

// split is the root that an absolute path begins with, and the names below it.
func split(path string) (root string, names []string) {
	root = filepath.VolumeName(path) + string(filepath.Separator)
	rest := strings.Trim(filepath.Clean(path)[len(filepath.VolumeName(path)):], string(filepath.Separator))
	if rest == "" {
		return root, nil
	}
	return root, strings.Split(rest, string(filepath.Separator))
}
