package terrateam

import (
	"cmp"
	"slices"
	"strings"

	"whichrole/internal/looseyaml"
	"whichrole/internal/problem"
)

func (c *Config) readDirs(n looseyaml.Node) error {
	n, err := mapOf(n, "dirs")
	if err != nil {
		return err
	}
	for _, f := range n.Fields() {
		d := &directory{key: f.Key, line: f.At.Line(), apart: c.apart}
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
	if selects, ok := n.Get("create_and_select_workspace").Bool(); ok {
		d.apart = !selects
	}
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

// directory is the entry of dirs that holds for dir, nil for none. The error is a *problem.Error: it cannot be found out.
func (h *Here) directory(dir string) (*directory, error) {
	if d := h.c.exact[dir]; d != nil {
		return d, nil
	}
	if last := h.last.Load(); last != nil && last.dir == dir { // as for each of its workspaces
		return last.entry, nil
	}
	var m matcher
	d, err := h.c.globbed(&m, dir, h.w.Files)
	h.work.Add(int64(len(h.c.globs) + m.steps))
	switch {
	case err != nil:
		return nil, problem.New(problem.NoEnvironment, "%s: the globs of dirs ask for the files of %s, and they cannot be told: %v", h.c.name, shorten(dir), err).Because(err)
	case m.spent():
		return nil, problem.New(problem.BadMap, "%s: the globs of dirs are too costly for %s", h.c.name, shorten(dir)).
			WithHint("write them with fewer * and {}, or fewer of them")
	}
	h.last.Store(&answered{dir, d})
	return d, nil
}

// globbed is the first entry whose glob matches a file in the directory. files is asked only where the name of a file decides.
func (c *Config) globbed(m *matcher, dir string, files func(dir string) ([]string, error)) (*directory, error) {
	prefix := dir + "/"
	if dir == "." {
		prefix = ""
	}
	anyFile := []string{prefix + anyName}
	var named []string
	for _, d := range c.globs {
		paths := anyFile
		if !d.glob.anyFile {
			if !d.glob.mayHold(prefix) {
				continue
			}
			if named == nil {
				var err error
				if named, err = pathsOf(dir, prefix, files); err != nil {
					return nil, err
				}
			}
			paths = named
		}
		m.steps += len(paths)
		for _, path := range paths {
			if m.match(d.glob, path) {
				return d, nil
			}
			if m.spent() {
				return nil, nil
			}
		}
	}
	return nil, nil
}

// mayHold tells whether a file in the directory can match, by what the glob begins with.
func (g *glob) mayHold(prefix string) bool {
	return strings.HasPrefix(prefix, g.literal) || strings.HasPrefix(g.literal, prefix)
}

// pathsOf are the files of a directory from the root. One without any is taken to have Terraform files: somebody asks for it.
func pathsOf(dir, prefix string, files func(string) ([]string, error)) ([]string, error) {
	var names []string
	if files != nil {
		var err error
		if names, err = files(dir); err != nil {
			return nil, err
		}
	}
	if len(names) == 0 {
		names = []string{anyName}
	}
	paths := make([]string, 0, len(names))
	for _, name := range names {
		paths = append(paths, prefix+name)
	}
	return paths, nil
}
