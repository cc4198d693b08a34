package rolemap

import (
	"slices"
	"strings"

	"whichrole/internal/pattern"
	"whichrole/internal/problem"
)

// What a key may use beside the captures of its environment. No capture may have one of these names.
var (
	nameVariables = []string{"account_id", "env", "workspace", "operation", "user", "host", "repo", "dir", "branch", "actor", "run_id"}
	roleVariables = nameVariables[:4]
)

// A use is one template of an environment under its key. A role's may use fewer variables than a name's, and what a directory
// brings into it is held to [A-Za-z0-9_.-]+.
type use struct {
	key  string
	role bool
	template
}

func (u use) variables() []string {
	if u.role {
		return roleVariables
	}
	return nameVariables
}

// templates are all that hold variables, those of the defaults included.
func (e *environment) templates() []use {
	uses := e.roleTemplates(append(e.Role.all(), e.PermissionSet.all()...)...)
	return append(uses, e.nameTemplates()...)
}

// roleTemplates are those that decide which role it is: the given ones, and what goes with them.
func (e *environment) roleTemplates(roles ...template) []use {
	key := "role_arn"
	if e.PermissionSet.set() {
		key = "permission_set"
	}
	var uses []use
	for _, t := range roles {
		uses = variable(uses, key, true, t)
	}
	for _, t := range e.Via {
		uses = variable(uses, "via", true, t)
	}
	uses = variable(uses, "account", true, e.Account)
	return variable(uses, "region", true, e.Region)
}

// nameTemplates are those that only an AssumeRole takes.
func (e *environment) nameTemplates() []use {
	uses := variable(nil, "session_name", false, e.sessionName())
	uses = variable(uses, "source_identity", false, e.SourceIdentity)
	uses = variable(uses, "external_id", false, e.ExternalID)
	for _, tag := range e.SessionTags {
		uses = variable(uses, "session_tags", false, tag.Value)
	}
	return uses
}

// variable adds t where it has a variable.
func variable(uses []use, key string, role bool, t template) []use {
	if t.literal() {
		return uses
	}
	return append(uses, use{key, role, t})
}

func (e *environment) sessionName() template {
	if e.SessionName.set() {
		return e.SessionName
	}
	return template{text: defaultSessionName, vars: defaultSessionVars}
}

// uses tells whether any template of the environment has that variable.
func (e *environment) uses(variable string) bool {
	return slices.ContainsFunc(e.templates(), func(u use) bool { return contains(u.vars, variable) })
}

// offers tells whether a directory can give that capture. Where an environment has no dirs, only --set can, and then every
// capture of the map is offered.
func (m *Map) offers(e *environment, capture string) bool {
	if len(e.Dirs) == 0 {
		return contains(m.captures, capture)
	}
	return slices.ContainsFunc(e.patterns, func(p *pattern.Pattern) bool { return contains(p.Captures(), capture) })
}

// checkVariables finds those that can never have a value.
func (d *decoder) checkVariables(e *environment) bool {
	ok := true
	for _, u := range e.templates() {
		for _, v := range u.vars {
			if f := d.variableFlaw(e, u, v); f != nil {
				u.at.Mistake(f.hint, "%s", f.text)
				ok = false
			}
		}
	}
	return ok
}

func (d *decoder) variableFlaw(e *environment, u use, v string) *flaw {
	switch {
	case v == "account_id" && !d.m.offers(e, "account"):
		return flawed("write a directory as {account}, or the number itself", "{account_id} is looked up from {account}, which no pattern of environment %s captures", e.name)
	case contains(u.variables(), v) || d.m.offers(e, v):
		return nil
	case contains(nameVariables, v):
		return flawed("known here are "+list(roleVariables)+" and captures", "{%s} cannot be used in %s", v, u.key)
	}
	known := slices.Clone(u.variables())
	for _, p := range e.patterns {
		known = append(known, p.Captures()...)
	}
	if len(e.Dirs) == 0 && len(d.m.captures) <= maxMistakes {
		known = append(known, d.m.captures...)
	}
	hint := "known here are " + list(known)
	if near := problem.Nearest(v, known); near != "" {
		hint = "did you mean {" + near + "}?"
	}
	return flawed(hint, "unknown variable {%s}: no pattern of environment %s captures it", v, e.name)
}

func list(names []string) string { return strings.Join(names, ", ") }
