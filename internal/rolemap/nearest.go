package rolemap

import (
	"cmp"
	"path"
	"strings"

	"whichrole/internal/problem"
)

// nearestDir finds the pattern that the user most likely meant: the longest beginning of dir is compared first. It is exact
// where dir begins like the pattern, which then wants more segments.
func (m *Map) nearestDir(dir string) (written string, exact bool) {
	byLength := map[int][]string{}
	full := map[string]string{}
	for _, e := range m.environments {
		for _, written := range e.Dirs {
			literal := literalPrefix(written)
			if literal == "" {
				continue
			}
			n := strings.Count(literal, "/")
			byLength[n] = append(byLength[n], literal)
			full[literal] = written
		}
	}
	for start := dir; start != "."; start = path.Dir(start) {
		if near := problem.Nearest(start, byLength[strings.Count(start, "/")]); near != "" {
			return full[near], near == start
		}
	}
	return "", false
}

// fromTheTop is the command that leads to an environment from the directory that patterns count from: into the first directory
// that is named as it is, else by the name of an environment, of one without directories before the others.
func (m *Map) fromTheTop() string {
	var anywhere, other string
	for _, e := range m.environments {
		for _, dir := range e.Dirs {
			if dir = path.Clean(dir); dir == literalPrefix(dir) && !strings.HasPrefix(dir, "-") {
				return "cd " + problem.Quote(dir)
			}
			other = cmp.Or(other, e.name)
		}
		if len(e.Dirs) == 0 {
			anywhere = cmp.Or(anywhere, e.name)
		}
	}
	return "whichrole -e " + cmp.Or(anywhere, other)
}

// literalPrefix is the part of a pattern before its first segment that is more than a name.
func literalPrefix(written string) string {
	var plain []string
	for segment := range strings.SplitSeq(path.Clean(written), "/") {
		if segment == "." || strings.ContainsAny(segment, "*?[{") {
			break
		}
		plain = append(plain, segment)
	}
	return strings.Join(plain, "/")
}
