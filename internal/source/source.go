// Package source finds the first credentials of a chain.
//
// Choose makes a recipe of them from files and variables alone: that much a cached answer needs, for its key. What the recipe
// says is done only where credentials are fetched.
package source

import (
	"strings"

	"whichrole/internal/awsconfig"
	"whichrole/internal/oidc"
	"whichrole/internal/paths"
)

// The kinds of an Entry, as the role map and the user's file name them.
const (
	kindOIDC        = "oidc"
	kindWebIdentity = "web_identity"
	kindSSO         = "sso"
	kindProfile     = "profile"
	kindEnvironment = "environment"
	kindInstance    = "instance"
)

// Entry is one entry of a source list (SPEC "Source credentials").
type Entry struct {
	Kind          string // oidc, web_identity, sso, profile, environment or instance
	Name          string // github, env:NAME, a profile, an sso-session; "" for web_identity, environment and instance
	Audience      string
	Account       string
	PermissionSet string
}

// String is the entry in words: oidc github, profile corp, environment.
func (e Entry) String() string {
	if e.Name == "" {
		return e.Kind
	}
	return e.Kind + " " + e.Name
}

// World is what decides the choice. All of it is the user's word; only the entries are not.
type World struct {
	Env  paths.Env
	Home string // what a leading ~ of "oidc: file:PATH" means
	// AWS reads the AWS files; it is called only when an entry needs them, perhaps often: see awsconfig.Once.
	AWS      func() (*awsconfig.Files, error)
	Aliases  map[string]string // profiles of the user's file: what a map calls corp may be acme-sso here
	UserFile string            // the path of that file, for hints
	Audience string            // of a token that is asked for one, where its entry names none; "" for the usual one
}

// Note tells why an earlier entry was passed over, for explain.
type Note struct {
	Entry Entry
	Text  string
}

// String is the note with its entry.
func (n Note) String() string { return n.Entry.String() + ": " + n.Text }

// Choose takes the first entry whose condition holds, from the first list that has any entry: the environment's, the map's,
// the user's. With no list it is the order that SPEC implies. The notes are there with an error, too. Nobody is asked, on the
// network or here, and no program is run.
//
// Errors are *problem.Error: LoginNeeded where no entry holds or the one that holds gives no credentials as it is written,
// Usage where a setting of how AWS is reached is wrong, Failure where an AWS file cannot be read. An entry that holds but
// fails is never passed over: the next one could be another identity.
func Choose(w World, lists ...[]Entry) (*Choice, []Note, error) {
	for _, list := range lists {
		if len(list) > 0 {
			c, notes, err := w.first(list)
			if c == nil && err == nil {
				err = w.nothing(notes)
			}
			return c, notes, err
		}
	}
	c, notes, err := w.first(w.implied())
	if c == nil && err == nil {
		err = w.nothingImplied(notes)
	}
	return c, notes, err
}

// HasToken tells whether the entry that Choose takes is a token of a CI system or of the environment.
func HasToken(w World, lists ...[]Entry) (bool, error) {
	list := w.implied()
	for _, l := range lists {
		if len(l) > 0 {
			list = l
			break
		}
	}
	for _, e := range list {
		if e.Kind == kindProfile && e.Name == "default" && len(list) == 1 { // as on every laptop: no file is read for it
			return false, nil
		}
		why, err := w.absent(e)
		if err != nil {
			return false, err
		}
		if why == "" {
			return e.Kind == kindOIDC || e.Kind == kindWebIdentity, nil
		}
	}
	return false, nil
}

// first is nil without an error where no entry holds.
func (w World) first(list []Entry) (*Choice, []Note, error) {
	var notes []Note
	for _, e := range list {
		why, err := w.absent(e)
		switch {
		case err != nil:
			return nil, notes, err
		case why == "":
			c, err := w.take(e)
			return c, notes, err
		}
		notes = append(notes, Note{e, why})
	}
	return nil, notes, nil
}

// implied is the list where nobody wrote one. The CI systems that are not here are left out: they would only be noise.
func (w World) implied() []Entry {
	var list []Entry
	for _, system := range oidc.Systems() {
		p := oidc.Place{System: system}
		if w.oidc().Absent(p) == "" || w.oidc().Hint(p) != "" {
			list = append(list, Entry{Kind: kindOIDC, Name: system})
		}
	}
	return append(list, Entry{Kind: kindProfile, Name: "default"})
}

// plain tells whether a name from a map may stand in a command that somebody pastes.
func plain(name string) bool {
	return name != "" && name[0] != '-' && len(name) <= 64 && consistsOf(name, wordCharacters+".-@+")
}

func consistsOf(s, characters string) bool {
	return strings.Trim(s, characters) == "" // Trim stops at the first that is none of them
}

const (
	digits          = "0123456789"
	wordCharacters  = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_" + digits
	namePunctuation = "+=,.@-" // with the word characters: what AWS takes in the names of roles, sessions, permission sets
)
