package rolemap

import "encoding/json"

// Meaning is what the map says, in canonical JSON: every decoded key after defaults. The structs that hold the keys are
// encoded as they are, so that a key that is decoded cannot be left out; lists whose order means nothing are sorted.
func (m *Map) Meaning() Meaning {
	meaning := Meaning{Environments: make(map[string]string, len(m.environments)), Accounts: make(map[string]string, len(m.accounts))}
	for _, e := range m.environments {
		meaning.Environments[e.name] = canonical(e.canonical())
	}
	for name, id := range m.accounts {
		meaning.Accounts[name] = canonical(id)
	}
	meaning.Rest = canonical(struct {
		Import   bool     `json:"import_terrateam"`
		Source   []Source `json:"source"`
		Defaults settings `json:"defaults"`
		NoRole   []string `json:"no_role"`
		Accounts bool     `json:"has_accounts"` // accounts: {} allows none, no accounts at all allows any number
	}{m.imports, m.sources, m.defaults, sortedSet(m.NoRole()), m.hasAccounts})
	return meaning
}

// canonical is e in the one form that all ways to write the same share.
func (e *environment) canonical() environment {
	c := *e
	c.Dirs, c.Workspaces = sortedSet(e.Dirs), sortedSet(e.Workspaces)
	c.Role, c.PermissionSet = e.Role.canonical(), e.PermissionSet.canonical()
	return c
}

// canonical: a plan that is written as apply is what it would be without being written.
func (r roles) canonical() roles {
	if r.Plan.text == r.Apply.text {
		r.Plan = template{}
	}
	return r
}

func canonical(v any) string {
	data, err := json.Marshal(v)
	if err != nil { // strings, numbers and lists of them: there is nothing that could fail
		panic("rolemap: meaning: " + err.Error())
	}
	return string(data)
}
