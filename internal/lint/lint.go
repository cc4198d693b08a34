// Package lint holds a role map against the root modules of its repository.
package lint

import (
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"whichrole/internal/modules"
	"whichrole/internal/rolemap"
)

// The codes of what is wrong with root modules; those of the map itself are rolemap's.
const (
	NoEnvironment = "no-environment" // a root module that uses AWS gets no role
	HiddenModule  = "hidden-module"  // no_role wins there
	OwnRole       = "own-role"       // a block assumes a role of its own, from ours
	OwnProfile    = "own-profile"    // a block names a profile that is a source of the map, or AWS files of its own
	OwnKeys       = "own-keys"       // a block brings keys along: whichrole is not asked
)

// Codes are all that a finding can have.
var Codes = []string{
	rolemap.Invalid, rolemap.NeverWins, rolemap.Ties, rolemap.UnusedAccount, rolemap.SharedRole, rolemap.NoStateRole,
	NoEnvironment, HiddenModule, OwnRole, OwnProfile, OwnKeys, rolemap.Misleading, rolemap.Unread,
}

// Check finds what is wrong with a map, by itself and for the root modules that were found, sorted by file and line. target is
// the question of a directory, from the map's root, whose workspace and operation Check fills in; it is asked from several
// goroutines. Its Lookup must have a value for all, or the answer depends on who asks.
func Check(m *rolemap.Map, found *modules.Found, target func(dir string) rolemap.Target) []rolemap.Finding {
	c := &checker{m: m, target: target, sources: m.SourceProfiles(), operations: map[string][]rolemap.Operation{}}
	for _, e := range m.Entries() {
		c.operations[e.Name] = apart(e)
	}
	answers := c.ask(found.Modules)
	list := m.ReviewIn(known(found.Modules, answers))
	for _, a := range answers {
		list = append(list, a.findings...)
	}
	return rolemap.Tidy(append(list, unread(found.Notes)...))
}

// apart are the operations beside plan whose role may lack a value that plan's has not asked for.
func apart(e rolemap.Entry) (list []rolemap.Operation) {
	for _, op := range []rolemap.Operation{rolemap.Apply, rolemap.State} {
		role, ok := e.Roles[op]
		if ok && role != e.Roles[rolemap.Plan] && strings.Contains(role, "{") {
			list = append(list, op)
		}
	}
	return list
}

// checker asks what each module gets.
type checker struct {
	m          *rolemap.Map
	target     func(dir string) rolemap.Target
	sources    []string                       // the map's profiles
	operations map[string][]rolemap.Operation // by environment: those to ask for beside plan
}

// answer is what became of one module.
type answer struct {
	findings     []rolemap.Finding
	environments []string
	accounts     []string // entries of the map's accounts
}

// ask goes through the modules on all processors: each costs a look at every rule of the map.
func (c *checker) ask(list []modules.Module) []answer {
	answers := make([]answer, len(list))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(list)); i = next.Add(1) - 1 {
				answers[i] = c.module(&list[i])
			}
		})
	}
	workers.Wait()
	return answers
}

// known is what the modules say of environments and accounts. An environment in which no module is known may have any.
func known(list []modules.Module, answers []answer) rolemap.Repository {
	accounts, seen, locks := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for i, a := range answers {
		for _, name := range a.accounts {
			accounts[name] = true
		}
		for _, env := range a.environments {
			seen[env] = true
			locks[env] = locks[env] || locksByAWS(&list[i])
		}
	}
	return rolemap.Repository{Accounts: accounts, Locks: func(env string) bool { return !seen[env] || locks[env] }}
}

// locksByAWS tells whether the lock of the module's state is written with AWS credentials. The backend of a Terragrunt unit
// mostly stands in a file above it, and is S3 there.
func locksByAWS(m *modules.Module) bool {
	return m.Backend == "s3" || m.Backend == "" && m.Kind == "terragrunt"
}

// unread are the notes of the search, but for other repositories: those have maps of their own. A map further down is the same
// repository's, and nobody else says that it wants a check.
func unread(notes []modules.Note) (list []rolemap.Finding) {
	for _, n := range notes {
		f := rolemap.Finding{Code: rolemap.Unread, File: n.File, Line: n.Line, Text: n.Text}
		switch n.Kind() {
		case modules.OtherRepository:
			continue
		case modules.OtherMap:
			f.Text, f.Hint = "has a role map of its own: check must be run there as well", "whichrole -C DIR check"
		}
		if n.Line > 0 {
			f.Column = 1
		}
		list = append(list, f)
	}
	return list
}
