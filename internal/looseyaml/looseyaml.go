// Package looseyaml walks a YAML document whose keys are mostly not ours: anchors, aliases and merge keys are resolved, and
// what nobody asks for is not judged.
//
// What a walk could cost is bounded before the first step: a document that aliases would blow up, or that holds itself, is
// refused by Parse, so that nobody who walks has to count.
package looseyaml

import (
	"strings"

	"whichrole/internal/problem"
	"whichrole/internal/strictyaml"

	"go.yaml.in/yaml/v4"
)

// Node is one value of a document. The zero Node is what is not there; all can be asked of it.
type Node struct {
	file  *string    // how messages call the file
	as    *yaml.Node // as it is written: maybe an alias
	value *yaml.Node // what it stands for
}

// Field is one entry of a mapping.
type Field struct {
	Key   string
	At    Node // the key itself, to point at
	Value Node
}

// Parse reads one document of at most 1 MiB; an empty one is the zero Node. name is how messages call the file. The error is a
// *problem.Error of code BadMap with file, line and column: no YAML, a second document, a key that comes twice in a mapping, a
// merge of something that has no keys, or aliases without end.
func Parse(name string, data []byte) (Node, error) {
	if len(data) > maxBytes {
		return Node{}, problem.New(problem.BadMap, "%s: larger than 1 MiB", name)
	}
	doc, top := strictyaml.Tree(name, data)
	if err := doc.Err(); err != nil {
		return Node{}, err
	}
	if top == nil {
		return Node{}, nil
	}
	n := Node{file: &name, as: top, value: top}
	if err := n.check(); err != nil {
		return Node{}, err
	}
	return n, nil
}

// below is a node of the same document, its alias followed.
func (n Node) below(as *yaml.Node) Node {
	value := as
	if as.Kind == yaml.AliasNode {
		value = as.Alias
	}
	return Node{n.file, as, value}
}

// Exists tells that something is written here, be it null.
func (n Node) Exists() bool { return n.value != nil }

// IsMap, IsList, IsScalar and IsNull tell the form. A scalar is not null.
func (n Node) IsMap() bool    { return n.Exists() && n.value.Kind == yaml.MappingNode }
func (n Node) IsList() bool   { return n.Exists() && n.value.Kind == yaml.SequenceNode }
func (n Node) IsScalar() bool { return n.Exists() && n.value.Kind == yaml.ScalarNode && !n.IsNull() }
func (n Node) IsNull() bool {
	return n.Exists() && n.value.Kind == yaml.ScalarNode && n.value.ShortTag() == "!!null"
}

// Kind is how messages call the form: keys, a list, a number.
func (n Node) Kind() string {
	if !n.Exists() || n.IsNull() {
		return "nothing"
	}
	return strictyaml.Kind(n.value)
}

// Line and Column are where the node is written, from 1: of an alias, where the alias stands. 0 for the zero Node.
func (n Node) Line() int {
	if !n.Exists() {
		return 0
	}
	return n.as.Line
}

// Column counts characters.
func (n Node) Column() int {
	if !n.Exists() {
		return 0
	}
	return n.as.Column
}

// Items are the entries of a list; none for everything else.
func (n Node) Items() []Node {
	if !n.IsList() {
		return nil
	}
	items := make([]Node, 0, len(n.value.Content))
	for _, c := range n.value.Content {
		items = append(items, n.below(c))
	}
	return items
}

// Text is any scalar as it is written, quotes removed: true, 3600, x. Not ok: null, a mapping, a list. It is the repository's
// word: line breaks and control characters may be in it.
func (n Node) Text() (string, bool) {
	if !n.IsScalar() {
		return "", false
	}
	return n.value.Value, true
}

// Word is Text that is one line without control characters, nor such as turn the direction of text around.
func (n Node) Word() (string, bool) {
	text, ok := n.Text()
	if !ok || strings.ContainsFunc(text, strictyaml.Hostile) {
		return "", false
	}
	return text, true
}

// Bool is true or false as YAML 1.2 writes them, or YAML 1.1, which also knows yes, no, on and off. Quoted, they are texts.
func (n Node) Bool() (value, ok bool) {
	if !n.IsScalar() {
		return false, false
	}
	const quoted = yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle | yaml.TaggedStyle
	if n.value.ShortTag() != "!!bool" && n.value.Style&quoted != 0 {
		return false, false
	}
	word, first := strings.ToLower(n.value.Value), n.value.Value[:min(1, len(n.value.Value))]
	if n.value.Value != word && n.value.Value != strings.ToUpper(word) && n.value.Value != strings.ToUpper(first)+word[1:] {
		return false, false // tRUE is a text
	}
	switch word {
	case "true", "yes", "on":
		return true, true
	case "false", "no", "off":
		return false, true
	}
	return false, false
}

// Wrong is a problem of code BadMap that points at the node. Its cause are strictyaml's Mistakes, one, as of what Parse refuses;
// the zero Node has no place, and so no Mistake. A hint that is given to it afterwards is not in the Mistake.
func (n Node) Wrong(format string, args ...any) *problem.Error {
	err := problem.New(problem.BadMap, format, args...)
	if !n.Exists() {
		return err
	}
	m := strictyaml.Mistake{File: *n.file, Line: n.Line(), Column: n.Column(), Text: err.Message}
	return problem.New(problem.BadMap, "%s:%d:%d: %s", m.File, m.Line, m.Column, m.Text).Because(strictyaml.Mistakes{m})
}
