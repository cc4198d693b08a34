package broker

import (
	"cmp"
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"whichrole/internal/mapfile"
	"whichrole/internal/modules"
	"whichrole/internal/pattern"
	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
)

// Outcome is what became of a root module.
type Outcome string

// What a root module can come to.
const (
	Mapped   Outcome = "mapped"
	Unmapped Outcome = "no environment" // that wants it, or its workspace
	Shared   Outcome = "shared code"    // no_role wins there
	Tied     Outcome = "tied"
	Failed   Outcome = "failed" // its environment is known, but not what it grants
)

// Placed is one root module in one workspace, and what it gets.
type Placed struct {
	modules.Module
	Workspace   string
	Example     bool // that workspace is one that a pattern of the map matches; nobody may ever have made it
	Outcome     Outcome
	Environment string   // "" without one
	Rivals      []string // the environments, or no_role, that are tied
	Roles       []Role
	Err         error // why there are no roles
}

// Survey is every root module with what it gets.
type Survey struct {
	Decision *Decision // as far as the map
	Below    string    // the directory whose modules these are, from the map's root; "." for all
	Placed   []Placed  // sorted by directory
	Notes    []modules.Note
}

// ListDirs tells which role each root module at and below the request's directory gets, whether the map is trusted or not. A
// workspace or an operation that is asked for takes the place of all, an environment narrows the answer. progress is told
// how many directories were looked at; it may be nil.
func (b *Broker) ListDirs(ctx context.Context, r Request, progress func(dirs int)) (*Survey, error) {
	d, err := b.examined(r)
	if err != nil {
		return nil, err
	}
	found, err := b.modules(ctx, d, progress)
	if err != nil {
		return nil, err
	}
	s := b.survey(r, d, found)
	s.Below = d.File.Dir
	s.Placed = keep(s.Placed, func(p Placed) bool {
		return below(s.Below, p.Dir) && (r.Environment == "" || p.Environment == r.Environment)
	})
	return s, ctx.Err()
}

// modules finds the root modules that the map could speak of.
func (b *Broker) modules(ctx context.Context, d *Decision, progress func(int)) (*modules.Found, error) {
	return modules.Find(ctx, modules.Search{
		Root: d.File.Root, Top: d.File.Top, Progress: progress, OneMap: d.File.How != mapfile.Found, // a named one holds for all below
	})
}

func below(top, dir string) bool {
	return top == "." || dir == top || strings.HasPrefix(dir, top+"/")
}

func keep(list []Placed, wanted func(Placed) bool) (kept []Placed) {
	for _, p := range list {
		if wanted(p) {
			kept = append(kept, p)
		}
	}
	return kept
}

// A hostile repository has as many root modules and workspaces as it likes: surveyWork is how many steps they are matched in,
// about ten seconds of one processor, and maxPlaced how many answers there are.
const (
	surveyWork = 50 * pattern.Enough
	maxPlaced  = 100_000
)

// survey lays the map on each module, on all processors.
func (b *Broker) survey(r Request, d *Decision, found *modules.Found) *Survey {
	return surveyIn(surveyWork, r, d, found)
}

func surveyIn(steps int, r Request, d *Decision, found *modules.Found) *Survey {
	q := &question{m: d.Map.Bounded(steps), entries: map[string]rolemap.Entry{}, operation: rolemap.Operation(r.Operation)}
	for _, e := range d.Map.Entries() {
		q.entries[e.Name] = e
	}
	placed := make([][]Placed, len(found.Modules))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(placed) {
					return
				}
				placed[i] = q.ask(found.Modules[i], r.Workspace)
			}
		})
	}
	workers.Wait()
	s := &Survey{Decision: d, Notes: found.Notes}
	for _, list := range placed {
		s.Placed = append(s.Placed, list...)
	}
	if q.cut() {
		s.Notes = append(slices.Clip(s.Notes), modules.Note{File: d.File.Path, Text: "not every root module was looked at in all its workspaces: there are too many of them, or the patterns take too long to match"})
	}
	return s
}

// question is what is asked of each module.
type question struct {
	m         *rolemap.Map
	entries   map[string]rolemap.Entry // by name
	operation rolemap.Operation        // "" for all
	placed    atomic.Int64             // how many answers there are
}

// cut tells that no more is asked.
func (q *question) cut() bool { return q.m.Spent() || q.placed.Load() >= maxPlaced }

// anyone stands for what differs from person to person and machine to machine. No role, account or region depends on it: a
// survey is the same for everybody.
func anyone(variable string) (string, error) { return variable, nil }

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

// place asks for each operation that may have a role of its own.
func (q *question) place(p *Placed) {
	asked := operations[:1]
	if q.operation != "" {
		asked = []rolemap.Operation{q.operation}
	}
	var failed error
	imported := false
	for i := 0; i < len(asked); i++ {
		g, err := q.m.Grant(rolemap.Target{Dir: p.Dir, Workspace: p.Workspace, Operation: asked[i], Lookup: anyone})
		if err != nil {
			failed = cmp.Or(failed, err)
			if i == 0 && q.operation == "" && q.m.ImportsTerrateam() { // a workflow may have a role for apply alone
				asked = operations[:2]
			}
			continue
		}
		imported = g.Imported
		p.Environment = g.Environment
		p.Roles = merge(p.Roles, Role{Operations: asked[i : i+1 : i+1], RoleARN: g.RoleARN(), PermissionSet: g.PermissionSet, Account: g.Account, Region: g.Region})
		if i == 0 && q.operation == "" {
			asked = ownOperations(q.entries[g.Environment])
		}
	}
	if failed != nil && !imported {
		p.Roles = nil
		q.fail(p, failed)
	}
}

// ownOperations are plan and apply, and state where the environment names a role for it: else the role of the subcommand at
// hand serves it.
func ownOperations(e rolemap.Entry) []rolemap.Operation {
	if _, ok := e.Roles[rolemap.State]; ok {
		return operations
	}
	return operations[:2]
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
