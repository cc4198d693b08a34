// Package scaffold writes a role map from what a repository already says of its roles, and puts it into its place.
//
// All that it reads is hostile. Nothing is guessed: what is computed, or said in two ways, is told and left out, and what was
// written is asked for every directory before anybody sees it.
package scaffold

import (
	"context"
	"slices"
	"strings"

	"whichrole/internal/found"
	"whichrole/internal/modules"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// Options say what to look at.
type Options struct {
	Root       string    // the directory that the map is for: see Root
	Top        string    // the git repository around it, "" where there is none
	Home       string    // the user's, "" for none
	Env        paths.Env // AWS_CONFIG_FILE
	From       string    // the system to ask, one of Systems; "" for the first that says a role
	DestBranch string    // for whose pull requests Terrateam's configuration is read; "" for the default branch
	Progress   func(dirs int)
}

// Draft is a role map that nobody wrote yet. Every text in it is harmless: control characters are escaped.
type Draft struct {
	Text    string   // the file
	Remarks []string // lines for the person who gets it: what could not be read, what gets no role, what else there is
	Blank   bool     // it has no environment yet: roles are to be filled in
	Region  string   // of the first environment that has one, ""
	Caller  string   // a profile of the user's AWS files that calls whichrole already, "" for none
}

// Systems are the names that Options.From takes, in the order in which they are asked.
func Systems() (names []string) {
	for _, s := range systems() {
		names = append(names, s.name)
	}
	return names
}

// Make reads the repository and drafts its map. Where nothing says a role, and no directory has the name of an environment, it
// is a *problem.Error of code NoEnvironment, with a *Nothing as its cause.
func Make(ctx context.Context, o Options) (*Draft, error) {
	s, err := newScan(ctx, o)
	if err != nil {
		return nil, err
	}
	defer s.close()
	chosen, said, others := s.choose()
	c := compile(material{places: said.Places, loose: said.loose, modules: s.found.Modules, code: s.found.Code, profiles: sourcesOf(s.profiles)})
	unread, leftOut := s.notes()
	unread = slices.Concat(said.Unread, c.unread, unread)
	h := heading{from: chosen.where, oidc: said.OIDC, known: said.Sources}
	if said.as != "" {
		h.from = said.as
	}
	d := &Draft{Caller: s.caller, Blank: len(c.environments) == 0}
	if d.Blank {
		if o.From != "" || len(c.blanks) == 0 {
			return nil, nothing(o, unread)
		}
		h.from, chosen = "the names of directories", system{}
	}
	d.Text = c.text(h)
	for _, e := range c.environments {
		if d.Region == "" {
			d.Region = e.answer.region
		}
	}
	d.Remarks = slices.Concat(remarks(unread, c.unmapped, others, chosen), told("left out", leftOut))
	partly, err := c.prove(d.Text, s.found.Modules)
	if err != nil {
		return nil, err
	}
	if partly != "" {
		d.Remarks = append(d.Remarks, partly)
	}
	return d, nil
}

// Nothing is the cause of Make's error where nothing was found. Remarks are harmless lines that tell what could not be read.
type Nothing struct{ Remarks []string }

func (n *Nothing) Error() string { return "nothing says a role" }

func nothing(o Options, unread []found.Unread) error {
	var looked []string
	for _, s := range systems() {
		if s.name == o.From {
			return problem.New(problem.NoEnvironment, "%s says of no directory below %s which role it gets (looked for: %s)", s.name, o.Root, s.where).
				WithHint("whichrole init --print takes whatever else says one").Because(&Nothing{told(couldNotRead, unread)})
		}
		looked = append(looked, s.where)
	}
	return problem.New(problem.NoEnvironment, "nothing says which role belongs to which directory of %s: no role in %s; and no root module in a directory called production, qa or the like",
		o.Root, strings.Join(looked, ", ")).
		WithHint("write .whichrole.yaml by hand: whichrole schema lists its keys").Because(&Nothing{told(couldNotRead, unread)})
}

// choose asks the systems in their order, or the one that is asked for. Others are told, for they may be right, too.
func (s *scan) choose() (chosen system, said saying, others []other) {
	for _, x := range systems() {
		if s.o.From != "" && x.name != s.o.From {
			continue
		}
		now := x.read(s)
		if s.o.From == "" {
			now.loose = nil // of the user's profiles, only those that fit belong into a map for everybody
		}
		switch {
		case chosen.name == "" && len(now.Places)+len(now.loose) > 0:
			chosen = x
			now.Unread = append(said.Unread, now.Unread...)
			said = now
		case chosen.name == "":
			said.Unread = append(said.Unread, now.Unread...)
		case len(now.Places) > 0:
			others = append(others, other{x.name, countDirs(now.Places)})
		}
	}
	return chosen, said, others
}

func countDirs(places []found.Place) int {
	dirs := map[string]bool{}
	for _, p := range places {
		dirs[p.Dir] = true
	}
	return len(dirs)
}

// notes are what could not be read before any system was asked, and the directories that are somebody else's.
func (s *scan) notes() (unread, leftOut []found.Unread) {
	if s.unreadable != nil {
		text := s.unreadable.Error()
		if s.o.Home != "" {
			text = strings.ReplaceAll(text, s.o.Home, "~")
		}
		unread = append(unread, found.Unread{Text: text})
	}
	for _, n := range s.found.Notes {
		u := found.Unread{Origin: found.Origin{File: n.File, Line: n.Line}, Text: n.Text}
		if n.Kind() == modules.Unread {
			unread = append(unread, u)
		} else {
			leftOut = append(leftOut, u)
		}
	}
	return unread, leftOut
}
