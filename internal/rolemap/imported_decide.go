package rolemap

import "whichrole/internal/problem"

// decideImported is decide for what the imported map has a say in; not mine where the map's own rules go on.
func (m *Map) decideImported(t *Target, c choice) (d decision, mine bool, err error) {
	if m.imported == nil {
		return d, false, nil
	}
	if t.Environment != "" {
		return m.importedByName(*t, c)
	}
	if !c.none() {
		if w := c.winner(); w != nil && m.onlyForeign(t.EnvironmentVariable) {
			return d, true, conflict(*t, w.name, t.EnvironmentVariable)
		}
		return d, false, nil
	}
	here, reasons, err := m.imported.Choose(t.Dir, t.Workspace)
	d = decision{imported: here, reasons: reasons}
	v := t.EnvironmentVariable
	switch {
	case err != nil:
		if common, ok := m.commonImported(t); ok {
			return common, true, nil
		}
		return d, true, err
	case here != nil && v != "" && v != here.Name:
		if _, err := m.named(v, "WHICHROLE_ENV="); err != nil && !m.onlyForeign(v) {
			return d, true, err
		}
		return d, true, conflict(*t, here.Name, v)
	case here == nil && m.IsImported(v) && !m.onlyForeign(v):
		return d, true, m.twice("WHICHROLE_ENV=" + v)
	case here == nil && m.onlyForeign(v):
		d.imported, err = m.imported.Named(v, t.Dir, t.Workspace)
		d.how = "named by WHICHROLE_ENV"
	}
	return d, d.imported != nil || err != nil, err
}

// importedByName obeys --env.
func (m *Map) importedByName(t Target, c choice) (d decision, mine bool, err error) {
	if !m.IsImported(t.Environment) {
		return d, false, nil
	}
	if !m.onlyForeign(t.Environment) {
		return d, true, m.twice("--env " + t.Environment)
	}
	d = decision{how: "asked for by --env"}
	d.imported, err = m.imported.Named(t.Environment, t.Dir, t.Workspace)
	var here *Imported
	if c.none() {
		here, d.reasons, _ = m.imported.Choose(t.Dir, t.Workspace)
	}
	switch w := c.winner(); {
	case w != nil:
		d.overridden = w.name
	case !c.none() && !c.tied():
		d.overridden = "no_role"
	case here != nil && here.Name != t.Environment:
		d.overridden = here.Name
	}
	for i, r := range d.reasons {
		switch {
		case r.Environment == t.Environment:
			d.reasons[i].Verdict, d.reasons[i].Text = Won, d.how
		case r.Verdict == Won:
			d.reasons[i].Verdict, d.reasons[i].Text = Lost, t.Environment+" was "+d.how+" (else: "+r.Text+")"
		}
	}
	return d, true, err
}

// twice is the error for a name that the map and what it imports both have.
func (m *Map) twice(asked string) error {
	return problem.New(problem.NoEnvironment, "%s: both %s and what it imports have an environment of that name", asked, m.name).
		WithHint("rename the one in %s", problem.Quote(m.name))
}

// IsImported tells whether an imported environment is called so; onlyForeign, that none of the map's own is.
func (m *Map) IsImported(name string) bool { return m.foreignNames[name] }

func (m *Map) onlyForeign(name string) bool {
	for _, e := range m.environments {
		if e.name == name {
			return false
		}
	}
	return m.IsImported(name)
}

// commonImported is commonState for a directory of the imported map: the role that all its workspaces have in common.
func (m *Map) commonImported(t *Target) (d decision, ok bool) {
	workspaces := m.imported.Workspaces(t.Dir)
	if len(workspaces) == 0 || contains(workspaces, t.Workspace) {
		return d, false
	}
	t.ask()
	if !t.SelectsWorkspace || len(workspaces) > maxCommon {
		return d, false
	}
	var first *Grant
	var agreed []string
	for _, w := range workspaces {
		here, _, err := m.imported.Choose(t.Dir, w)
		if err != nil || here == nil {
			return d, false
		}
		one := decision{imported: here, state: true, how: "its workspaces are others, but all of them have the same role"}
		in := *t
		in.Operation = State
		g, err := m.grantImported(in, one)
		if err != nil || first != nil && !sameCredentials(first, g) {
			return d, false
		}
		if first == nil {
			first, d = g, one
		}
		if !contains(agreed, here.Name) {
			agreed = append(agreed, here.Name)
		}
	}
	d.agreed = agreed
	return d, true
}

// foreignWorkspaces are those that the imported map has for dir, where it decides there.
func (m *Map) foreignWorkspaces(dir string, c choice) []string {
	if m.imported == nil || len(c.matched) > 0 {
		return nil
	}
	list := m.imported.Workspaces(dir)
	return list[:min(len(list), maxWorkspaces):min(len(list), maxWorkspaces)]
}
