// Package strictyaml walks one YAML document by hand, so that each mistake is told with its file, line and column.
//
// Nothing is converted in silence: a number where a string belongs, a key that nobody knows, a key that comes twice and a
// second document are mistakes. Aliases are followed within a budget, so that a document of a few bytes cannot grow into
// gigabytes; merge keys (<<) are mistakes. What is wrong is told a hundred times at most.
package strictyaml

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"whichrole/internal/problem"

	"go.yaml.in/yaml/v4"
)

const (
	// MaxMistakes is how many are noted of one document: nobody mends more at once, and each takes its time to word.
	MaxMistakes = 100

	// aliasBudget bounds how many values may be reached through aliases in one document, and aliasBytes how long they may be
	// together.
	aliasBudget = 10_000
	aliasBytes  = 1 << 20

	maxKey = 1024 // bytes
)

// A Mistake is one thing that is wrong. Line and Column count from 1.
type Mistake struct {
	File         string
	Line, Column int
	Text, Hint   string
}

// Mistakes are the cause of a Document's Err: all that were found, the first in the file first.
type Mistakes []Mistake

func (m Mistakes) Error() string { return fmt.Sprintf("%d mistakes", len(m)) }

// Document is a parsed file and the mistakes found so far in it.
type Document struct {
	name         string
	mistakes     []Mistake
	aliased      int
	aliasedBytes int
	bomb         bool // a budget is spent: nothing more is read
}

// Value is one node of the document. It is small: a map of thousands of environments keeps tens of thousands.
type Value struct {
	node  *yaml.Node
	place *place
}

// place is a key and the place of the mapping that it stands in. It becomes words only when there is a mistake to tell.
type place struct {
	doc    *Document
	up     *place // nil for the top
	key    string
	pastAt int // aliases followed on the way here, which bounds cycles
}

// Field is one entry of a mapping.
type Field struct {
	Key   string
	At    Value // the key itself, to point at
	Value Value
}

// Parse reads exactly one document whose top is a mapping. What is wrong is in the Document's Err; the Value may then be zero.
// name is how messages call the file.
func Parse(name string, data []byte) (*Document, Value) {
	d, top := Tree(name, data)
	switch {
	case len(d.mistakes) > 0:
		return d, Value{}
	case top == nil:
		d.add(1, 1, "", "the file is empty")
		return d, Value{}
	case top.Kind != yaml.MappingNode:
		d.add(top.Line, top.Column, "", "keys are expected here, not "+Kind(top))
		return d, Value{}
	}
	return d, Value{node: top, place: &place{doc: d}}
}

// Tree is exactly one document as it is written, with nothing judged but that it can be read: nil where the file holds
// nothing, or cannot be read, which is in the Document's Err. Whoever walks it has the aliases to bound.
func Tree(name string, data []byte) (*Document, *yaml.Node) {
	d := &Document{name: name}
	if !d.readable(data) {
		return d, nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var top, second yaml.Node
	if err := dec.Decode(&top); errors.Is(err, io.EOF) {
		return d, nil
	} else if err != nil {
		d.addSyntax(err, data)
		return d, nil
	}
	if err := dec.Decode(&second); err == nil {
		d.add(max(second.Line, 1), max(second.Column, 1), "one file holds one document: remove the line ---", "a second document starts here")
		return d, nil
	} else if !errors.Is(err, io.EOF) {
		d.addSyntax(err, data)
		return d, nil
	}
	if isEmpty(top.Content[0]) {
		return d, nil
	}
	return d, top.Content[0]
}

// Mistakes are the first MaxMistakes that were found, in the order of finding.
func (d *Document) Mistakes() []Mistake { return d.mistakes }

// Err is nil, or a problem of code BadMap that tells the first mistake by line and how many more there are. Its cause are the
// Mistakes.
func (d *Document) Err() error {
	if len(d.mistakes) == 0 {
		return nil
	}
	all := slices.Clone(d.mistakes)
	slices.SortStableFunc(all, func(a, b Mistake) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	first, more := all[0], ""
	if n := len(d.mistakes) - 1; n > 0 {
		more = fmt.Sprintf(" (and %d more)", n)
	}
	err := problem.New(problem.BadMap, "%s:%d:%d: %s%s", first.File, first.Line, first.Column, first.Text, more)
	err.Hint, err.Err = first.Hint, Mistakes(all)
	return err
}

// readable finds what is not worth parsing.
func (d *Document) readable(data []byte) bool {
	if bytes.IndexByte(data, 0) >= 0 || !utf8.Valid(data) {
		at := bytes.IndexByte(data, 0)
		if at < 0 {
			at = firstInvalid(data)
		}
		line, column := position(data, at)
		d.add(line, column, "", "not a text file in UTF-8")
		return false
	}
	if 2*len(data) > maxMarks && marks(data) > maxMarks { // a byte counts for two at most
		d.add(1, 1, "", fmt.Sprintf("the file has more than %d entries", maxMarks))
		return false
	}
	return true
}

// Full tells that no more is worth reading: too many mistakes were found.
func (d *Document) Full() bool { return d.bomb || len(d.mistakes) >= MaxMistakes }

func (d *Document) add(line, column int, hint, text string) {
	if len(d.mistakes) >= MaxMistakes {
		return
	}
	d.mistakes = append(d.mistakes, Mistake{File: d.name, Line: line, Column: column, Text: text, Hint: hint})
}

func (d *Document) addSyntax(err error, data []byte) {
	line, column, text := 1, 1, err.Error()
	if e, ok := errors.AsType[*yaml.LoadError](err); ok {
		line, column, text = max(e.Mark.Line, 1), max(e.Mark.Column, 1), e.Message
	}
	hint := ""
	if lines := strings.SplitN(string(data), "\n", line+1); line <= len(lines) && strings.ContainsAny(lines[line-1], "{*") {
		hint = "quote what has { or * in it"
	}
	if n := tabIndented(data); n > 0 {
		line, column, hint = n, 1, "YAML is indented with spaces"
		text = "a tab indents this line"
	}
	d.add(line, column, hint, "not valid YAML: "+text)
}

// tabIndented is the number of the first line whose indentation holds a tab, or 0.
func tabIndented(data []byte) int {
	for i, l := range bytes.Split(data, []byte("\n")) {
		indent := l[:len(l)-len(bytes.TrimLeft(l, " \t"))]
		if bytes.IndexByte(indent, '\t') >= 0 && len(indent) < len(l) {
			return i + 1
		}
	}
	return 0
}

func firstInvalid(data []byte) int {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return 0
}

func position(data []byte, at int) (line, column int) {
	before := data[:at]
	return bytes.Count(before, []byte("\n")) + 1, at - bytes.LastIndexByte(before, '\n')
}

// Hostile tells whether r may not stand in a value: a control character, or one that turns the direction of text around.
func Hostile(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}
