package tagquery

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind byte

const (
	end tokenKind = iota
	str
	open
	closing
	and
	or
	not
	in
)

type token struct {
	kind   tokenKind
	text   string // of a str: without quotes and escapes; of the others as it is written
	column int
}

// breaks are the characters that end a string without quotes. A line feed is not among them: it ends nothing, and only
// separates where a space or a tab stands before it.
const breaks = " \t'\"()"

type lexer struct {
	text   string // what is still to be read
	column int    // of its first character
}

func (l *lexer) next() (token, error) {
	word := l.word()
	if space := l.space(); space > word {
		l.skip(space)
		word = l.word()
	}
	t := token{column: l.column}
	switch {
	case word > 0:
		t.text = l.text[:word]
		if !utf8.ValidString(t.text) {
			return t, &SyntaxError{l.column, "a character that is not UTF-8"}
		}
		t.kind = keyword(t.text)
		l.skip(word)
		return t, nil
	case l.text == "":
		return t, nil
	case l.text[0] == '(':
		t.kind = open
	case l.text[0] == ')':
		t.kind = closing
	default:
		return l.quoted()
	}
	t.text = l.text[:1]
	l.skip(1)
	return t, nil
}

// word is the length of the string without quotes that the text begins with.
func (l *lexer) word() int {
	if n := strings.IndexAny(l.text, breaks); n >= 0 {
		return n
	}
	return len(l.text)
}

// space is the length of the white space that the text begins with.
func (l *lexer) space() int {
	return len(l.text) - len(strings.TrimLeftFunc(l.text, unicode.IsSpace))
}

func (l *lexer) skip(bytes int) {
	l.column += utf8.RuneCountInString(l.text[:bytes])
	l.text = l.text[bytes:]
}

// quoted reads a string between quotes. A backslash takes the next character as it is.
func (l *lexer) quoted() (token, error) {
	t := token{kind: str, column: l.column}
	quote := l.text[0]
	var b strings.Builder
	for i := 1; i < len(l.text); {
		if l.text[i] == quote {
			t.text = b.String()
			l.skip(i + 1)
			return t, nil
		}
		if l.text[i] == '\\' && i+1 < len(l.text) {
			i++
		}
		r, size := utf8.DecodeRuneInString(l.text[i:])
		if r == utf8.RuneError && size == 1 {
			return t, &SyntaxError{l.column + utf8.RuneCountInString(l.text[:i]), "a character that is not UTF-8"}
		}
		b.WriteString(l.text[i : i+size])
		i += size
	}
	return t, &SyntaxError{l.column, fmt.Sprintf("a string without its closing %c", quote)}
}

// keyword is the kind of a string without quotes. Keywords are written in any case.
func keyword(s string) tokenKind {
	switch {
	case strings.EqualFold(s, "and"):
		return and
	case strings.EqualFold(s, "or"):
		return or
	case strings.EqualFold(s, "not"):
		return not
	case strings.EqualFold(s, "in"):
		return in
	}
	return str
}

// isBare tells that s is read as the same string where it stands without quotes.
func isBare(s string) bool {
	odd := func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(breaks, r) }
	return s != "" && keyword(s) == str && !strings.ContainsFunc(s, odd)
}
