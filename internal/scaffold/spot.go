package scaffold

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"whichrole/internal/found"
	"whichrole/internal/pattern"
	"whichrole/internal/rolemap"
)

// spot is a place whose roles a role map can say. Equal answers are one pointer.
type spot struct {
	found.Place
	answer *answer
	notes  []string
}

// sieve keeps the places that can be written down.
type sieve struct {
	spots   []spot
	without []string // directories that have no answer, and must not get that of one above
	unread  []found.Unread

	answers map[string]*answer // by key
	at      map[[2]string]int  // directory and workspace → spots
	partly  map[string]bool    // directories of which a workspace was refused: an answer for any would be one for that, too
}

func sift(places []found.Place) *sieve {
	s := &sieve{answers: map[string]*answer{}, at: map[[2]string]int{}, partly: map[string]bool{}}
	for _, p := range places {
		s.add(p)
	}
	s.spots = slices.DeleteFunc(s.spots, func(x spot) bool { return x.answer == nil || x.Workspace == "" && s.partly[x.Dir] })
	return s
}

func (s *sieve) add(p found.Place) {
	if !isDir(p.Dir) {
		s.refuse(p, "it is said of "+p.Dir+", which is no directory of the repository")
		return
	}
	if _, exact := patternOf(split(p.Dir)); !exact {
		s.refuse(p, "it is said of "+p.Dir+", which no pattern of a role map can name")
		return
	}
	if !isWorkspace(p.Workspace) {
		s.refuse(p, fmt.Sprintf("it is said of the workspace %s, which a role map cannot name", p.Workspace))
		return
	}
	a, notes, why := answerOf(p)
	if why == "" {
		if known := s.answers[a.key()]; known != nil {
			a = known
		} else if why = a.refused(); why == "" {
			s.answers[a.key()] = a
		}
	}
	if why != "" {
		s.refuse(p, why)
		return
	}
	i, twice := s.at[[2]string{p.Dir, p.Workspace}]
	switch {
	case !twice:
		s.at[[2]string{p.Dir, p.Workspace}] = len(s.spots)
		s.spots = append(s.spots, spot{p, a, notes})
	case s.spots[i].answer != a:
		s.spots[i].answer = nil
		s.refuse(p, "more than one role is said of "+p.Dir+", and which one counts is not")
	}
}

// refuse leaves a place out.
func (s *sieve) refuse(p found.Place, why string) {
	u := found.Unread{Text: why}
	for _, r := range []*found.Role{p.Apply, p.Plan, p.State} {
		if r != nil {
			u.At = r.From
			break
		}
	}
	s.unread = append(s.unread, u)
	if isDir(p.Dir) {
		s.without = append(s.without, p.Dir)
		s.partly[p.Dir] = s.partly[p.Dir] || p.Workspace != ""
	}
}

// isDir tells that dir is one from the repository's root, and not deeper than anybody's.
func isDir(dir string) bool {
	return dir == path.Clean(dir) && !path.IsAbs(dir) && dir != ".." && !strings.HasPrefix(dir, "../") && strings.Count(dir, "/") < 500
}

// isWorkspace tells that a role map takes the name for itself and for no pattern. "" is any.
func isWorkspace(name string) bool {
	n, err := pattern.CompileName(cmp.Or(name, "x"))
	return err == nil && n.Literal() && writable(name)
}

// split are the names that lead to a directory, none for the root.
func split(dir string) []string {
	if dir == "." {
		return nil
	}
	return strings.Split(dir, "/")
}

// anyName stands in segments for a name of any kind: it is written *.
const anyName = ""

// patternOf is the pattern that these segments are written as. Where they cannot be written it is one that matches more.
func patternOf(segments []string) (text string, exact bool) {
	if len(segments) == 0 {
		return ".", true
	}
	exact = true
	written, length := make([]string, len(segments)), 0
	for i, s := range segments {
		var same bool
		written[i], same = patternFor(s)
		exact = exact && same
		length += len(written[i]) + 1
	}
	for length > rolemap.MaxPattern+1 {
		longest := 0
		for i := range written {
			if len(written[i]) > len(written[longest]) {
				longest = i
			}
		}
		length -= len(written[longest]) - 1
		written[longest], exact = "*", false
	}
	text = strings.Join(written, "/")
	_, err := pattern.Compile(text)
	return text, exact && err == nil
}

// patternFor is the pattern for one segment.
func patternFor(segment string) (text string, exact bool) {
	if segment == anyName {
		return "*", true
	}
	var b strings.Builder
	exact = true
	for _, r := range segment {
		switch {
		case strings.ContainsRune("*?[{}", r):
			b.WriteString("[" + string(r) + "]")
		case r == ']' || r == '\\' || r == utf8.RuneError || !writable(string(r)):
			b.WriteByte('?')
			exact = false
		default:
			b.WriteRune(r)
		}
	}
	return b.String(), exact
}
