// Package tagquery reads Terrateam's tag queries, and tells whether one matches a directory and its tags.
//
// The grammar is the one of Terrateam's parser, which binds more than its documentation:
//
//	expr = and {"or" and}      and = prim {"and" prim}
//	prim = atom [expr]         two atoms side by side mean "and", and the second takes the whole rest, up to ")" or the end
//	atom = STR "in" "dir" | STR | "(" expr ")" | "not" STR | "not" "(" expr ")"
package tagquery

import (
	"fmt"
	"strings"
)

// SyntaxError is what is wrong with the text of a query.
type SyntaxError struct {
	Column int    // from 1, in characters
	Text   string // lower case, without a period
}

// Error is the text with its column.
func (e *SyntaxError) Error() string { return fmt.Sprintf("column %d: %s", e.Column, e.Text) }

// Query is a tag query. It may be used by several goroutines at once.
type Query struct {
	root      *node // nil: everything matches
	size      int
	ambiguous bool
}

// Parse reads a query. Where nothing but spaces is written, everything matches. The error is a *SyntaxError.
func Parse(text string) (*Query, error) {
	p := parser{lexer: lexer{text: text, column: 1}}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.tok.kind == end {
		return &Query{}, nil
	}
	root, err := p.expr(false)
	if err != nil {
		return nil, err
	}
	if p.tok.kind != end {
		return nil, p.left()
	}
	return &Query{root: tidy(root), size: root.size(), ambiguous: p.ambiguous}, nil
}

// Match tells whether the query matches a directory and what has tells of its tags. dir is clean, from the repository's root,
// with slashes; "." is the root. has is asked only for the tags that the answer depends on.
func (q *Query) Match(dir string, has func(tag string) bool) bool {
	return q.root == nil || q.root.match("/"+dir+"/", has)
}

// Size is how much a Match may take: the tags, paths and operators of the query.
func (q *Query) Size() int { return q.size }

// Tags are all that the query asks for, in order of first use, whatever stands before them.
func (q *Query) Tags() (list []string) {
	if q.root != nil {
		seen := map[string]bool{}
		q.root.tags(func(tag string) {
			if !seen[tag] {
				seen[tag] = true
				list = append(list, tag)
			}
		})
	}
	return list
}

// Ambiguous tells that Terrateam's versions disagree on this query: "a b or c" is "a and (b or c)" here and in the versions that
// this package follows; newer ones, which give the neighbour the precedence of "and", read "(a and b) or c". Parentheses settle it.
func (q *Query) Ambiguous() bool { return q.ambiguous }

// String is the query in its one canonical spelling: every "and" written, no parenthesis too many, quotes only where they are
// needed. Read again it is an equal query.
func (q *Query) String() string {
	if q.root == nil {
		return ""
	}
	var b strings.Builder
	q.root.write(&b)
	return b.String()
}
