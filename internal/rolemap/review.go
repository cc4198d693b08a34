package rolemap

import (
	"cmp"
	"errors"
	"slices"

	"whichrole/internal/strictyaml"
)

// A Finding is one thing that whichrole check complains of. Text and Hint are one line each and may quote hostile text:
// whoever prints them escapes it.
type Finding struct {
	Code         string // never-wins, tie, …: what --ignore names
	File         string // as the map is called, or a module's from the repository's root
	Line, Column int    // from 1; 0 where the file as a whole is meant
	Text, Hint   string
	Source       string // lines of the file that are to be deleted, "" for none
}

// The codes of what is wrong with a map by itself.
const (
	Invalid       = "invalid"        // Parse refuses it
	NeverWins     = "never-wins"     // another rule is better wherever this one matches
	Ties          = "tie"            // two rules are equally good somewhere
	UnusedAccount = "unused-account" // no environment can use it
	SharedRole    = "shared-role"    // two environments write with one role
	NoStateRole   = "no-state-role"  // plan, which only reads, is to write the lock of the state
	Misleading    = "misleading"     // an imported map has something that does not mean what it looks like
	Unread        = "unread"         // something was not looked at
)

// Mistakes are those for which Parse refused a map, up to strictyaml.MaxMistakes, sorted by line. Nil for any other error.
func Mistakes(err error) []Finding {
	all, ok := errors.AsType[strictyaml.Mistakes](err)
	if !ok {
		return nil
	}
	list := make([]Finding, 0, len(all))
	for _, m := range all {
		list = append(list, Finding{Code: Invalid, File: m.File, Line: m.Line, Column: m.Column, Text: m.Text, Hint: m.Hint})
	}
	return list
}

// Repository is what is known of the root modules that a map serves. The zero value knows nothing.
type Repository struct {
	Accounts map[string]bool       // the entries of accounts that root modules use; empty: not known
	Locks    func(env string) bool // whether a root module of the environment keeps its state with our credentials; nil: not known
}

// Review finds what is wrong with the map by itself.
func (m *Map) Review() []Finding { return Tidy(m.ReviewIn(Repository{})) }

// ReviewIn is Review with what is known of the repository. The findings are in no order, and may be many.
func (m *Map) ReviewIn(r Repository) []Finding {
	v := newReviewer(m)
	v.neverWins()
	v.ties()
	if v.cut || v.index.Exhausted() {
		v.find(Unread, 1, 1, "use fewer patterns with * and **", "the patterns overlap in more ways than can be looked through: not every tie was looked for")
	}
	v.sharedRoles()
	v.stateRoles(r.Locks)
	v.unusedAccounts(r.Accounts)
	if m.imported != nil {
		v.list = append(v.list, m.imported.Review()...)
	}
	return v.list
}

// MaxFindings is how many of one code are told: nobody mends more at once.
const MaxFindings = 100

// Tidy sorts findings by file, line and column, and tells of each code the first MaxFindings, the last of them with the word
// that there are more.
func Tidy(list []Finding) []Finding {
	slices.SortStableFunc(list, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Text, b.Text))
	})
	list = slices.Compact(list) // one file may belong to several modules
	last := map[string]int{}
	seen := map[string]int{}
	kept := make([]Finding, 0, len(list))
	for _, f := range list {
		switch seen[f.Code]++; {
		case seen[f.Code] <= MaxFindings:
			last[f.Code] = len(kept)
			kept = append(kept, f)
		case seen[f.Code] == MaxFindings+1:
			kept[last[f.Code]].Text += " (and there are more of these)"
		}
	}
	return kept
}
