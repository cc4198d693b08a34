// Package trust tells whether a role map, with the meaning it has now, was approved by the user.
package trust

import (
	"cmp"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
)

// File is a file that was read: the absolute path that it was opened by, and what was opened.
type File struct {
	Path string
	Info fs.FileInfo
}

// Subject is what is judged: one map, for one checkout, with one meaning.
type Subject struct {
	// Path is the map in its physical directory, absolute. The map itself may be a symlink: patterns count from there.
	Path string
	// Checkout is the physical top of the checkout whose git remote the user's `repositories:` gives this map to, else "".
	// A remote is what .git/config says, and a repository may say anything: so each checkout is approved for itself.
	Checkout string
	Dir      string          // where the command that approves it is to be run, absolute; "" for that of Path
	Meaning  rolemap.Meaning // of the very bytes that will be obeyed
	Info     fs.FileInfo     // of the same bytes: a trusted path asks for their owner and mode
	Files    []File          // the policy files that Meaning was read from, of which it asks the same

	Named      bool // --map or WHICHROLE_MAP names it: no directory leads there
	ByFlag     bool // --map on the command line: approved by hand
	ByUserFile bool // `repositories:` gives this map to a directory: the user's own word
}

// Store judges by the records below Dir and by TrustedPaths.
type Store struct {
	Dir          string   // where the records lie, absolute
	Home         string   // the user's home, "" for none
	TrustedPaths []string // as ParseTrustedPaths gives them
}

// Verdict is how a subject was judged. There are three outcomes: the whole map is approved; it is approved apart from
// AddedEnvironments and AddedAccounts; it is not approved, and Reason says why.
type Verdict struct {
	Approved bool   // the whole map
	How      string // "--map", "repositories", "trusted path /x" or "approved 2026-11-22"; "" where nothing is approved
	// New since the approval, sorted: only what they win is blocked.
	AddedEnvironments, AddedAccounts []string
	Changes                          []Change // changed or removed since the approval: the whole map is blocked
	Never                            bool     // there is no record at all
	Reason                           string   // why not all is approved, and why a trusted path that is near does not cover the map

	path, checkout, hint string
}

// Judge looks for an approval: the command line's, the user's file's, a trusted path, a record. What cannot be read or
// checked is no approval; Reason then says what was wrong.
func (s Store) Judge(sub Subject) Verdict {
	v := Verdict{path: sub.Path, checkout: sub.Checkout, hint: hintFor(sub)}
	switch {
	case !physical(sub.Path) || sub.Checkout != "" && !physical(sub.Checkout):
		v.Reason = "its path is not absolute"
		return v
	case sub.ByFlag:
		v.Approved, v.How = true, "--map"
		return v
	case sub.ByUserFile && sub.Checkout == "":
		v.Approved, v.How = true, "repositories"
		return v
	}
	trusted, notCovered := s.trustedBy(sub)
	if trusted != "" {
		v.Approved, v.How = true, "trusted path "+trusted
		return v
	}
	s.judgeByRecord(&v, sub)
	if !v.Approved && notCovered != "" {
		v.Reason += "; " + notCovered
	}
	return v
}

func (s Store) judgeByRecord(v *Verdict, sub Subject) {
	rec, err := s.read(sub)
	if err != nil {
		v.Never, v.Reason = err.never, err.text
		if err.hint != "" {
			v.hint = err.hint
		}
		return
	}
	approved := "approved " + rec.Approved.UTC().Format(time.DateOnly)
	v.Changes, v.AddedEnvironments, v.AddedAccounts = compare(rec.meaning(), sub.Meaning)
	switch {
	case len(v.Changes) > 0:
		v.Reason = fmt.Sprintf("it was changed after it was %s: %s", approved, summary(v.Changes))
	case len(v.AddedEnvironments)+len(v.AddedAccounts) > 0:
		v.How, v.Reason = approved, "added after it was "+approved+": "+summary(added(*v))
	default:
		v.Approved, v.How = true, approved
	}
}

// Allows is nil when a grant may be obeyed that depends on these environments of the map and on this entry of accounts
// ("" for none). Else it is a problem of code NotTrusted. A grant that depends on no environment is allowed only by the
// approval of the whole map.
func (v Verdict) Allows(environments []string, account string) error {
	if v.Approved {
		return nil
	}
	refuse := func(format string, args ...any) error {
		return problem.New(problem.NotTrusted, format, args...).WithHint("%s", v.hint)
	}
	if v.How == "" || len(environments) == 0 {
		return refuse("%s is not trusted: %s", v.what(), v.Reason)
	}
	for _, e := range environments {
		if slices.Contains(v.AddedEnvironments, e) {
			return refuse("the environment %s was added to %s after it was %s", e, v.what(), v.How)
		}
	}
	if slices.Contains(v.AddedAccounts, account) {
		return refuse("the account %s was added to %s after it was %s", account, v.what(), v.How)
	}
	return nil
}

func (v Verdict) what() string {
	if v.checkout != "" {
		return fmt.Sprintf("the role map %s, used for %s,", v.path, v.checkout)
	}
	return "the role map " + v.path
}

// hintFor is the command that shows what the subject grants and approves it.
func hintFor(sub Subject) string {
	if sub.Named {
		return "whichrole trust --map " + problem.Quote(sub.Path)
	}
	dir := cmp.Or(sub.Checkout, sub.Dir, filepath.Dir(sub.Path))
	return "whichrole trust -C " + problem.Quote(dir)
}

// physical tells whether p could be a physical path. It resolves nothing: which directory the map speaks for is the
// caller's to know.
func physical(p string) bool { return filepath.IsAbs(p) && filepath.Clean(p) == p }

func added(v Verdict) (list []Change) {
	for _, e := range v.AddedEnvironments {
		list = append(list, Change{Where: "environment " + e})
	}
	for _, a := range v.AddedAccounts {
		list = append(list, Change{Where: "account " + a})
	}
	return list
}

// summary names the first changes, for a message of one line.
func summary(changes []Change) string {
	const most = 2
	var names []string
	for _, c := range changes[:min(len(changes), most)] {
		names = append(names, strings.TrimSpace(c.Where+" "+c.Key))
	}
	if more := len(changes) - most; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return strings.Join(names, ", ")
}
