package rolemap

import (
	"cmp"
	"errors"
	"maps"
	"slices"

	"whichrole/internal/pattern"
	"whichrole/internal/problem"
	"whichrole/internal/strictyaml"
)

// Map is a role map that was read, checked and compiled.
type Map struct {
	name         string
	imports      bool
	sources      []Source
	defaults     settings
	environments []*environment
	byName       map[string]*environment
	accounts     map[string]string // name → 12 digits
	hasAccounts  bool              // also where the key is there and empty: then no account is allowed
	noRole       []noRole
	captures     []string // every name that --set may give, sorted
}

// An environment is one entry of environments, its defaults filled in.
type environment struct {
	name     string
	line     int
	at       strictyaml.Value
	patterns []*pattern.Pattern // of dirs; ** where only workspaces are given
	names    []*pattern.Name    // of workspaces
	captures varSet             // of dirs
	own      []strictyaml.Field // what stands in the environment itself

	Dirs          []string `json:"dirs,omitempty"`
	Workspaces    []string `json:"workspaces,omitempty"`
	Role          roles    `json:"role_arn,omitzero"`
	PermissionSet roles    `json:"permission_set,omitzero"`
	settings
}

// roles are a role or permission set for each operation. Apply is always there; what is missing falls back to it.
type roles struct {
	Plan  template `json:"plan,omitzero"`
	Apply template `json:"apply,omitzero"`
	State template `json:"state,omitzero"`
}

func (r roles) set() bool { return r.Apply.set() }

// noRole is one pattern of no_role: shared code, from which nothing is applied.
type noRole struct {
	pattern *pattern.Pattern
	text    string
	line    int
}

// Parse reads a role map. name is what errors call the file; readPolicy gives the bytes of a policy file, named relative to
// the map's directory with slashes, and must refuse what leads out of it. An error is a *problem.Error of code BadMap that
// tells the first mistake by file, line and column; Mistakes lists all of them.
func Parse(name string, data []byte, readPolicy func(rel string) ([]byte, error)) (*Map, error) {
	doc, top := strictyaml.Parse(name, data)
	m := &Map{name: name, byName: map[string]*environment{}}
	if doc.Err() == nil {
		d := &decoder{m: m, doc: doc, readPolicy: readPolicy, policies: map[string]policy{}, patterns: map[string]compiled{},
			names: map[string]*pattern.Name{}, bits: ownBits(), keys: environmentKeys()}
		d.decode(top)
	}
	if err := doc.Err(); err != nil {
		p, _ := errors.AsType[*problem.Error](err)
		return nil, p.Because(inOrder(doc.Mistakes()))
	}
	return m, nil
}

// mistakes travel as the cause of Parse's error.
type mistakes []strictyaml.Mistake

func (mistakes) Error() string { return "the role map has mistakes" }

func inOrder(found []strictyaml.Mistake) mistakes {
	return slices.SortedStableFunc(slices.Values(found), func(a, b strictyaml.Mistake) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// Mistakes lists everything that is wrong with a map, in the file's order, from the error that Parse gave; nil for another error.
func Mistakes(err error) []strictyaml.Mistake {
	list, _ := errors.AsType[mistakes](err)
	return list
}

// Accounts is a copy of accounts: names to 12 digits.
func (m *Map) Accounts() map[string]string { return maps.Clone(m.accounts) }

// AccountNames are the names in accounts, sorted.
func (m *Map) AccountNames() []string { return slices.Sorted(maps.Keys(m.accounts)) }

// NoRole are the patterns of no_role as written.
func (m *Map) NoRole() []string {
	list := make([]string, 0, len(m.noRole))
	for _, n := range m.noRole {
		list = append(list, n.text)
	}
	return list
}

// ImportsTerrateam tells whether the map says import: terrateam.
func (m *Map) ImportsTerrateam() bool { return m.imports }

// Sources is the map's own list; nil where it has none.
func (m *Map) Sources() []Source { return slices.Clone(m.sources) }

// EnvironmentNames are the names of all environments in the file's order.
func (m *Map) EnvironmentNames() []string {
	names := make([]string, 0, len(m.environments))
	for _, e := range m.environments {
		names = append(names, e.name)
	}
	return names
}

func contains(list []string, s string) bool { return slices.Contains(list, s) }
