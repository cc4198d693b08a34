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
	if s.entry == nil || !s.entry.named {
		return problem.New(problem.NoEnvironment, "%s has no workspace %s: %s lists none for it, so there is only default", shorten(s.dir), shorten(s.workspace), s.c.name).
			WithHint("%s=default", s.variable())
	}
	err := problem.New(problem.NoEnvironment, "%s has no workspace %s: %s:%d has %s there", shorten(s.dir), shorten(s.workspace), s.c.name, s.entry.line, some(names))
	if len(names) == 0 {
		return err
	}
	hint := problem.Nearest(s.workspace, names)
	if len(names) == 1 {
		hint = names[0]
	}
	if hint == "" || hint != shorten(hint) { // nobody is to paste production by chance
		hint = "NAME"
	}
	return err.WithHint("%s=%s", s.variable(), problem.Quote(hint))
}

// variable is the command that says which workspace is meant. Where Terraform itself stays in default, another one would be
// another state.
func (s *space) variable() string {
	if s.entry != nil && s.entry.apart {
		return "export WHICHROLE_WORKSPACE"
	}
	return "export TF_WORKSPACE"
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
