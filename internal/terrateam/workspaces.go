package terrateam

import (
	"fmt"
	"slices"
	"strings"

	"whichrole/internal/problem"
)

// defaultWorkspace is the one where none are named.
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

// Workspaces are those in which a directory exists.
func (h *Here) Workspaces(dir string) []string {
	d, err := h.directory(dir)
	if err != nil || h.c.rewritten != 0 {
		return nil
	}
	return d.workspaceNames()
}

// noWorkspace is the error for a workspace that the directory does not have.
func (s *space) noWorkspace() error {
	names := s.entry.workspaceNames()
	where := s.c.name
	if s.entry != nil {
		where = fmt.Sprintf("%s:%d", s.c.name, s.entry.line)
	}
	err := problem.New(problem.NoEnvironment, "%s has no workspace %s: %s has %s there", shorten(s.dir), shorten(s.workspace), where, some(names))
	hint := problem.Nearest(s.workspace, names)
	if hint == "" && len(names) > 0 {
		hint = names[0]
	}
	if hint == "" || hint != shorten(hint) {
		return err
	}
	if s.entry != nil && s.entry.apart { // in another workspace Terraform would look for another state
		return err.WithHint("export WHICHROLE_WORKSPACE=%s", problem.Quote(hint))
	}
	return err.WithHint("export TF_WORKSPACE=%s", problem.Quote(hint))
}

// some are the first few of many names.
func some(names []string) string {
	const most = 8
	var few []string
	for _, name := range names[:min(len(names), most)] {
		few = append(few, shorten(name))
	}
	switch n := len(few); {
	case n == 0:
		return "none"
	case len(names) > most:
		return fmt.Sprintf("%s and %d more", strings.Join(few, ", "), len(names)-most)
	case n > 1:
		return strings.Join(few[:n-1], ", ") + " and " + few[n-1]
	}
	return few[0]
}
