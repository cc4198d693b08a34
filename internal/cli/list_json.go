package cli

import (
	"cmp"
	"time"

	"whichrole/internal/broker"
	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
)

// granted is what some operations get.
type granted struct {
	Operations    []rolemap.Operation `json:"operations"`
	RoleARN       string              `json:"role_arn"` // "" for a permission set, and where the source's own credentials are handed out
	PermissionSet string              `json:"permission_set,omitempty"`
	Account       string              `json:"account"`
	Region        string              `json:"region"` // "" where the map names none
}

// listed is one element of list --json: a role of an environment as the map writes it.
type listed struct {
	Environment string `json:"environment"`
	granted
	Accounts   int      `json:"accounts,omitempty"` // that the variable in account may become
	Dirs       []string `json:"dirs"`
	Workspaces []string `json:"workspaces"`
	Query      string   `json:"tag_query,omitempty"` // instead of both, where Terrateam's configuration decides
	Cache      []record `json:"cache"`
	Trust      string   `json:"trust"`
}

// record is what the metadata says of one entry of the cache.
type record struct {
	RoleARN string    `json:"role_arn"`
	Store   string    `json:"store"`
	Expires time.Time `json:"expires"`
}

func listing(a *app, l *broker.Listing) []listed {
	list := []listed{}
	for _, row := range l.Rows {
		x := listed{
			Environment: row.Environment, granted: granted(row.Role), Accounts: row.Accounts,
			Dirs: append([]string{}, row.Dirs...), Workspaces: append([]string{}, row.Workspaces...), Query: row.Query,
			Cache: []record{}, Trust: notTrusted,
		}
		if row.Trusted {
			x.Trust = l.Decision.Trust.How
		}
		for _, m := range row.Cached {
			x.Cache = append(x.Cache, record{m.RoleARN, m.Store, m.Expires})
		}
		list = append(list, x)
	}
	return list
}

// surveyed is the object of list --dirs --json.
type surveyed struct {
	Map     string   `json:"map"`
	Trust   string   `json:"trust"`
	Modules []placed `json:"modules"`
	Notes   []note   `json:"notes"` // what could not be read
}

type placed struct {
	Dir         string    `json:"dir"` // from the map's root
	Workspace   string    `json:"workspace"`
	Example     bool      `json:"example,omitempty"` // that workspace is only an example of what a pattern matches
	Kind        string    `json:"kind"`              // terraform or terragrunt
	Backend     string    `json:"backend"`           // "" where none is named
	Outcome     string    `json:"outcome"`           // mapped, no environment, shared code, tied or failed
	Environment string    `json:"environment"`
	Grants      []granted `json:"grants"` // plan's first
	Tied        []string  `json:"tied,omitempty"`
	Error       string    `json:"error,omitempty"`
	Hint        string    `json:"hint,omitempty"`
}

type note struct {
	File string `json:"file"`
	Line int    `json:"line,omitempty"`
	Text string `json:"text"`
}

func ofSurvey(s *broker.Survey) surveyed {
	x := surveyed{Map: s.Decision.File.Path, Trust: cmp.Or(s.Decision.Trust.How, notTrusted), Modules: []placed{}, Notes: []note{}}
	for _, p := range s.Placed {
		m := placed{
			Dir: p.Dir, Workspace: p.Workspace, Example: p.Example, Kind: p.Kind, Backend: p.Backend, Outcome: string(p.Outcome),
			Environment: p.Environment, Grants: []granted{}, Tied: p.Rivals,
		}
		if p.Err != nil {
			m.Error, m.Hint = p.Err.Error(), problem.HintOf(p.Err)
		}
		for _, r := range p.Roles {
			m.Grants = append(m.Grants, granted(r))
		}
		x.Modules = append(x.Modules, m)
	}
	for _, n := range s.Notes {
		x.Notes = append(x.Notes, note(n))
	}
	return x
}
