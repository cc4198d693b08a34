// Package scaffold writes a role map from what a repository already says of its roles, and puts it into its place.
//
// All that it reads is hostile. Nothing is guessed: what is computed, or said in two ways, is told and left out, and what was
// written is asked for every directory before anybody sees it.
package scaffold

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"whichrole/internal/found"
	"whichrole/internal/modules"
	"whichrole/internal/paths"
)

// Options say what to look at.
type Options struct {
	Root     string    // the directory that the map is for: see Root
	Top      string    // the git repository around it, "" where there is none
	Home     string    // the user's, "" for none
	Env      paths.Env // AWS_CONFIG_FILE
	From     string    // the system to ask, one of Systems; "" for the first that is there
	Again    string    // the command line that does this again from anywhere, without From: for hints
	Progress func(dirs int)
	// DestBranch is the branch to whose pull requests Terrateam's configuration is read, "" where nobody knows. It is asked once,
	// where an answer depends on it.
	DestBranch func() (string, error)
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

// Make reads the repository and drafts its map. Where a system is there by which no directory gets a role, or where there is none
// and no directory has the name of an environment, it is a *problem.Error of code NoEnvironment, with a *Nothing as its cause.
func Make(ctx context.Context, o Options) (*Draft, error) {
	s, err := newScan(ctx, o)
	if err != nil {
		return nil, err
	}
	defer s.close()
	unread, leftOut := s.notes()
	chosen, said, others := s.choose()
	said.Unread = append(said.Unread, unread...)
	if s.failed != nil {
		return nil, s.failed
	}
	if chosen.silent(said) {
		return nil, s.stop(chosen, said, others, leftOut)
	}
	c := compile(material{places: said.Places, loose: said.loose, modules: s.found.Modules, code: s.found.Code, closed: s.closed(chosen), profiles: sourcesOf(s.profiles)})
	said.Unread = append(said.Unread, c.unread...)
	d := &Draft{Caller: s.caller, Blank: len(c.environments) == 0}
	if d.Blank && !s.blank(chosen, c) {
		return nil, s.nothing(chosen, said, leftOut)
	}
	d.Text = c.text(heading{from: cmp.Or(said.as, chosen.where), oidc: said.OIDC, known: said.Sources, own: s.own})
	for _, e := range c.environments {
		d.Region = cmp.Or(d.Region, e.answer.region)
	}
	d.Remarks = slices.Concat(remarks(said.Unread, c.unmapped, others, chosen, said), told("left out", leftOut))
	partly, err := c.prove(d.Text, s.found.Modules)
	if err != nil {
		return nil, err
	}
	if partly != "" {
		d.Remarks = append(d.Remarks, partly)
	}
	return d, nil
}

// blank tells whether there is something to be filled in: directories that name environments, and where it is asked for by name
// the root modules.
func (s *scan) blank(chosen system, c *compiled) bool {
	return chosen.name == names && (len(c.blanks) > 0 || s.o.From == names && c.skeleton(s.found.Modules))
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
		u := found.Unread{At: found.Origin{File: n.File, Line: n.Line}, Text: n.Text}
		if n.Kind() == modules.Unread {
			unread = append(unread, u)
		} else {
			leftOut = append(leftOut, u)
		}
	}
	return unread, leftOut
}
