package tfaction

import (
	"path"
	"slices"
	"strings"

	"whichrole/internal/found"
	"whichrole/internal/looseyaml"
)

// group is an entry of target_groups.
type group struct {
	line    int
	text    string   // working_directory as it is written
	dir     string   // the directory that it names, "" where it names none
	special bool     // text has characters of globs
	globs   []string // where the groups are globs: doublestar's patterns, one of which must match
	unclear string   // what a directory begins with that it may match all the same
	broken  bool     // it may match any
	name    string   // of the GitHub environment
	says    *config
}

func (b *reading) group(n looseyaml.Node) *group {
	g := &group{line: n.Line(), says: b.config(rootFile, n), name: environment(n.Get("environment"))}
	dir := n.Get("working_directory")
	var ok bool
	if g.text, ok = dir.Word(); !ok {
		g.broken = true
		b.misses.Add(at(n), "a target group without a working_directory that can be read: what comes after it is not read")
		return g
	}
	g.line = dir.Line()
	g.special = strings.ContainsAny(g.text, "*?[{(")
	if !g.special {
		if g.dir = path.Clean(g.text); path.IsAbs(g.dir) || g.dir == ".." || strings.HasPrefix(g.dir, "../") {
			g.dir = ""
			b.misses.Add(at(dir), "working_directory leads out of the repository")
		}
	}
	return g
}

// environment is the name of a GitHub environment, which is a text or has one.
func environment(n looseyaml.Node) string {
	if n.IsMap() {
		n = n.Get("name")
	}
	text, _ := n.Word()
	if strings.ContainsRune(text, '$') { // an expression of GitHub's
		return ""
	}
	return text
}

// choose is the first group that a directory belongs to; nil for none, and where that depends on tfaction's version. That it
// does is no matter for a directory that nothing but a group names.
func (b *reading) choose(dir string, named bool) *group {
	if b.globbed {
		return b.chooseByGlob(dir)
	}
	var byDir, byText *group
	for _, g := range b.groups {
		if g.broken {
			break
		}
		if byDir == nil && g.dir != "" && (g.dir == dir || below(g.dir, dir)) {
			byDir = g
		}
		if byText == nil && strings.HasPrefix(dir, g.text) {
			byText = g
		}
	}
	if byText != nil && byText != byDir && !named {
		b.misses.Add(found.Origin{File: rootFile, Line: byText.line}, "working_directory is the beginning of a path up to tfaction 1, and a directory as of 2: where that differs nothing is read")
		return nil
	}
	return byDir
}

func (b *reading) chooseByGlob(dir string) *group {
	hidden := strings.HasPrefix(dir, ".") && dir != "." || strings.Contains(dir, "/.")
	for _, g := range b.groups {
		switch {
		case g.broken || g.unclear != "" && strings.HasPrefix("/"+dir, g.unclear):
			return nil
		case g.dir == dir || !hidden && slices.ContainsFunc(g.globs, func(glob string) bool { return b.matches(glob, dir) }):
			return g
		case b.globs.Spent():
			b.misses.Add(found.Origin{File: rootFile, Line: g.line}, "there are too many target groups and directories to compare them all")
			return nil
		}
	}
	return nil
}

// matches holds a directory against doublestar's pattern. The root's name is "" here, as of 2.0.
func (b *reading) matches(glob, dir string) bool {
	if dir == "." {
		return glob == "**"
	}
	return b.globs.Match(glob, dir)
}

// compile makes doublestar's patterns of minimatch's, where both know what it means.
func (b *reading) compile(g *group) {
	if !g.special {
		if g.dir != "" && g.text != g.dir && g.text != "" {
			g.dir = ""
			b.misses.Add(found.Origin{File: rootFile, Line: g.line}, "working_directory is a glob as of tfaction 2, and matches no directory as it stands")
		}
		return
	}
	var ok bool
	if g.globs, ok = translate(g.text); !ok {
		g.unclear = "/" + g.text[:strings.IndexAny(g.text, "*?[{(!+@#\\")]
		if strings.Contains(g.unclear, "//") || strings.Contains(g.unclear, "/.") {
			g.unclear = "/" // as if nothing were known of it
		}
		b.misses.Add(found.Origin{File: rootFile, Line: g.line}, "this glob is not read, nor what other groups say of directories that it may match")
	}
}

// below tells whether dir lies below base.
func below(base, dir string) bool {
	return base == "." && dir != "." || strings.HasPrefix(dir, base+"/")
}
