package rolemap

import (
	"encoding/json"
	"strings"

	"whichrole/internal/strictyaml"
)

// A template is a string of the map that may hold {variables}. The zero template is a key that is not there.
type template struct {
	text string
	bits varSet           // of its variables
	at   strictyaml.Value // where it stands, for mistakes
}

func (t template) set() bool { return t.text != "" }

// literal tells that the text means itself, without a variable.
func (t template) literal() bool { return !templated(t.text) }

// names are its variables in order of first use.
func (t template) names() []string {
	names, _ := variablesIn(t.text)
	return names
}

// IsZero leaves absent keys out of the meaning.
func (t template) IsZero() bool { return t.text == "" }

// MarshalJSON writes the text: that is all a template means.
func (t template) MarshalJSON() ([]byte, error) { return json.Marshal(t.text) }

// expand fills the variables in.
func (t template) expand(value func(variable string) string) string {
	if t.literal() {
		return t.text
	}
	var b strings.Builder
	for rest := t.text; ; {
		before, after, found := strings.Cut(rest, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		var name string
		name, rest, _ = strings.Cut(after, "}")
		b.WriteString(value(name))
	}
}

// variablesIn finds the variables of text, in order of first use. Which of them are known is checked later, when all captures
// are.
func variablesIn(text string) (names []string, f *flaw) {
	if !templated(text) && strings.IndexByte(text, '}') < 0 {
		return nil, nil
	}
	uses := 0
	for rest := text; ; uses++ {
		i := strings.IndexAny(rest, "{}")
		if i < 0 {
			return names, nil
		}
		if uses == maxUses {
			return nil, flawed("", "%s: more than %d variables", shorten(text), maxUses)
		}
		name, after, closed := strings.Cut(rest[i+1:], "}")
		if rest[i] == '}' || !closed || !isVariable(name) {
			return nil, flawed("variables are written {name}", "%s: a brace stands here that is not part of a {variable}", shorten(text))
		}
		if !contains(names, name) {
			names = append(names, name)
		}
		rest = after
	}
}

// template reads a string with variables.
func (d *decoder) template(v strictyaml.Value, most int) (template, bool) {
	s, ok := text(v, most)
	if !ok {
		return template{}, false
	}
	names, f := variablesIn(s)
	if !f.tell(v) {
		return template{}, false
	}
	t := template{text: s, at: v}
	for _, name := range names {
		bit, ok := d.bit(v, name)
		if !ok {
			return template{}, false
		}
		t.bits |= bit
	}
	return t, true
}

func isVariable(s string) bool {
	for i := range len(s) {
		if !isWordByte(s[i]) {
			return false
		}
	}
	return s != ""
}

func templated(s string) bool { return strings.IndexByte(s, '{') >= 0 }

// literals is s without its variables.
func literals(s string) string {
	if _, f := variablesIn(s); f != nil {
		return s
	}
	return template{text: s}.expand(func(string) string { return "" })
}
