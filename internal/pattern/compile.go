package pattern

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxLength bounds a pattern, in bytes.
const maxLength = 1024

// Compile reads a directory pattern. The error says what is wrong with it, without quoting all of it.
func Compile(s string) (*Pattern, error) {
	if err := check(s); err != nil {
		return nil, err
	}
	p := &Pattern{written: s}
	if strings.HasPrefix(s, "/") {
		return nil, errors.New(`a leading "/": patterns count from the map's directory`)
	}
	rest := strings.TrimPrefix(s, "./")
	rest = strings.TrimSuffix(rest, "/")
	if s == "." || s == "./" {
		return p, nil
	}
	p.segments = make([]segment, 0, strings.Count(rest, "/")+1)
	for text := range strings.SplitSeq(rest, "/") {
		seg, err := compileSegment(text)
		if err != nil {
			return nil, err
		}
		if err := p.add(seg); err != nil {
			return nil, err
		}
	}
	p.finish()
	return p, nil
}

// check finds what is wrong in any pattern and name.
func check(s string) error {
	switch {
	case s == "":
		return errors.New("it is empty")
	case len(s) > maxLength:
		return fmt.Errorf("it is longer than %d bytes", maxLength)
	case !utf8.ValidString(s):
		return errors.New("it is not valid UTF-8")
	case strings.Contains(s, `\`):
		return errors.New(`a backslash: segments are separated by "/", and [*] stands for a star itself`)
	}
	return nil
}

func compileSegment(text string) (segment, error) {
	switch text {
	case "":
		return segment{}, errors.New(`an empty segment: "/" twice in a row`)
	case ".":
		return segment{}, errors.New(`"." is allowed alone or at the beginning`)
	case "..":
		return segment{}, errors.New(`".." would leave the repository`)
	case "**":
		return segment{kind: swallowed}, nil
	}
	if name, ok := insideBraces(text); ok {
		if !isCaptureName(name) {
			return segment{}, fmt.Errorf("{%s} is not a name for a capture: it begins with a to z and goes on with a to z, 0 to 9 and _", name)
		}
		return segment{kind: captured, text: name}, nil
	}
	if isPlain(text) {
		return segment{kind: verbatim, text: text}, nil
	}
	g, err := compileGlob(text)
	return segment{kind: wildcard, glob: g}, err
}

// insideBraces is what stands between the braces of {name}, where they are the first and the last character and the only ones.
func insideBraces(text string) (string, bool) {
	name, ok := strings.CutPrefix(text, "{")
	if !ok {
		return "", false
	}
	name, ok = strings.CutSuffix(name, "}")
	return name, ok && !strings.ContainsAny(name, "{}")
}

func isCaptureName(name string) bool {
	for i, c := range name {
		if !(c >= 'a' && c <= 'z' || i > 0 && (c >= '0' && c <= '9' || c == '_')) {
			return false
		}
	}
	return name != ""
}

func (p *Pattern) add(s segment) error {
	if s.kind == captured {
		for _, name := range p.captures {
			if name == s.text {
				return fmt.Errorf("{%s} comes twice", name)
			}
		}
		p.captures = append(p.captures, s.text)
	}
	if last := len(p.segments) - 1; s.kind == swallowed && last >= 0 && p.segments[last].kind == swallowed {
		return nil // **/** means **
	}
	p.segments = append(p.segments, s)
	return nil
}

// finish drops a trailing **, which a pattern implies, and notes what Match wants to know at once.
func (p *Pattern) finish() {
	if last := len(p.segments) - 1; p.segments[last].kind == swallowed {
		p.segments = p.segments[:last]
	}
	p.kinds = make([]kind, len(p.segments))
	p.head = len(p.segments)
	p.verbatim = true
	for i, s := range p.segments {
		p.kinds[i] = s.kind
		p.verbatim = p.verbatim && s.kind == verbatim
		if s.kind == swallowed && i < p.head {
			p.head = i
		}
	}
}

// Name is a compiled pattern for the name of a Terraform workspace.
type Name struct {
	written string
	literal bool
	glob    glob
}

// CompileName reads a pattern for one name: *, ? and [a-z] are wildcards, and there are no captures and no slashes.
func CompileName(s string) (*Name, error) {
	if err := check(s); err != nil {
		return nil, err
	}
	switch {
	case strings.Contains(s, "/"):
		return nil, errors.New(`a "/": a name has none`)
	case strings.Contains(s, "**"):
		return nil, errors.New(`"**": a name has no segments, "*" matches all of it`)
	case strings.ContainsAny(s, "{}"):
		return nil, errors.New("a name has no {captures}; {workspace} is there without one")
	}
	if isPlain(s) {
		return &Name{written: s, literal: true}, nil
	}
	g, err := compileGlob(s)
	if err != nil {
		return nil, err
	}
	return &Name{written: s, glob: g}, nil
}

// String is the name as it was written.
func (n *Name) String() string { return n.written }

// Literal tells that there is no wildcard in it.
func (n *Name) Literal() bool { return n.literal }

// Match tells whether all of workspace is matched. Case counts.
func (n *Name) Match(workspace string) bool {
	if n.literal {
		return n.written == workspace
	}
	return n.glob.match(workspace, new(int))
}
