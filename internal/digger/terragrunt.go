package digger

import (
	"path"
	"strings"

	"whichrole/internal/found"
	"whichrole/internal/looseyaml"
)

// terragrunt gives roles to the units below root, which is a directory or a glob. n is the block, or the parsing itself.
func (b *reading) terragrunt(n, parsing, root looseyaml.Node, r roles) {
	for _, key := range []string{"projectHclFiles", "useProjectMarkers", "createHclProjectChilds", "filterPath", "filterPaths"} {
		if at := parsing.Get(key); isSet(at) {
			b.miss(at, "%s: which directories digger makes projects of is not read", key)
			return
		}
	}
	text, ok := root.Word()
	pattern := strings.TrimPrefix(path.Join("/", text), "/")
	if root.Exists() && !root.IsNull() && !ok || strings.Contains(pattern, "**") || strings.ContainsAny(pattern, `{}\`) || !found.Valid(pattern) {
		b.miss(root, "which directories this is about is not read")
		return
	}
	name, _ := n.Get("block_name").Word()
	for _, m := range b.repo.Modules {
		if m.Kind != "terragrunt" && m.Unit == nil {
			continue
		}
		inside := b.within(pattern, m.Dir)
		if b.globs.Spent() {
			b.miss(n, tooMany)
			return
		}
		if inside {
			b.give(n, spot{m.Dir, "default"}, name, r)
		}
	}
}

// isSet tells whether a switch is on, or a list or text has something in it.
func isSet(n looseyaml.Node) bool {
	if value, ok := n.Bool(); ok {
		return value
	}
	return len(n.Items()) > 0 || isText(n) && !n.IsList()
}

// within tells whether a directory, or one that it lies in, is what the pattern says; "" is the root. A star stays in its
// segment, so that only a directory of as many segments can be.
func (b *reading) within(pattern, dir string) bool {
	if pattern == "" {
		return true
	}
	part, ok := head(dir, strings.Count(pattern, "/")+1)
	return ok && b.globs.Match(pattern, part)
}

// head is the first so many segments of a path, if it has them.
func head(dir string, segments int) (string, bool) {
	for i := range len(dir) {
		if dir[i] == '/' {
			if segments--; segments == 0 {
				return dir[:i], true
			}
		}
	}
	return dir, segments == 1
}
