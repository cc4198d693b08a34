package rolemap

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"whichrole/internal/problem"
)

// A filler finds the values of variables for one environment and one target.
type filler struct {
	m           *Map
	t           Target
	e           *environment
	captures    map[string]string
	op          Operation         // whose role it is; t.Operation is what was asked
	values      map[string]string // all but operation
	accountName string
}

// fill finds a value for every variable that is used, and only for those. What is missing is told in one error.
func (f *filler) fill(uses []use) error {
	var missing []string
	for _, u := range uses {
		for _, v := range u.names() {
			value, err := f.find(v)
			if err != nil {
				return err
			}
			if value == "" && v == "account_id" {
				v = "account"
			}
			if value == "" && !contains(missing, v) {
				missing = append(missing, v)
			}
		}
	}
	if len(missing) > 0 {
		return f.noValue(missing)
	}
	for _, u := range uses {
		for _, v := range u.names() {
			if value := f.values[v]; u.role && v != "operation" && !isRoleText(value) {
				p := problem.New(problem.NoEnvironment, "environment %s in %s: {%s} is %s, which cannot stand in %s", f.e.name, f.t.Dir, v, shorten(value), u.key)
				return p.WithHint("only A-Z a-z 0-9 _ . - may come from a directory or workspace into a role")
			}
		}
	}
	return nil
}

// find returns "" for a variable that has no value.
func (f *filler) find(v string) (string, error) {
	if value, ok := f.values[v]; ok {
		return value, nil
	}
	var value string
	var err error
	switch v {
	case "env":
		value = f.e.name
	case "workspace":
		value = f.t.Workspace
	case "operation":
		return string(f.op), nil
	case "dir":
		value = f.t.Dir
	case "account_id":
		value, err = f.accountID()
	default:
		value = f.captures[v]
		if contains(nameVariables, v) {
			value, err = f.lookUp(v)
		}
	}
	f.values[v] = value
	return value, err
}

func (f *filler) lookUp(v string) (string, error) {
	if f.t.Lookup == nil {
		return "", nil
	}
	value, err := f.t.Lookup(v)
	if p, ok := errors.AsType[*problem.Error](err); ok {
		return "", p
	}
	if err != nil {
		return "", problem.New(problem.NoEnvironment, "environment %s: {%s} could not be found out: %v", f.e.name, v, err).Because(err)
	}
	return value, nil
}

// accountID looks {account} up in accounts. Only where the map has no accounts may a directory name the number itself.
func (f *filler) accountID() (string, error) {
	name := f.captures["account"]
	if name == "" {
		return "", nil
	}
	if id, ok := f.m.accounts[name]; ok {
		f.accountName = name
		return id, nil
	}
	if !f.m.hasAccounts {
		if isAccount(name) {
			return name, nil
		}
		p := problem.New(problem.NoEnvironment, "environment %s in %s: {account} is %s, which is not 12 digits, and the map has no accounts", f.e.name, f.t.Dir, shorten(name))
		return "", p.WithHint("add to the map: accounts: { NAME: \"111111111111\" }")
	}
	p := problem.New(problem.NoEnvironment, "environment %s in %s: {account} is %s, which accounts does not have", f.e.name, f.t.Dir, shorten(name))
	names := sortedKeys(f.m.accounts)
	if near := problem.Nearest(name, names); near != "" {
		return "", p.WithHint("did you mean %s?", near)
	}
	return "", p.WithHint("accounts has %s", orNothing(some(names)))
}

func (f *filler) noValue(missing []string) error {
	var captures, braced []string
	for _, v := range missing {
		braced = append(braced, "{"+v+"}")
		if !contains(nameVariables, v) {
			captures = append(captures, v)
		}
	}
	p := problem.New(problem.NoEnvironment, "environment %s has no value for %s in %s", f.e.name, list(braced), f.t.Dir)
	if len(captures) == 0 {
		return p.WithHint("%s is not known here: use another variable in %s", braced[0], problem.Quote(f.m.name))
	}
	return p.WithHint("add --set %s=NAME", strings.Join(captures, "=NAME --set "))
}

// sessionName is the map's or, where it has none, what makes CloudTrail readable: on a CI system, where the account is called
// runner everywhere, the run and who started it, else the person and the environment.
func (f *filler) sessionName() string {
	if f.e.SessionName.set() {
		return f.name(f.e.SessionName)
	}
	if id, err := f.find("run_id"); err != nil || id == "" { // repo and actor cost a look into .git
		return f.name(f.e.sessionName())
	}
	var run []string
	for _, v := range []string{"actor", "repo", "run_id"} {
		if value, err := f.find(v); err == nil && value != "" {
			run = append(run, value)
		}
	}
	return strings.Join(run, "-")
}

// role fills a template of a role, where {operation} is whose role it is; name fills the others, where it is what was asked.
func (f *filler) role(t template) string { return f.expand(t, f.op) }
func (f *filler) name(t template) string { return f.expand(t, f.t.Operation) }

func (f *filler) expand(t template, op Operation) string {
	return t.expand(func(v string) string {
		if v == "operation" {
			return string(op)
		}
		return f.values[v]
	})
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
