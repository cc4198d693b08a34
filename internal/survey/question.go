package survey

import (
	"cmp"
	"errors"
	"slices"
	"sync/atomic"

	"whichrole/internal/modules"
	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
)

// question is what is asked of each module.
type question struct {
	m         *rolemap.Map
	entries   map[string]rolemap.Entry // by name
	operation rolemap.Operation        // "" for all
	placed    atomic.Int64             // how many answers there are
}

// cut tells that no more is asked.
func (q *question) cut() bool { return q.m.Spent() || q.placed.Load() >= maxPlaced }

// Anyone stands for what differs from person to person and machine to machine. No role, account or region depends on it: a
// survey is the same for everybody.
func Anyone(variable string) (string, error) { return variable, nil }

// ask is one module in that workspace or, where none is named, in all that the map knows of, and in an example of each pattern
// of them.
func (q *question) ask(m modules.Module, workspace string) (list []Placed) {
	if q.cut() {
		return nil
	}
	if workspace != "" {
		return q.in(m, []string{workspace}, false)
	}
	named := q.m.Workspaces(m.Dir)
	list = q.in(m, named, false)
	examples := slices.DeleteFunc(q.m.ExampleWorkspaces(m.Dir), func(w string) bool { return slices.Contains(named, w) })
	if len(examples) > 0 && len(list) > 0 && list[0].Outcome == Unmapped { // nobody maps default, which stands for all there
		list = nil
	}
	for _, p := range q.in(m, examples, true) {
		if p.Outcome != Shared { // as in every workspace
			list = append(list, p)
		}
	}
	return list
}

func (q *question) in(m modules.Module, workspaces []string, examples bool) (list []Placed) {
	for _, w := range workspaces {
		if q.cut() {
			break
		}
		q.placed.Add(1)
		p := Placed{Module: m, Workspace: w, Example: examples, Outcome: Mapped}
		q.place(&p)
		list = append(list, p)
	}
	return list
}

// place asks for each operation that has a role of its own.
func (q *question) place(p *Placed) {
	asked := operations
	if q.operation != "" {
		asked = []rolemap.Operation{q.operation}
	}
	var failed error
	imported := false
	for i, a := range q.m.Grants(rolemap.Target{Dir: p.Dir, Workspace: p.Workspace, Lookup: Anyone}, asked...) {
		g := a.Grant
		if g == nil {
			failed = cmp.Or(failed, a.Err)
			continue
		}
		if q.operation == "" && !slices.Contains(OwnOperations(q.entries[g.Environment]), asked[i]) {
			continue
		}
		imported = g.Imported
		p.Environment = g.Environment
		if g.AccountName != "" && !slices.Contains(p.Accounts, g.AccountName) {
			p.Accounts = append(p.Accounts, g.AccountName)
		}
		p.Roles = merge(p.Roles, Role{Operations: asked[i : i+1 : i+1], RoleARN: g.RoleARN(), PermissionSet: g.PermissionSet, Account: g.Account, Region: g.Region})
	}
	switch {
	case failed == nil:
	case imported && errors.Is(failed, rolemap.ErrVariable): // elsewhere it may have one
	case imported: // a workflow of Terrateam's may have a role for one operation alone
		p.Err = failed
	default:
		p.Roles = nil
		q.fail(p, failed)
	}
}

// fail finds out what kind of failure it is.
func (q *question) fail(p *Placed, err error) {
	p.Err = err
	switch here := q.m.Standing(p.Dir, p.Workspace); {
	case here.Tied:
		p.Outcome, p.Rivals = Tied, here.Environments
		if here.NoRole {
			p.Rivals = append(p.Rivals, "no_role")
		}
	case here.NoRole:
		p.Outcome = Shared
	case len(here.Environments) > 0 && !errors.Is(err, problem.ErrNowhere): // that is a workflow of Terrateam's without a role
		p.Outcome, p.Environment = Failed, here.Environments[0]
	default:
		p.Outcome = Unmapped
	}
}
