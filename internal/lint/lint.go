// Package lint holds a role map against the root modules of its repository.
package lint

import (
	"slices"

	"whichrole/internal/modules"
	"whichrole/internal/rolemap"
	"whichrole/internal/survey"
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

// Check finds what is wrong with a map, by itself and for the root modules that were found, sorted by file and line. It is the
// same for everybody, wherever it is asked.
func Check(m *rolemap.Map, found *modules.Found) []rolemap.Finding {
	return checkIn(survey.Enough, m, found)
}

func checkIn(steps int, m *rolemap.Map, found *modules.Found) []rolemap.Finding {
	ours := slices.DeleteFunc(slices.Clone(found.Modules), func(m modules.Module) bool { return !m.AWS && m.Kind != "terragrunt" }) // the others need no role
	placed, whole := survey.Of(m, ours, survey.Question{Steps: steps})
	c := &checker{sources: m.SourceProfiles(), accounts: map[string]bool{}, locks: map[string]bool{}}
	for len(ours) > 0 {
		n := slices.IndexFunc(placed, func(p survey.Placed) bool { return p.Dir != ours[0].Dir })
		if n < 0 {
			n = len(placed)
		}
		c.module(&ours[0], placed[:n])
		ours, placed = ours[1:], placed[n:]
	}
	list := m.ReviewIn(rolemap.Repository{Accounts: c.accounts, Locks: func(env string) bool { return c.locks[env] }})
	if !whole { // nobody knows which accounts the other modules are in
		list = slices.DeleteFunc(list, func(f rolemap.Finding) bool { return f.Code == rolemap.UnusedAccount })
	}
	return rolemap.Tidy(slices.Concat(list, c.findings, unread(found.Notes)))
}

// checker gathers what the modules say.
type checker struct {
	sources  []string        // the map's profiles
	accounts map[string]bool // entries of the map's accounts that are used
	locks    map[string]bool // by environment: whether the state of one of its modules is locked with AWS credentials
	findings []rolemap.Finding
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
