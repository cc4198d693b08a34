package rolemap

import (
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
