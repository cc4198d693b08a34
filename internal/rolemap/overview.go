package rolemap

import "slices"

// Overview is what one environment grants, its defaults filled in and its templates as written, for people to read.
type Overview struct {
	Name       string
	Line       int // in the map, from 1
	Dirs       []string
	Workspaces []string
	// Roles are the roles of role_arn, or the permission sets of permission_set, by operation. One for all has the operation "".
	// Empty where the source's own credentials are handed out.
	Roles         []RoleTemplate
	PermissionSet bool // Roles are permission sets
	Account       string
	Via           []string
	Region        string
	Sources       []Source // those that count here, a list that environments share; nil leaves them to the user's own file
	Source        string   // the same in words: "oidc github, else profile corp"; "" for nil
	UsesAccounts  bool     // {account_id} is used: any entry of accounts may be the account
}

// RoleTemplate is the role of one operation as the map has it: arn:aws:iam::{account_id}:role/terraform.
type RoleTemplate struct {
	Operation Operation
	Role      string
}

// Overview lists the environments in the file's order.
func (m *Map) Overview() []Overview {
	views := make([]Overview, 0, len(m.environments))
	lists := map[*Source]sourceList{}
	for _, e := range m.environments {
		sources := m.sourceList(e, lists)
		v := Overview{
			Name: e.name, Line: e.line, Dirs: slices.Clone(e.Dirs), Workspaces: slices.Clone(e.Workspaces),
			PermissionSet: e.PermissionSet.set(), Account: e.Account.text, Region: e.Region.text,
			Sources: sources.list, Source: sources.words, UsesAccounts: e.variables().has(accountIDBit),
		}
		v.Roles = append(e.Role.overview(), e.PermissionSet.overview()...)
		for _, t := range e.Via {
			v.Via = append(v.Via, t.text)
		}
		views = append(views, v)
	}
	return views
}

// sourceList is a list and its words, which all environments that inherit it share.
type sourceList struct {
	list  []Source
	words string
}

func (m *Map) sourceList(e *environment, known map[*Source]sourceList) sourceList {
	sources := m.sourcesOf(e)
	if len(sources) == 0 {
		return sourceList{}
	}
	l, ok := known[&sources[0]]
	if !ok {
		l = sourceList{slices.Clone(sources), describe(sources)}
		known[&sources[0]] = l
	}
	return l
}

func (r roles) overview() []RoleTemplate {
	switch {
	case !r.set():
		return nil
	case !r.Plan.set() && !r.State.set():
		return []RoleTemplate{{"", r.Apply.text}}
	}
	var list []RoleTemplate
	for _, x := range []struct {
		op Operation
		t  template
	}{{Plan, r.Plan}, {Apply, r.Apply}, {State, r.State}} {
		if x.t.set() {
			list = append(list, RoleTemplate{x.op, x.t.text})
		}
	}
	return list
}

func describe(sources []Source) string {
	text := ""
	for i, s := range sources {
		if i > 0 {
			text += ", else "
		}
		text += s.String()
	}
	return text
}
