package rolemap

// Standing is which rules are best in a directory and a workspace, before any variable is filled in.
type Standing struct {
	Environments []string // more than one where they tie
	NoRole       bool     // no_role is among them
	Tied         bool     // also where one environment ties with itself, by other captures
}

// Standing tells why dir gets an environment, or none. It costs less than Resolve and its reasons.
func (m *Map) Standing(dir, workspace string) Standing {
	c := m.choose(dir, workspace)
	s := Standing{Tied: c.tied()}
	if m.imported != nil && c.none() {
		if here, _, err := m.imported.Choose(dir, workspace); err == nil && here != nil {
			s.Environments = append(s.Environments, here.Name)
		}
		return s
	}
	for _, b := range c.best {
		switch {
		case b.env == nil:
			s.NoRole = true
		case !contains(s.Environments, b.env.name) && len(s.Environments) < maxNamed:
			s.Environments = append(s.Environments, b.env.name)
		}
	}
	return s
}

// ExampleWorkspaces are names that the workspace patterns of dir's environments match: Workspaces has none for a pattern.
func (m *Map) ExampleWorkspaces(dir string) (list []string) {
	c := m.choose(dir, defaultWorkspace)
	for _, b := range c.byDir {
		for _, n := range b.env.names {
			if name := n.Example(); !n.Literal() && name != "" && !contains(list, name) && len(list) < maxWorkspaces {
				list = append(list, name)
			}
		}
	}
	return list
}
