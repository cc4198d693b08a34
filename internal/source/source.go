// Package source finds the first credentials of a chain.
package source

import (
	"context"
	"strings"

	"whichrole/internal/awsconfig"
	"whichrole/internal/creds"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// DepthVariable is what a child that could be whichrole again is started with, so that a profile that leads back here ends.
const DepthVariable = "WHICHROLE_DEPTH"

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
}

// Choice is the source that is used. Nothing in it but what Retrieve gives is secret.
type Choice struct {
	Entry Entry
	// Identity is everything that decides whose credentials these are, as JSON: a part of the cache's key. Equal identities
	// are the same credentials; what was found without the network is all of it.
	Identity    string
	Description string // for explain and errors: profile corp (static keys AKIA…WXYZ in FILE:LINE)
	Profile     string // the profile's own name, after aliases; "" for other kinds
	Temporary   bool   // the keys came with a session token, so they may be a role's
	Region      string // the profile's, "" if none
	// Retrieve gets the credentials. Those of static keys have neither Expires nor AccountID: what the user's file says of
	// the account is not what AWS says.
	Retrieve func(ctx context.Context) (creds.Credentials, error)
}

// Note tells why an earlier entry was passed over, for explain.
type Note struct {
	Entry Entry
	Text  string
}

// String is the note with its entry.
func (n Note) String() string { return n.Entry.String() + ": " + n.Text }

// Choose takes the first entry whose condition holds, from the first list that has any entry: the environment's, the map's,
// the user's. With no list it is the order that SPEC implies. The notes are there with an error, too.
//
// Errors are *problem.Error: LoginNeeded where no entry holds or the one that holds has unusable keys, Failure where it is
// of a kind that this version cannot use or an AWS file cannot be read. An entry that holds but fails is never passed over:
// the next one could be another identity.
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
	for _, system := range oidcSystems {
		if w.oidcAbsent(system) == "" || system == "github" && w.Env["GITHUB_ACTIONS"] != "" {
			list = append(list, Entry{Kind: kindOIDC, Name: system})
		}
	}
	return append(list, Entry{Kind: kindProfile, Name: "default"})
}

// take makes a Choice of the entry that was chosen. A kind without a case here is told, never skipped.
func (w World) take(e Entry) (*Choice, error) {
	switch e.Kind {
	case kindProfile:
		return w.takeProfile(e)
	case kindEnvironment:
		return w.takeEnvironment(e)
	}
	return nil, problem.New(problem.Failure, "source %s is not supported by this version", e).WithHint(servedHint)
}

const servedHint = "this version takes a profile with static keys, or environment: true"

// plain tells whether a name from a map may stand in a command that somebody pastes.
func plain(name string) bool {
	return name != "" && name[0] != '-' && len(name) <= 64 && consistsOf(name, wordCharacters+".-@+")
}

func consistsOf(s, characters string) bool {
	return strings.Trim(s, characters) == "" // Trim stops at the first that is none of them
}

const wordCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"
