package rolemap

import (
	"maps"
	"slices"

	"whichrole/internal/pattern"
)

// Entry is one environment as the map says it, defaults filled in and variables not.
type Entry struct {
	Name             string
	Line             int // in the map, from 1
	Dirs, Workspaces []string
	// Roles are the role ARNs, or the permission sets, for each operation. State is only there where the map names one: else
	// the role of the subcommand at hand serves it. Empty where the source's own credentials are handed out.
	Roles         map[Operation]string
	PermissionSet bool   // Roles are permission sets
	Account       string // "" where the role's ARN says it
	Region        string
	Variables     []string // all that stand in Roles, Account and Region
	Query         string   // of an imported environment: what chooses it, as it is written
}

// Entries are the environments in the file's order, imported ones last.
func (m *Map) Entries() []Entry {
	list := make([]Entry, 0, len(m.environments))
	for _, e := range m.environments {
		list = append(list, e.entry())
	}
	return append(list, m.foreign...)
}

func (e *environment) entry() Entry {
	out := Entry{
		Name: e.name, Line: e.line, Dirs: slices.Clone(e.Dirs), Workspaces: slices.Clone(e.Workspaces),
		Roles: map[Operation]string{}, PermissionSet: e.PermissionSet.set(), Account: e.Account.text, Region: e.Region.text,
	}
	kind := e.kind()
	templates := []template{e.Account, e.Region}
	if kind.set() {
		for _, op := range []Operation{Plan, Apply, State} {
			if t, _ := kind.serve(op, Plan); op != State || kind.State.set() {
				out.Roles[op] = t.text
				templates = append(templates, t)
			}
		}
	}
	for _, t := range templates {
		for _, name := range t.names() {
			if !contains(out.Variables, name) {
				out.Variables = append(out.Variables, name)
			}
		}
	}
	return out
}

// Accounts are the map's accounts: the number of each name.
func (m *Map) Accounts() map[string]string { return maps.Clone(m.accounts) }

// Knows tells whether the map has what is asked for by name: the environment, unless that is "", and the captures of set. The
// error is a *problem.Error of code NoEnvironment that names the nearest.
func (m *Map) Knows(environment string, set map[string]string) error {
	if environment != "" {
		if _, err := m.named(environment, "--env "); err != nil && !m.IsImported(environment) {
			return err
		}
	}
	return m.checkSet(set)
}

// TakesWorkspace tells whether an environment is there for the workspace.
func (m *Map) TakesWorkspace(environment, workspace string) bool {
	if m.onlyForeign(environment) {
		return true // it depends on the directory
	}
	e, err := m.named(environment, "")
	return err == nil && e.takesWorkspace(pattern.NewMatcher(".", workspace))
}

// SourceProfiles are the profiles that any source list of the map names.
func (m *Map) SourceProfiles() (names []string) {
	lists := [][]Source{m.sources}
	for _, e := range m.environments {
		lists = append(lists, e.Source)
	}
	for _, s := range slices.Concat(lists...) {
		if s.Kind == "profile" && !contains(names, s.Name) {
			names = append(names, s.Name)
		}
	}
	return names
}

// Workspaces are those in which dir may get an environment, as far as the map names them: default first, if it may; then the
// names that the environments of dir have. A pattern of workspaces names none. It is never empty: where nothing fits it is
// default, and the answer to that says why.
func (m *Map) Workspaces(dir string) []string {
	c := m.choose(dir, defaultWorkspace)
	list := m.foreignWorkspaces(dir, c)
	if len(list) == 0 && (len(c.matched) > 0 || len(c.byDir) == 0) {
		list = append(list, defaultWorkspace)
	}
	for _, candidates := range [][]candidate{c.matched, c.byDir} {
		for _, b := range candidates {
			if b.env == nil {
				continue
			}
			for i, name := range b.env.names {
				if w := b.env.Workspaces[i]; name.Literal() && !contains(list, w) && len(list) < maxWorkspaces {
					list = append(list, w)
				}
			}
		}
	}
	if len(list) == 0 {
		return []string{defaultWorkspace}
	}
	return list
}

// maxWorkspaces bounds what a hostile map can make of one directory.
const maxWorkspaces = 100
