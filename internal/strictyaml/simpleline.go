package strictyaml

import (
	"strings"

	"go.yaml.in/yaml/v4"
)

const maxFlow = 10 // levels

// value reads what begins and ends on the current line.
func (s *simple) value() *yaml.Node {
	switch c := s.peek(); c {
	case '"', '\'':
		return s.quoted(c)
	case '[':
		return s.flow(s.node(yaml.SequenceNode, "!!seq", ""), ']')
	case '{':
		return s.flow(s.node(yaml.MappingNode, "!!map", ""), '}')
	}
	return s.word()
}

// flow reads into n, a mapping or a sequence in flow style, up to the character that ends it.
func (s *simple) flow(n *yaml.Node, end byte) *yaml.Node {
	n.Style = yaml.FlowStyle
	first := len(s.found)
	s.depth++
	s.gaveUp = s.gaveUp || s.depth > maxFlow
	s.at++
	for s.spaces(); !s.gaveUp && s.peek() != end; s.spaces() {
		if n.Kind == yaml.MappingNode {
			s.key()
			s.spaces()
		}
		s.add(s.value())
		if s.spaces(); s.peek() == ',' {
			s.at++
		} else if s.peek() != end {
			s.gaveUp = true
		}
	}
	if s.peek() == end {
		s.at++
	}
	s.depth--
	return s.collect(n, first)
}

func (s *simple) quoted(quote byte) *yaml.Node {
	n := s.node(yaml.ScalarNode, "!!str", "")
	text, rest, closed := strings.Cut(s.text[s.at+1:], string(quote))
	n.Value, n.Style = text, yaml.SingleQuotedStyle
	if quote == '"' {
		n.Style = yaml.DoubleQuotedStyle
		s.gaveUp = s.gaveUp || strings.Contains(text, `\`)
	}
	s.gaveUp = s.gaveUp || !closed || !isPrintable(text) // columns count characters, and here they are bytes
	s.at = len(s.text) - len(rest)
	return n
}

// word reads a scalar without quotes and spaces.
func (s *simple) word() *yaml.Node {
	also := "_./:@+=-,*?[]{}"
	if s.depth > 0 {
		also = "_./:@+=-"
	}
	text := s.next(also)
	tag := tagOf(text)
	s.gaveUp = s.gaveUp || tag == "" || strings.HasSuffix(text, ":")
	n := s.node(yaml.ScalarNode, tag, text)
	s.at += len(text)
	return n
}

// key reads a key and its colon.
func (s *simple) key() {
	text := s.nextKey()
	s.gaveUp = s.gaveUp || text == ""
	s.add(s.node(yaml.ScalarNode, "!!str", text))
	s.at = min(s.at+len(text)+1, len(s.text))
}

// nextKey is the key that comes next: a word that is followed by a colon, and that by a space or nothing. "" for none.
func (s *simple) nextKey() string {
	text := s.next("_.-")
	after := s.text[s.at+len(text):]
	if tagOf(text) == "!!str" && strings.HasPrefix(after, ":") && (len(after) == 1 || after[1] == ' ') {
		return text
	}
	return ""
}

// next is what comes next of letters, digits and what else is in also.
func (s *simple) next(also string) string {
	end := s.at
	for end < len(s.text) && (isLetter(s.text[end]) || isDigit(s.text[end]) || strings.IndexByte(also, s.text[end]) >= 0) {
		end++
	}
	return s.text[s.at:end]
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }

// tagOf is what a word without quotes is taken for, "" where that takes more than a look at it.
func tagOf(word string) string {
	switch word {
	case "true", "false":
		return "!!bool"
	case "", "True", "TRUE", "False", "FALSE", "null", "Null", "NULL":
		return ""
	}
	if isLetter(word[0]) || word[0] == '/' {
		return "!!str"
	}
	unit := strings.TrimLeft(word, "0123456789")
	switch {
	case !isDigit(word[0]) || word[0] == '0' || len(word) > 9:
		return ""
	case unit == "":
		return "!!int"
	case unit == "h" || unit == "m": // a duration
		return "!!str"
	}
	return ""
}
