package trust

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// PathsVariable is the environment variable that adds trusted paths, separated like those of PATH.
const PathsVariable = "WHICHROLE_TRUSTED_PATHS"

// ParseTrustedPaths joins the user's file's list with the value of PathsVariable. Each path must be absolute and cannot be
// the root: else the problem (of code BadMap for the file, Usage for the variable) names file or the variable.
func ParseTrustedPaths(file string, list []string, variable string) ([]string, error) {
	var all []string
	for _, p := range list {
		if why := unusable(p); why != "" {
			return nil, problem.New(problem.BadMap, "%s: trusted_paths: %q %s", file, p, why)
		}
		all = append(all, filepath.Clean(p))
	}
	if variable == "" {
		return all, nil
	}
	for _, p := range filepath.SplitList(variable) {
		if why := unusable(p); why != "" {
			return nil, problem.New(problem.Usage, "%s: %q %s", PathsVariable, p, why)
		}
		all = append(all, filepath.Clean(p))
	}
	return all, nil
}

// unusable is why p cannot be a trusted path, "" when it can.
func unusable(p string) string {
	switch {
	case p == "":
		return "is empty, and would trust every map"
	case !filepath.IsAbs(p):
		return "is not an absolute path"
	case isRoot(filepath.Clean(p)):
		return "would trust every map"
	}
	return ""
}

func isRoot(p string) bool { return filepath.Dir(p) == p }

// trustedBy is the trusted path that covers sub, or "" and why those that contain its map don't cover it.
func (s Store) trustedBy(sub Subject) (path, why string) {
	if sub.Checkout != "" {
		return "", "" // the map may lie in a good place; that this checkout may use it is what nobody has said
	}
	var reasons []string
	for _, trusted := range s.TrustedPaths {
		real, err := filepath.EvalSymlinks(trusted)
		if err != nil || unusable(real) != "" || !paths.Contains(real, sub.Path) {
			continue
		}
		reason := s.uncovered(real, sub)
		if reason == "" {
			return trusted, ""
		}
		reasons = append(reasons, fmt.Sprintf("the trusted path %s does not cover it, since %s", trusted, reason))
	}
	return "", strings.Join(reasons, "; ")
}

// uncovered is why trusted, which contains sub's map, does not cover it, "" when it does. It judges every file that the
// meaning was read from, and every symlink on the way there: who may turn one of them decides what the map says.
func (s Store) uncovered(trusted string, sub Subject) string {
	for _, f := range append([]File{{Path: sub.Path, Info: sub.Info}}, sub.Files...) {
		it := func(p string) string {
			if p == sub.Path {
				return "it"
			}
			return p
		}
		var passed []string
		end, err := paths.Resolve(f.Path, func(link, _ string) error { passed = append(passed, link); return nil })
		if err != nil {
			return fmt.Sprintf("%s cannot be checked: %v", f.Path, paths.Cause(err))
		}
		for _, p := range append(passed, end) {
			if reason := s.misplaced(trusted, p, it(p)); reason != "" {
				return reason
			}
		}
		if reason := foreign(end, it(end), f.Info); reason != "" {
			return reason
		}
	}
	return ""
}

// foreign is why the bytes read from path, which info describes, could be somebody else's, "" when they can't.
func foreign(path, it string, info fs.FileInfo) string {
	if info == nil || paths.OwnedByOther(info) {
		return it + " is owned by somebody else"
	}
	if paths.WritableByOthers(info) {
		return it + " is writable by others: chmod go-w " + problem.Quote(path)
	}
	if now, err := os.Lstat(path); err != nil || !os.SameFile(now, info) {
		return it + " was replaced while it was read"
	}
	return ""
}

// misplaced is why trusted does not cover what lies at path, which is physical, "" when it does. A link's own mode says
// nothing, but in a sticky directory its owner may turn it.
func (s Store) misplaced(trusted, path, it string) string {
	dir := filepath.Dir(path)
	if !paths.Contains(trusted, dir) {
		return it + " lies outside of it"
	}
	if fetched := fetchedBelow(dir); fetched != "" {
		return it + " lies below " + fetched
	}
	if inner, outer := s.nested(trusted, dir); inner != "" {
		return fmt.Sprintf("%s lies in the repository %s inside the repository %s", it, inner, outer)
	}
	if info, err := os.Lstat(path); err != nil || paths.OwnedByOther(info) {
		return it + " is owned by somebody else"
	}
	return exposedUpTo(trusted, dir)
}

// nested is the repository of dir where it lies inside another, and that other; "" where it doesn't. A repository inside a
// repository is somebody else's word, unless trusted names that very one. A user who keeps HOME in git has brought nothing
// into ~/work by that: such a repository above trusted does not count.
func (s Store) nested(trusted, dir string) (inner, outer string) {
	repos := repositories(dir)
	if len(repos) < 2 || paths.Contains(repos[0], trusted) {
		return "", ""
	}
	for _, r := range repos[1:] {
		if paths.Contains(trusted, r) || s.Home == "" || !paths.Contains(r, resolve(s.Home)) {
			return repos[0], r
		}
	}
	return "", ""
}

// exposedUpTo is why somebody else could change what lies in dir, "" when nobody can: who may write a directory from there
// up to trusted may put another map into it, or another directory in its place.
func exposedUpTo(trusted, dir string) string {
	for {
		info, err := os.Lstat(dir)
		if err != nil {
			return fmt.Sprintf("the directory %s cannot be checked: %v", dir, paths.Cause(err))
		}
		if reason := exposed(dir, info); reason != "" {
			return reason
		}
		parent := filepath.Dir(dir)
		if parent == dir || !paths.Contains(trusted, parent) {
			return ""
		}
		dir = parent
	}
}

// exposed is why somebody else could put files into dir or take its place, "" when nobody can. In a sticky directory nobody
// can touch what is owned by others.
func exposed(dir string, info fs.FileInfo) string {
	if paths.OwnedByOther(info) {
		return fmt.Sprintf("the directory %s is owned by somebody else", dir)
	}
	if paths.WritableByOthers(info) && info.Mode()&fs.ModeSticky == 0 {
		return fmt.Sprintf("the directory %s is writable by others: chmod go-w %s", dir, problem.Quote(dir))
	}
	return ""
}

// fetchedBelow is the first segment of dir that a tool fills with other people's files, "" when there is none. Some file
// systems don't tell capitals from small letters.
func fetchedBelow(dir string) string {
	for segment := range strings.SplitSeq(filepath.ToSlash(dir), "/") {
		for _, fetched := range []string{".terraform", ".terragrunt-cache", "node_modules"} {
			if strings.EqualFold(segment, fetched) {
				return segment
			}
		}
	}
	return ""
}

// repositories are the directories from dir upwards that hold a .git, innermost first.
func repositories(dir string) (tops []string) {
	for top := repository(dir); top != ""; top = repository(filepath.Dir(top)) {
		tops = append(tops, top)
		if isRoot(top) {
			break
		}
	}
	return tops
}

// repository is the first directory from dir upwards that holds a .git, a directory or a file; "" for none. What cannot be
// looked at counts as one.
func repository(dir string) string {
	for {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); !errors.Is(err, fs.ErrNotExist) {
			return dir
		}
		if isRoot(dir) {
			return ""
		}
		dir = filepath.Dir(dir)
	}
}
