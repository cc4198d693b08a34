package strictyaml

import (
	"fmt"
	"strings"

	"whichrole/internal/problem"

	"go.yaml.in/yaml/v4"
)

// Str is a non-empty string on one line without control characters. A number or a boolean must be quoted.
func (v Value) Str() (string, bool) {
	s, ok := v.Text()
	if ok && !isOneLine(s) {
		v.Mistake("", "a line break or tab cannot stand here")
		return "", false
	}
	return s, ok
}

// Text is Str that may have line breaks and tabs.
func (v Value) Text() (string, bool) {
	if v.node.Kind != yaml.ScalarNode || isEmpty(v.node) {
		v.wrong("a string")
		return "", false
	}
	if tag := v.node.ShortTag(); tag != "!!str" && tag != "!!timestamp" {
		hint := "quote it" // with what it says only where a shell would find nothing to do in it
		if len(v.node.Value) <= 60 && problem.Quote(v.node.Value) == v.node.Value {
			hint = fmt.Sprintf("quote it: %q", v.node.Value)
		}
		v.Mistake(hint, "a string is expected here, not %s", v.kind())
		return "", false
	}
	return v.Raw()
}

// Raw is any scalar as it was written, quotes removed: for values such as durations that may look like a number.
func (v Value) Raw() (string, bool) {
	if v.node.Kind != yaml.ScalarNode || isEmpty(v.node) {
		v.wrong("a value")
		return "", false
	}
	if v.node.Value == "" {
		v.Mistake("", "the value is empty")
		return "", false
	}
	if !v.clean(v.node.Value) {
		return "", false
	}
	return v.node.Value, true
}

// Plain tells whether a scalar was written without quotes and reads as something other than a string: 0123, true.
func (v Value) Plain() bool { return v.node.Kind == yaml.ScalarNode && v.node.ShortTag() != "!!str" }

// Bool is true or false.
func (v Value) Bool() (value, ok bool) {
	if v.node.Kind == yaml.ScalarNode && v.node.ShortTag() == "!!bool" && v.node.Decode(&value) == nil {
		return value, true
	}
	v.wrong("true or false")
	return false, false
}

func (v Value) key() (string, bool) {
	n := v.node
	if n.Kind != yaml.ScalarNode || n.Value == "" {
		v.Mistake("", "a key must be a plain word")
		return "", false
	}
	if n.ShortTag() == "!!merge" {
		v.Mistake("use defaults, or repeat the keys", "merge keys (<<) are not read here")
		return "", false
	}
	if !v.Within(maxKey) {
		return "", false
	}
	if !isOneLine(n.Value) {
		v.Mistake("", "a line break or tab cannot stand in a key")
		return "", false
	}
	return n.Value, v.clean(n.Value)
}

func isOneLine(s string) bool {
	return strings.IndexByte(s, '\n') < 0 && strings.IndexByte(s, '\t') < 0
}

// clean records a mistake when s holds a character that could fool a terminal or a log.
func (v Value) clean(s string) bool {
	if isPrintable(s) {
		return true
	}
	for _, r := range s {
		if Hostile(r) && r != '\n' && r != '\t' {
			v.Mistake("", "a control character (U+%04X) cannot stand here", r)
			return false
		}
	}
	return true
}

// isPrintable tells that s is ASCII without control characters, as nearly every text is.
func isPrintable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
