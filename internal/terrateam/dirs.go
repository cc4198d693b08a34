package terrateam

import (
	"cmp"
	"slices"
	"strings"

	"whichrole/internal/looseyaml"
)

func (c *Config) readDirs(n looseyaml.Node) error {
	n, err := mapOf(n, "dirs")
	if err != nil {
		return err
	}
	for _, f := range n.Fields() {
		d := &directory{key: f.Key, line: f.At.Line()}
		if err := d.read(f.Value); err != nil {
			return err
		}
		if !strings.Contains(f.Key, "*") {
			c.exact[f.Key] = d
			continue
		}
		if d.glob, err = compileGlob(f.Key); err != nil {
			return f.At.Wrong("%s: %v", shorten(f.Key), err)
		}
		c.globs = append(c.globs, d)
	}
	slices.SortFunc(c.globs, func(a, b *directory) int {
		return cmp.Or(cmp.Compare(len(b.key), len(a.key)), strings.Compare(a.key, b.key))
	})
	return nil
}

func (d *directory) read(n looseyaml.Node) error {
	n, err := mapOf(n, "an entry of dirs")
	if err != nil {
		return err
	}
	if d.tags, err = tags(n.Get("tags")); err != nil {
		return err
	}
	at := n.Get("workspaces")
	list, err := mapOf(at, "workspaces")
	if err != nil {
		return err
	}
	d.named = list.Exists()
	for _, f := range list.Fields() {
		w := workspace{name: f.Key, line: f.At.Line()}
		entry, err := mapOf(f.Value, "a workspace")
		if err != nil {
			return err
		}
		if w.tags, err = tags(entry.Get("tags")); err != nil {
			return err
		}
		d.workspaces = append(d.workspaces, w)
	}
	return nil
}

func tags(n looseyaml.Node) ([]string, error) {
	list, err := listOf(n, "tags")
	if err != nil {
		return nil, err
	}
	var texts []string
	for _, item := range list {
		text, ok := item.Text()
		if !ok {
			return nil, item.Wrong("a tag is a word, not %s", item.Kind())
		}
		texts = append(texts, text)
	}
	return texts, nil
}

// anyName stands for a file of a directory of which nothing is known but that it has Terraform files.
const anyName = "main.tf"

// directory is the entry of dirs that holds for dir, nil for none: the exact one, else the first glob that matches a file in it.
// files is asked only where the name of a file decides. Not ok: the globs are too costly to find out.
func (c *Config) directory(dir string, files func(dir string) []string) (d *directory, ok bool) {
	if d := c.exact[dir]; d != nil {
		return d, true
	}
	prefix := dir + "/"
	if dir == "." {
		prefix = ""
	}
	var m matcher
	var names []string
	for _, d := range c.globs {
		if d.glob.anyFile {
			if m.match(d.glob, prefix+anyName) {
				return d, !m.spent()
			}
			continue
		}
		if !d.glob.mayHold(prefix) {
			continue
		}
		if names == nil {
			names = namesOf(dir, files)
		}
		for _, name := range names {
			if m.match(d.glob, prefix+name) {
				return d, !m.spent()
			}
			if m.spent() {
				return nil, false
			}
		}
	}
	return nil, !m.spent()
}

// mayHold tells whether a file in the directory can match, by what the glob begins with.
func (g *glob) mayHold(prefix string) bool {
	return strings.HasPrefix(prefix, g.literal) || strings.HasPrefix(g.literal, prefix)
}

// maxFiles is how many files of a directory are looked at.
const maxFiles = 1000

func namesOf(dir string, files func(string) []string) []string {
	var names []string
	if files != nil {
		names = files(dir)
	}
	if len(names) == 0 {
		return []string{anyName}
	}
	return names[:min(len(names), maxFiles)]
}

// default workspace, where none are named.
const defaultWorkspace = "default"

// workspaceNames are those in which a directory exists; d may be nil.
func (d *directory) workspaceNames() []string {
	if d == nil || !d.named {
		return []string{defaultWorkspace}
	}
	names := make([]string, 0, len(d.workspaces))
	for _, w := range d.workspaces {
		names = append(names, w.name)
	}
	return names
}

// workspace finds one by name; d may be nil.
func (d *directory) workspace(name string) (workspace, bool) {
	if d == nil || !d.named {
		return workspace{name: name}, name == defaultWorkspace
	}
	i := slices.IndexFunc(d.workspaces, func(w workspace) bool { return w.name == name })
	if i < 0 {
		return workspace{}, false
	}
	return d.workspaces[i], true
}
