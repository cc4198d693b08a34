package rolemap

import (
	"bytes"
	"slices"
	"sync/atomic"

	"whichrole/internal/pattern"
	"whichrole/internal/strictyaml"
)

// Map is a role map that was read, checked and compiled.
type Map struct {
	name         string
	imports      bool
	sources      []Source
	defaults     settings
	environments []*environment
	accounts     map[string]string // name → 12 digits
	hasAccounts  bool              // also where the key is there and empty: then no account is allowed
	accountsAt   strictyaml.Value
	noRole       []noRole
	captures     []string      // every name that --set may give, sorted
	left         *atomic.Int64 // see Bounded; nil without a bound
	imported     Importer      // asked where this map names nothing; nil for none
	foreign      []Entry       // of imported
	foreignNames map[string]bool
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
	column  int
}

// Parse reads a role map. name is what errors call the file; readPolicy gives the bytes of a policy file, named relative to
// the map's directory with slashes, and must refuse what leads out of it. An error is a *problem.Error of code BadMap that
// tells the first mistake by file, line and column, and how many more there are.
func Parse(name string, data []byte, readPolicy func(rel string) ([]byte, error)) (*Map, error) {
	doc, top := strictyaml.Parse(name, data)
	m := &Map{name: name}
	if doc.Err() == nil {
		d := &decoder{m: m, doc: doc, readPolicy: readPolicy, variables: ownVariables(), keys: environmentKeys(), blank: bytes.Contains(data, []byte("\n# environments:"))}
		d.decode(top)
	}
	if err := doc.Err(); err != nil {
		return nil, err
	}
	return m, nil
}

// sharedPatterns are those of no_role as written.
func (m *Map) sharedPatterns() []string {
	list := make([]string, 0, len(m.noRole))
	for _, n := range m.noRole {
		list = append(list, n.text)
	}
	return list
}

// ImportsTerrateam tells whether the map says import: terrateam.
func (m *Map) ImportsTerrateam() bool { return m.imports }

// Sources are those of the whole map, nil where it has none.
func (m *Map) Sources() []Source { return slices.Clone(m.sources) }

// EnvironmentNames are the names of all environments in the file's order, imported ones last.
func (m *Map) EnvironmentNames() []string {
	names := make([]string, 0, len(m.environments))
	for _, e := range m.environments {
		names = append(names, e.name)
	}
	seen := make(map[string]bool, len(names))
	for _, name := range names {
		seen[name] = true
	}
	for _, e := range m.foreign {
		if !seen[e.Name] {
			names = append(names, e.Name)
		}
		seen[e.Name] = true
	}
	return names
}

func contains(list []string, s string) bool { return slices.Contains(list, s) }
