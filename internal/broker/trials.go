package broker

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"whichrole/internal/rolemap"
	"whichrole/internal/survey"
)

// trial is a Trial, and how it is got.
type trial struct {
	Trial
	r Request   // that leads to it, for the command that logs in
	d *Decision // with its target
}

// schedule is what is to be tried: each role once for all that decides its credentials, however many directories get it.
type schedule struct {
	b      *Broker
	r      Request
	d      *Decision
	trials []trial
	seen   map[string]int // index in trials
}

// make goes through the environments in the map's order.
func (p *schedule) make(c *Checked) {
	placed := map[string][]survey.Placed{}
	for _, m := range p.b.survey(p.r, p.d, c.found).Placed {
		placed[m.Environment] = append(placed[m.Environment], m)
	}
	for _, e := range p.d.Map.Entries() {
		if p.r.Environment != "" && p.r.Environment != e.Name || p.r.Workspace != "" && !p.d.Map.TakesWorkspace(e.Name, p.r.Workspace) {
			continue
		}
		before := len(p.trials)
		for _, m := range placed[e.Name] {
			p.module(m)
		}
		if tried := len(p.trials) > before; onlyAccount(e) || !tried {
			p.environment(e, tried)
		}
	}
}

// module adds what a root module gets.
func (p *schedule) module(m survey.Placed) {
	r := p.r
	r.Dir, r.Environment, r.EnvironmentVariable, r.Set = filepath.Join(p.d.File.Root, filepath.FromSlash(m.Dir)), "", "", nil
	if m.Workspace != "default" {
		r.Workspace = m.Workspace
	}
	for _, role := range m.Roles {
		for _, op := range role.Operations {
			t := rolemap.Target{Dir: m.Dir, Workspace: m.Workspace, Operation: op, Lookup: survey.Anyone}
			if g, err := p.d.Map.Grant(t); err == nil { // as it was when it was placed
				p.add(r, g, t)
			}
		}
	}
}

// environment adds what an environment grants without a root module, once for each account where that is all that varies.
func (p *schedule) environment(e rolemap.Entry, tried bool) {
	r := p.r
	r.Environment, r.Workspace, r.Set = e.Name, "", nil
	sets := []map[string]string{nil}
	switch {
	case onlyAccount(e):
		sets = nil
		for _, name := range slices.Sorted(maps.Keys(p.d.Map.Accounts())) {
			sets = append(sets, map[string]string{"account": name})
		}
	case len(variables(e)) > 0:
		p.untried(e, "no root module says what {"+strings.Join(variables(e), "}, {")+"} is")
		return
	}
	for _, r.Set = range sets {
		for _, op := range p.operations(e) {
			t := rolemap.Target{Dir: ".", Environment: e.Name, Set: r.Set, Operation: op, Lookup: survey.Anyone}
			if g, err := p.d.Map.Grant(t); err == nil {
				p.add(r, g, t)
				tried = true
			} else if !tried {
				p.untried(e, err.Error())
				return
			}
		}
	}
	if !tried {
		p.untried(e, "the map has no accounts")
	}
}

func (p *schedule) operations(e rolemap.Entry) []rolemap.Operation {
	if p.r.Operation != "" {
		return []rolemap.Operation{rolemap.Operation(p.r.Operation)}
	}
	return survey.OwnOperations(e)
}

// add plans a grant, or only notes one more operation where the same role is planned already.
func (p *schedule) add(r Request, g *rolemap.Grant, t rolemap.Target) {
	role := survey.Role{Operations: []rolemap.Operation{g.Operation}, RoleARN: g.RoleARN(), PermissionSet: g.PermissionSet, Account: g.Account, Region: g.Region}
	key := fmt.Sprint(g.Environment, g.Chain(), g.PermissionSet, g.Account, g.Region)
	if i, known := p.seen[key]; known {
		if known := &p.trials[i].Operations; !slices.Contains(*known, g.Operation) {
			*known = append(*known, g.Operation)
		}
		return
	}
	p.seen[key] = len(p.trials)
	d := *p.d
	d.Target = t
	d.Target.Lookup = p.b.lookup(p.d)
	p.trials = append(p.trials, trial{Trial{Role: role, Environment: g.Environment}, r, &d})
}

// untried tells of the environment's roles that nothing was tried.
func (p *schedule) untried(e rolemap.Entry, why string) {
	for _, role := range survey.Serving(e, rolemap.Operation(p.r.Operation)) {
		p.trials = append(p.trials, trial{Trial: Trial{Role: role, Environment: e.Name, Untried: why}})
	}
}

// variables are those of an environment's roles that only a directory gives a value to.
func variables(e rolemap.Entry) []string {
	return slices.DeleteFunc(slices.Clone(e.Variables), func(name string) bool { return name == "env" || name == "operation" })
}

func onlyAccount(e rolemap.Entry) bool {
	names := variables(e)
	return len(names) > 0 && !slices.ContainsFunc(names, func(name string) bool { return name != "account" && name != "account_id" })
}
