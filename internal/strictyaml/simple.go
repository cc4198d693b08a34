package strictyaml

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// simple reads what most role maps are written in, at a tenth of what it costs the library to read all of YAML: mappings and
// lists in block style, and in them what fits on one line: a word, a text in quotes without escapes, flow style. On anything
// else it gives up, and the library reads the document from its beginning: every error is the library's. It must read
// nothing otherwise than the library does, which is what its tests are for; so it takes less than it could.
type simple struct {
	left   string // the lines that were not looked at yet
	number int    // of the current line, from 1
	indent int    // of the current line; -1 after the last
	text   string // of the current line, from its first character on
	at     int    // how far text is read
	depth  int    // of flow style
	gaveUp bool
	unused []yaml.Node
	found  []*yaml.Node // the entries so far of all collections that are being read, the innermost's last
}

// readSimple gives the top of a document in UTF-8, or nil where the library must read it.
func readSimple(data []byte) *yaml.Node {
	s := &simple{left: string(data)}
	for _, r := range s.left {
		if (r < ' ' || r > '~') && isUnusual(r) {
			return nil
		}
	}
	s.step()
	if s.indent < 0 {
		return nil
	}
	top := s.mapping()
	if s.gaveUp || s.indent >= 0 { // a line is left that belongs to nothing
		return nil
	}
	return top
}

// isUnusual tells characters that the library may refuse or take for a line break, even in a comment.
func isUnusual(r rune) bool {
	return r < ' ' && r != '\n' || '~' < r && r < 0xa0 || r == '\u2028' || r == '\u2029' || 0xd7ff < r && r < 0x10000
}

// step goes on to the next line that says something.
func (s *simple) step() {
	s.text, s.indent, s.at = "", -1, 0
	for s.left != "" && s.indent < 0 {
		var whole string
		whole, s.left, _ = strings.Cut(s.left, "\n")
		s.number++
		if text := strings.TrimLeft(whole, " "); text != "" && text[0] != '#' {
			s.text, s.indent = text, len(whole)-len(text)
		}
	}
}

// peek is the next character of the line, 0 at its end.
func (s *simple) peek() byte {
	if s.at < len(s.text) {
		return s.text[s.at]
	}
	return 0
}

func (s *simple) spaces() {
	for s.peek() == ' ' {
		s.at++
	}
}

// mapping reads a block mapping: the lines from the current one on that are indented alike, each beginning with a key.
func (s *simple) mapping() *yaml.Node {
	n, first, indent := s.node(yaml.MappingNode, "!!map", ""), len(s.found), s.indent
	for !s.gaveUp && s.indent == indent {
		s.key()
		s.spaces()
		if c := s.peek(); c != 0 && c != '#' {
			s.restOfLine()
			continue
		}
		s.step()
		switch {
		case s.indent < indent || s.indent == indent && s.text[0] != '-': // there is no value
			s.gaveUp = true
		case s.text[0] == '-':
			s.add(s.list())
		default:
			s.add(s.mapping())
		}
	}
	return s.collect(n, first)
}

// list reads a block sequence.
func (s *simple) list() *yaml.Node {
	n, first, indent := s.node(yaml.SequenceNode, "!!seq", ""), len(s.found), s.indent
	for !s.gaveUp && s.indent == indent && s.text[0] == '-' {
		s.at++
		s.spaces()
		if s.at == 1 {
			s.gaveUp = true
		} else if s.nextKey() != "" { // the mapping begins here, and further lines of it are indented as far
			s.text, s.indent, s.at = s.text[s.at:], s.indent+s.at, 0
			s.add(s.mapping())
		} else {
			s.restOfLine()
		}
	}
	return s.collect(n, first)
}

// restOfLine reads a value after which only a comment may come.
func (s *simple) restOfLine() {
	s.add(s.value())
	end := s.at
	s.spaces()
	if c := s.peek(); c != 0 && (c != '#' || s.at == end) {
		s.gaveUp = true
	}
	s.step()
}

// node is a new one that stands at the next character.
func (s *simple) node(kind yaml.Kind, tag, value string) *yaml.Node {
	if len(s.unused) == 0 {
		s.unused = make([]yaml.Node, 64) // at once: each takes about 180 bytes
	}
	n := &s.unused[0]
	s.unused = s.unused[1:]
	n.Kind, n.Tag, n.Value, n.Line, n.Column = kind, tag, value, s.number, s.indent+s.at+1
	return n
}

func (s *simple) add(n *yaml.Node) { s.found = append(s.found, n) }

// collect gives n what was found since first.
func (s *simple) collect(n *yaml.Node, first int) *yaml.Node {
	n.Content = slices.Clone(s.found[first:])
	s.found = s.found[:first]
	return n
}
