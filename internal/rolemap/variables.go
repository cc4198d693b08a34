package rolemap

import (
	"slices"
	"strings"

	"whichrole/internal/problem"
	"whichrole/internal/strictyaml"
)

// nameVariables are what a key may use beside the captures of its environment. No capture may have one of these names.
var nameVariables = []string{"account_id", "env", "workspace", "operation", "user", "host", "repo", "dir", "branch", "actor", "run_id"}

// roleVariables are those among them that may stand in a role.
func roleVariables() []string { return nameVariables[:4] }

// A varSet is a set of variables: a bit for each of nameVariables in their order, one for {account}, and one for every other
// that the map names. What an environment inherits is checked for every environment, and that must cost next to nothing.
type varSet uint64

func (s varSet) has(bit varSet) bool { return s&bit != 0 }

// The bits of nameVariables, and two of them that mean more.
const (
	accountIDBit   varSet = 1 << 0
	roleBits       varSet = 1<<4 - 1
	operationBit   varSet = 1 << 3
	accountBit     varSet = 1 << 11
	nameBits              = accountBit - 1
	defaultNameSet varSet = 1<<1 | 1<<4 // {env} and {user}
)

// ownVariables are those that have their bits before a map is read.
func ownVariables() []string { return append(slices.Clip(nameVariables), "account") }

// bit gives a variable its bit. v is where it stands.
func (d *decoder) bit(v strictyaml.Value, name string) (varSet, bool) {
	if bit := d.known(name); bit != 0 {
		return bit, true
	}
	if len(d.variables) == len(nameVariables)+1+maxVariables {
		v.Mistake("", "{%s} is one more than the %d different captures and variables that a map may have", shorten(name), maxVariables)
		return 0, false
	}
	d.variables = append(d.variables, name)
	return d.known(name), true
}

// known is the bit of a variable that was seen, 0 of one that was not.
func (d *decoder) known(name string) varSet {
	if i := slices.Index(d.variables, name); i >= 0 {
		return 1 << i
	}
	return 0
}

// namesOf are the names of the variables in s, sorted.
func (d *decoder) namesOf(s varSet) (names []string) {
	for i, name := range d.variables {
		if s.has(1 << i) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// A use is one template of an environment under its key. A role's may use fewer variables than a name's, and what a directory
// brings into it is held to [A-Za-z0-9_.-]+.
type use struct {
	key  string
	role bool
	template
}

func (u use) variables() []string {
	if u.role {
		return roleVariables()
	}
	return nameVariables
}

// templates are all that hold variables, those of the defaults included.
func (e *environment) templates() []use {
	roles := slices.AppendSeq(slices.Collect(e.Role.all), e.PermissionSet.all)
	return append(e.roleTemplates(roles...), e.nameTemplates()...)
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
	return template{text: defaultSessionName, bits: defaultNameSet}
}

// variables are all that any template of the environment has.
func (e *environment) variables() varSet {
	inRoles, inNames := e.sets()
	return inRoles | inNames
}

// sets are the variables of the templates that decide which role it is, and of the others.
func (e *environment) sets() (inRoles, inNames varSet) {
	for _, r := range []*roles{&e.Role, &e.PermissionSet} {
		inRoles |= r.Plan.bits | r.Apply.bits | r.State.bits
	}
	for i := range e.Via {
		inRoles |= e.Via[i].bits
	}
	inRoles |= e.Account.bits | e.Region.bits
	for i := range e.SessionTags {
		inNames |= e.SessionTags[i].Value.bits
	}
	return inRoles, inNames | e.sessionName().bits | e.SourceIdentity.bits | e.ExternalID.bits
}

// captured are the captures that a directory can give. Where an environment has no dirs, only --set can, and then every
// capture of the map is offered.
func (d *decoder) captured(e *environment) varSet {
	if len(e.Dirs) == 0 {
		return d.offered
	}
	return e.captures
}

// checkVariables finds those that can never have a value.
func (d *decoder) checkVariables(e *environment) bool {
	offered := d.captured(e)
	inRoles, inNames := e.sets()
	noAccount := (inRoles | inNames).has(accountIDBit) && !offered.has(accountBit)
	if !noAccount && inRoles&^(roleBits|offered) == 0 && inNames&^(nameBits|offered) == 0 {
		return true
	}
	for _, u := range e.templates() {
		for _, v := range u.names() {
			if f := d.variableFlaw(e, u, v); f != nil {
				u.at.Mistake(f.hint, "%s", f.text)
			}
		}
	}
	return false
}

func (d *decoder) variableFlaw(e *environment, u use, v string) *flaw {
	switch {
	case v == "account_id" && !d.captured(e).has(accountBit):
		return flawed("write a directory as {account}, or the number itself", "{account_id} is looked up from {account}, which no pattern of environment %s captures", e.name)
	case contains(u.variables(), v) || d.captured(e).has(d.known(v)):
		return nil
	case contains(nameVariables, v):
		return flawed("known here are "+list(roleVariables())+" and captures", "{%s} cannot be used in %s", v, u.key)
	}
	known := append(slices.Clip(u.variables()), d.namesOf(d.captured(e))...)
	hint := "known here are " + list(known)
	if near := problem.Nearest(v, known); near != "" {
		hint = "did you mean {" + near + "}?"
	}
	return flawed(hint, "unknown variable {%s}: no pattern of environment %s captures it", v, e.name)
}

func list(names []string) string { return strings.Join(names, ", ") }
