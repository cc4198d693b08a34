package strictyaml

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"whichrole/internal/problem"

	"go.yaml.in/yaml/v4"
)

// Mistake records that this value is wrong. hint may be empty.
func (v Value) Mistake(hint, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if v.where != "" {
		text = v.where + ": " + text
	}
	v.doc.add(v.node.Line, v.node.Column, hint, text)
}

// Line is where the value stands, from 1.
func (v Value) Line() int { return v.node.Line }

// Column is where the value stands, from 1, in characters.
func (v Value) Column() int { return v.node.Column }

// Where is the path of keys that leads to the value, as messages name it: environments.qa.dirs.
func (v Value) Where() string { return v.where }

// IsMapping, IsSequence and IsScalar tell the form, aliases followed.
func (v Value) IsMapping() bool  { return v.node.Kind == yaml.MappingNode }
func (v Value) IsSequence() bool { return v.node.Kind == yaml.SequenceNode }
func (v Value) IsScalar() bool   { return v.node.Kind == yaml.ScalarNode && !isEmpty(v.node) }

// Len is how many entries a mapping or a sequence has as written, wrong ones included; 0 for a scalar.
func (v Value) Len() int {
	if v.node.Kind == yaml.MappingNode {
		return len(v.node.Content) / 2
	}
	return len(v.node.Content)
}

// Fields are the entries of a mapping, in the file's order. With known keys, every other key is a mistake that names the
// nearest of them and is left out; without, all keys are taken. A key that comes twice is a mistake. Not ok: no mapping.
func (v Value) Fields(known ...string) (fields []Field, ok bool) {
	if v.node.Kind != yaml.MappingNode {
		v.wrong("keys")
		return nil, false
	}
	seen := make(map[string]int, len(v.node.Content)/2)
	for i := 0; i+1 < len(v.node.Content); i += 2 {
		at := Value{doc: v.doc, node: v.node.Content[i], where: v.where, pastAt: v.pastAt}
		key, ok := at.key()
		if !ok {
			continue
		}
		if line, twice := seen[key]; twice {
			at.Mistake("", "%s is here twice, first in line %d", key, line)
			continue
		}
		seen[key] = at.node.Line
		if len(known) > 0 && !slices.Contains(known, key) {
			hint := "the keys here are " + strings.Join(known, ", ")
			if near := problem.Nearest(key, known); near != "" {
				hint = "did you mean " + near + "?"
			}
			at.Mistake(hint, "unknown key %s", key)
			continue
		}
		value, ok := v.child(v.node.Content[i+1], key)
		if ok {
			fields = append(fields, Field{Key: key, At: at, Value: value})
		}
	}
	return fields, true
}

// Items are the entries of a sequence. Not ok: no sequence.
func (v Value) Items() ([]Value, bool) {
	if v.node.Kind != yaml.SequenceNode {
		v.wrong("a list")
		return nil, false
	}
	items := make([]Value, 0, len(v.node.Content))
	for i, n := range v.node.Content {
		if item, ok := v.child(n, strconv.Itoa(i)); ok {
			item.where = v.where
			items = append(items, item)
		}
	}
	return items, true
}

// Str is a non-empty string on one line without control characters. A number or a boolean must be quoted.
func (v Value) Str() (string, bool) {
	s, ok := v.Text()
	if ok && strings.ContainsAny(s, "\n\t") {
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

// Strings is a list of Str.
func (v Value) Strings() ([]string, bool) {
	items, ok := v.Items()
	if !ok {
		return nil, false
	}
	list := make([]string, 0, len(items))
	for _, item := range items {
		s, good := item.Str()
		ok = ok && good
		list = append(list, s)
	}
	return list, ok
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
	if strings.ContainsAny(n.Value, "\n\t") {
		v.Mistake("", "a line break or tab cannot stand in a key")
		return "", false
	}
	return n.Value, v.clean(n.Value)
}

// clean records a mistake when s holds a character that could fool a terminal or a log.
func (v Value) clean(s string) bool {
	for _, r := range s {
		if Hostile(r) && r != '\n' && r != '\t' {
			v.Mistake("", "a control character (U+%04X) cannot stand here", r)
			return false
		}
	}
	return true
}

// child steps to a node below, following an alias within the budget.
func (v Value) child(n *yaml.Node, key string) (Value, bool) {
	where := key
	if v.where != "" {
		where = v.where + "." + key
	}
	c := Value{doc: v.doc, node: n, where: where, pastAt: v.pastAt}
	if v.pastAt > 0 { // everything below an alias counts: that is what a YAML bomb multiplies
		v.doc.aliased++
	}
	if n.Kind == yaml.AliasNode {
		c.node, c.pastAt = n.Alias, v.pastAt+1
		v.doc.aliased++
	}
	if v.doc.aliased > aliasBudget || c.pastAt > 32 {
		if v.doc.aliased <= aliasBudget*2 { // say it once
			v.doc.aliased = aliasBudget * 3
			v.doc.add(n.Line, n.Column, "", "too many aliases: the file would grow without bound")
		}
		return Value{}, false
	}
	return c, true
}

// wrong records that something else than want stands here.
func (v Value) wrong(want string) {
	if isEmpty(v.node) {
		v.Mistake("", "there is no value here, %s expected", want)
		return
	}
	v.Mistake("", "%s expected here, not %s", want, v.kind())
}

func (v Value) kind() string {
	switch v.node.Kind {
	case yaml.MappingNode:
		return "keys"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	}
	switch v.node.ShortTag() {
	case "!!int", "!!float":
		return "a number"
	case "!!bool":
		return "true or false"
	case "!!str", "!!timestamp":
		return "a string"
	}
	return "a value tagged " + v.node.ShortTag()
}

func isEmpty(n *yaml.Node) bool {
	return n.Kind == 0 || n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}
