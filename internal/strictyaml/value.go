package strictyaml

import (
	"fmt"
	"slices"
	"strings"

	"whichrole/internal/problem"

	"go.yaml.in/yaml/v4"
)

// Mistake records that this value is wrong. hint may be empty.
func (v Value) Mistake(hint, format string, args ...any) {
	if v.place.doc.Full() {
		return
	}
	text := fmt.Sprintf(format, args...)
	if where := v.Where(); where != "" {
		text = where + ": " + text
	}
	v.place.doc.add(v.node.Line, v.node.Column, hint, text)
}

// Line is where the value stands, from 1.
func (v Value) Line() int { return v.node.Line }

// Column is where the value begins in its line, from 1, in characters.
func (v Value) Column() int { return v.node.Column }

// Spot is where an entry stands as it was written: of an alias, where the alias stands.
type Spot struct {
	Key          string // of a mapping's entry
	Line, Column int    // from 1
}

// Spots are the entries of a mapping or a list that was read before without a mistake, in its order.
func (v Value) Spots() []Spot {
	step := 1
	if v.IsMapping() {
		step = 2
	}
	spots := make([]Spot, 0, v.Len())
	for i := 0; i < len(v.node.Content); i += step {
		n := v.node.Content[i]
		spot := Spot{Line: n.Line, Column: n.Column}
		if step == 2 {
			spot.Key = n.Value
		}
		spots = append(spots, spot)
	}
	return spots
}

// Where is the path of keys that leads to the value, as messages name it: environments.qa.dirs.
func (v Value) Where() string {
	var keys []string
	for p := v.place; p.up != nil; p = p.up {
		keys = append(keys, p.key)
	}
	slices.Reverse(keys)
	return strings.Join(keys, ".")
}

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
	places := make([]place, 0, v.Len()) // never grows, so that its elements stay where they are
	fields = make([]Field, 0, v.Len())
	var seen Keys
	for i := 0; i+1 < len(v.node.Content) && !v.place.doc.Full(); i += 2 {
		at := Value{v.node.Content[i], v.place}
		key, ok := at.key()
		if !ok {
			continue
		}
		if line, twice := seen.Add(key, at.node.Line); twice {
			at.Mistake("", "%s is here twice, first in line %d", key, line)
			continue
		}
		if len(known) > 0 && !slices.Contains(known, key) {
			at.unknown(key, known)
			continue
		}
		places = append(places, place{v.place.doc, v.place, key, v.place.pastAt})
		if value, ok := child(v.node.Content[i+1], &places[len(places)-1]); ok {
			fields = append(fields, Field{Key: key, At: at, Value: value})
		}
	}
	return fields, true
}

func (v Value) unknown(key string, known []string) {
	hint := "the keys here are " + strings.Join(known, ", ")
	if near := problem.Nearest(key, known); near != "" {
		hint = "did you mean " + near + "?"
	}
	v.Mistake(hint, "unknown key %s", key)
}

// Items are the entries of a sequence. Not ok: no sequence.
func (v Value) Items() ([]Value, bool) {
	if v.node.Kind != yaml.SequenceNode {
		v.wrong(aList)
		return nil, false
	}
	items := make([]Value, 0, len(v.node.Content))
	for _, n := range v.node.Content {
		if v.place.doc.Full() {
			break
		}
		if item, ok := child(n, v.place); ok {
			items = append(items, item)
		}
	}
	return items, true
}

// AtMost makes sure that a list or mapping has no more than max entries; it is to be asked before they are read.
func (v Value) AtMost(max int) bool {
	if v.Len() > max {
		v.Mistake("", "%d entries are more than the %d that are taken here", v.Len(), max)
		return false
	}
	return true
}

// Within makes sure that a scalar has no more than max bytes; it is to be asked before it is read.
func (v Value) Within(max int) bool {
	if n := len(v.node.Value); n > max {
		v.Mistake("", "%d bytes are more than the %d that are taken here", n, max)
		return false
	}
	return true
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

// child steps to a node below, following an alias within the budget.
func child(n *yaml.Node, at *place) (Value, bool) {
	c, doc := Value{n, at}, at.doc
	if at.pastAt > 0 { // everything below an alias counts: that is what a YAML bomb multiplies
		doc.aliased++
	}
	if n.Kind == yaml.AliasNode {
		behind := *at
		behind.pastAt++
		c = Value{n.Alias, &behind}
		doc.aliased++
	}
	if c.place.pastAt == 0 {
		return c, true
	}
	doc.aliasedBytes += len(c.node.Value)
	if doc.aliased > aliasBudget || doc.aliasedBytes > aliasBytes || c.place.pastAt > 32 {
		doc.add(n.Line, n.Column, "", "too many aliases: the file would grow without bound")
		doc.bomb = true
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
	hint := ""
	if want == aList && v.IsScalar() {
		hint = "a list of one is [" + v.node.Value + "]"
	}
	v.Mistake(hint, "%s expected here, not %s", want, v.kind())
}

const aList = "a list"

func (v Value) kind() string { return Kind(v.node) }

// Kind is how messages call what a node holds: a list, a number, true or false.
func Kind(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "keys"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	}
	switch n.ShortTag() {
	case "!!int", "!!float":
		return "a number"
	case "!!bool":
		return "true or false"
	case "!!str", "!!timestamp":
		return "a string"
	}
	tag := n.ShortTag()
	if len(tag) > 60 {
		tag = tag[:55] + "[...]"
	}
	return "a value tagged " + strings.ToValidUTF8(tag, "")
}

func isEmpty(n *yaml.Node) bool {
	return n.Kind == 0 || n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}
