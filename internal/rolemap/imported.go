package rolemap

import (
	"errors"
	"slices"
	"time"

	"whichrole/internal/problem"
)

// Importer is a role map in another format. It is asked where this one says nothing of a directory. What it answers is
// literal: a brace in it is no variable. It may be asked from several goroutines.
type Importer interface {
	// Choose tells what a directory gets in a workspace. Where it says nothing of the directory it returns neither an answer
	// nor an error; a directory that exists there, but not in that workspace, is an error of code NoEnvironment.
	Choose(dir, workspace string) (*Imported, []Reason, error)
	// Named is the environment of that name, whatever the directory says; nil where there is none. Two of one name are an
	// error of code NoEnvironment.
	Named(name, dir, workspace string) (*Imported, error)
	Entries() []Entry                     // in the file's order; Roles has only the operations that have one
	Workspaces(dir string) []string       // in which dir exists; nil where nothing is said of it
	Meaning() (map[string]string, string) // canonical JSON, as in Meaning: by environment, and the rest
	Work() int64                          // the steps that all answers so far took, of pattern.Enough's kind
	Review() []Finding                    // what is wrong with it; File is filled in
}

// Imported is an environment of an Importer, as one directory gets it.
type Imported struct {
	Name        string
	Line        int // in its file, from 1
	Plan, Apply Route
}

// Route is the way to the role of one operation. Err tells why there is none; the rest is then zero.
type Route struct {
	Err         error
	Via         []string // role ARNs before RoleARN, in order
	RoleARN     string
	Region      string        // "" where it is not named
	SessionName string        // "" where it is not named
	Duration    time.Duration // 0 where it is not named
	Audience    string        // of the token that the first role is assumed with, "" for the usual one
	Line        int           // of what decided, from 1

	// What stands for a Region or SessionName that is not named; "" for what a map of ours would have.
	DefaultRegion, DefaultSessionName string
}

// ErrVariable is the cause of an error that says of a variable of the environment that it has no value here, or is told to trusted
// maps alone: elsewhere the same map may be right.
var ErrVariable = errors.New("a variable of the environment is not known")

// Import makes i answer where the map itself says nothing.
func (m *Map) Import(i Importer) {
	m.imported, m.foreign = i, i.Entries()
	m.foreignNames = make(map[string]bool, len(m.foreign))
	for _, e := range m.foreign {
		m.foreignNames[e.Name] = true
	}
}

// Foreign is a map that has nothing of its own. name is what errors call the file.
func Foreign(name string, i Importer) *Map {
	m := &Map{name: name, imports: true}
	m.Import(i)
	return m
}

// ImportedSources are those of the imported environments: the defaults', else the map's.
func (m *Map) ImportedSources() []Source {
	return slices.Clone(m.sourcesOf(&environment{settings: m.defaults}))
}

// CheckRoleARN makes sure that arn is that of a role, with no variable in it. The error is a *problem.Error of code BadMap.
func CheckRoleARN(arn string) error {
	if _, f := parseRoleARN(arn); f != nil {
		return f.problem(problem.BadMap)
	}
	if templated(arn) {
		return flawed("it looks like "+exampleARN, "%s is not the ARN of a role", shorten(arn)).problem(problem.BadMap)
	}
	return nil
}

// grantImported is grant for an environment of the imported map. It is made as one of this map's would be, so that the
// defaults hold for both, and nothing is checked less.
func (m *Map) grantImported(t Target, d decision) (*Grant, error) {
	i := d.imported
	plain := environment{settings: m.defaults}
	if !i.Plan.same(i.Apply) || plain.variables().has(operationBit) {
		t.ask()
	}
	t.settle()
	op := t.Operation
	if op == State {
		op = t.Subcommand
	}
	route := i.Plan
	if op == Apply {
		route = i.Apply
	}
	if route.Err != nil {
		return nil, route.Err
	}
	for _, arn := range append(route.Via[:len(route.Via):len(route.Via)], route.RoleARN) {
		if err := CheckRoleARN(arn); err != nil {
			return nil, err
		}
	}
	e := m.environmentOf(i, route)
	g, err := m.grantFrom(t, d, e, e.Role.Apply, op)
	if err != nil {
		return nil, err
	}
	if g.Region == "" && CheckRegion(route.DefaultRegion, g.Partition) == nil {
		g.DefaultRegion = route.DefaultRegion
	}
	g.Audience, g.Imported = route.Audience, true
	return g, nil
}

func (r Route) same(o Route) bool {
	if r.Err != nil || o.Err != nil || len(r.Via) != len(o.Via) {
		return false
	}
	for i := range r.Via {
		if r.Via[i] != o.Via[i] {
			return false
		}
	}
	return r.RoleARN == o.RoleARN && r.Region == o.Region && r.SessionName == o.SessionName && r.Duration == o.Duration &&
		r.Audience == o.Audience && r.DefaultRegion == o.DefaultRegion && r.DefaultSessionName == o.DefaultSessionName
}

// environmentOf is a route in the form of an environment of ours. What it names itself replaces the default.
func (m *Map) environmentOf(i *Imported, r Route) *environment {
	e := &environment{name: i.Name, line: i.Line, settings: m.defaults, Role: roles{Apply: template{text: r.RoleARN}}}
	e.Via = nil // the chain is the imported map's
	for _, arn := range r.Via {
		e.Via = append(e.Via, template{text: arn})
	}
	if r.Region != "" {
		e.Region = template{text: r.Region}
	}
	name := r.SessionName
	if name == "" && !e.SessionName.set() {
		name = r.DefaultSessionName
	}
	if name != "" {
		e.SessionName = template{text: FitSessionName(name)}
	}
	if r.Duration != 0 {
		e.Duration = span(r.Duration)
	}
	return e
}
