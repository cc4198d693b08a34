// Package survey asks a role map what each root module of its repository gets, in every workspace that the map knows of.
package survey

import (
	"runtime"
	"sync"
	"sync/atomic"

	"whichrole/internal/modules"
	"whichrole/internal/pattern"
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
	Accounts    []string // entries of the map's accounts that its roles come from
	Rivals      []string // the environments, or no_role, that are tied
	Roles       []Role
	Err         error // why there are no roles or, where there are some, why an operation has none
}

// A hostile repository has as many root modules and workspaces as it likes: Enough is how many steps they are matched in,
// about ten seconds of one processor, and maxPlaced how many answers there are.
const (
	Enough    = 50 * pattern.Enough
	maxPlaced = 100_000
)

// Question narrows what is asked.
type Question struct {
	Workspace string            // "" for all
	Operation rolemap.Operation // "" for all
	Steps     int               // see rolemap.Map.Bounded; mostly Enough
}

// Of lays the map on each module, on all processors: the answers are sorted as the modules are. They are the same for everybody,
// for nothing is looked up. Not whole: the work or the answers became too many, and the modules without an answer were not asked.
func Of(m *rolemap.Map, list []modules.Module, ask Question) (placed []Placed, whole bool) {
	q := &question{m: m.Bounded(ask.Steps), entries: map[string]rolemap.Entry{}, operation: ask.Operation}
	for _, e := range m.Entries() {
		q.entries[e.Name] = e
	}
	answers := make([][]Placed, len(list))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(list)); i = next.Add(1) - 1 {
				answers[i] = q.ask(list[i], ask.Workspace)
			}
		})
	}
	workers.Wait()
	for _, a := range answers {
		placed = append(placed, a...)
	}
	return placed, !q.cut()
}
