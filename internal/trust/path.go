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
		reason := uncovered(real, sub)
		if reason == "" {
			return trusted, ""
		}
		reasons = append(reasons, fmt.Sprintf("the trusted path %s does not cover it, since %s", trusted, reason))
	}
	return "", strings.Join(reasons, "; ")
}

// uncovered is why trusted, which contains sub's map, does not cover it, "" when it does.
func uncovered(trusted string, sub Subject) string {
	dir := filepath.Dir(sub.Path)
	if fetched := fetchedBelow(dir); fetched != "" {
		return "it lies below " + fetched
	}
	// A repository inside a repository is somebody else's word, unless the trusted path names that very one.
	if repos := repositories(dir); len(repos) > 1 && !paths.Contains(repos[0], trusted) {
		return fmt.Sprintf("it lies in the repository %s inside the repository %s", repos[0], repos[1])
	}
	if sub.Info == nil || paths.OwnedByOther(sub.Info) {
		return "it is owned by somebody else"
	}
	if paths.WritableByOthers(sub.Info) {
		return "it is writable by others: chmod go-w " + problem.Quote(sub.Path)
	}
	// Who may write a directory may put another map into it, or another directory in its place.
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

// repositories are the directories from dir upwards that hold a .git, a directory or a file, innermost first. What cannot
// be looked at counts as one.
func repositories(dir string) []string {
	var tops []string
	for {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); !errors.Is(err, fs.ErrNotExist) {
			tops = append(tops, dir)
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return tops
		}
		dir = parent
	}
}
