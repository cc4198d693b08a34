package rolemap

import (
	"encoding/json"
	"strings"

	"whichrole/internal/strictyaml"
)

// A template is a string of the map that may hold {variables}. The zero template is a key that is not there.
type template struct {
	text string
	vars []string         // in order of first use
	bits varSet           // the same
	at   strictyaml.Value // where it stands, for mistakes
}

func (t template) set() bool { return t.text != "" }

// literal tells that the text means itself, without a variable.
func (t template) literal() bool { return len(t.vars) == 0 }

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

// parseTemplate finds the variables of text. Which of them are known is checked later, when all captures are.
func parseTemplate(at strictyaml.Value, text string) (template, *flaw) {
	t := template{text: text, at: at}
	uses := 0
	for rest := text; ; uses++ {
		i := strings.IndexAny(rest, "{}")
		if i < 0 {
			return t, nil
		}
		if uses == maxUses {
			return template{}, flawed("", "%s: more than %d variables", shorten(text), maxUses)
		}
		name, after, closed := strings.Cut(rest[i+1:], "}")
		if rest[i] == '}' || !closed || !isVariable(name) {
			return template{}, flawed("variables are written {name}", "%s: a brace stands here that is not part of a {variable}", shorten(text))
		}
		if !contains(t.vars, name) {
			t.vars = append(t.vars, name)
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
	t, f := parseTemplate(v, s)
	for _, name := range t.vars {
		bit, ok := d.bit(v, name)
		if !ok {
			return template{}, false
		}
		t.bits |= bit
	}
	return t, f.tell(v)
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
	t, f := parseTemplate(strictyaml.Value{}, s)
	if f != nil {
		return s
	}
	return t.expand(func(string) string { return "" })
}
