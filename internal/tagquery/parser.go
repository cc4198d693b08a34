package tagquery

import (
	"fmt"
	"strings"
)

// maxDepth bounds how deep parentheses and atoms side by side may lie in each other, and with it the stack.
const maxDepth = 1000

// oldInDir begins a tag that means "in dir": Terrateam's spelling before it had the operator, which it still reads.
const oldInDir = "dir~"

type parser struct {
	lexer
	tok       token // the next one
	depth     int
	ambiguous bool
}

func (p *parser) advance() (err error) {
	p.tok, err = p.next()
	return err
}

// expr reads up to the token that ends it. beside: it began without an operator, beside another atom.
func (p *parser) expr(beside bool) (*node, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, p.wrong("more than %d parentheses or tags side by side lie within each other", maxDepth)
	}
	defer func() { p.depth-- }()
	kids, err := p.list(or, p.and)
	p.ambiguous = p.ambiguous || beside && len(kids) > 1
	return together(orNode, kids), err
}

func (p *parser) and() (*node, error) {
	kids, err := p.list(and, p.prim)
	return together(andNode, kids), err
}

// list reads one part, and one more behind every operator.
func (p *parser) list(operator tokenKind, part func() (*node, error)) (kids []*node, err error) {
	for {
		kid, err := part()
		if err != nil {
			return nil, err
		}
		kids = append(kids, kid)
		if p.tok.kind != operator {
			return kids, nil
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
}

func together(kind nodeKind, kids []*node) *node {
	if len(kids) == 1 {
		return kids[0]
	}
	return &node{kind: kind, kids: kids}
}

func (p *parser) prim() (*node, error) {
	first, err := p.atom()
	if err != nil {
		return nil, err
	}
	switch p.tok.kind {
	case str, not, open:
		rest, err := p.expr(true)
		return together(andNode, []*node{first, rest}), err
	}
	return first, nil
}

func (p *parser) atom() (*node, error) {
	switch p.tok.kind {
	case str:
		return p.tagOrDir()
	case open:
		return p.group()
	case not:
		return p.negation()
	}
	return nil, p.missing()
}

func (p *parser) tag() (*node, error) {
	text := p.tok.text
	if dir, ok := strings.CutPrefix(text, oldInDir); ok {
		return inDir(dir), p.advance()
	}
	return &node{kind: tagNode, text: text}, p.advance()
}

func inDir(path string) *node { return &node{kind: inDirNode, text: "/" + path + "/"} }

func (p *parser) tagOrDir() (*node, error) {
	text := p.tok.text
	n, err := p.tag()
	if err != nil || p.tok.kind != in {
		return n, err
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.tok.kind != str || p.tok.text != "dir" {
		return nil, p.wrong(`"in" wants "dir" behind it`)
	}
	return inDir(text), p.advance()
}

func (p *parser) group() (*node, error) {
	begin := p.tok
	if err := p.advance(); err != nil {
		return nil, err
	}
	n, err := p.expr(false)
	switch {
	case err != nil:
		return nil, err
	case p.tok.kind == end:
		return nil, &SyntaxError{begin.column, `"(" is never closed`}
	case p.tok.kind != closing:
		return nil, p.left()
	}
	return n, p.advance()
}

func (p *parser) negation() (*node, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	part := p.tag
	switch p.tok.kind {
	case str:
	case open:
		part = p.group
	default:
		return nil, p.wrong(`"not" wants a tag or "(" behind it`)
	}
	n, err := part()
	return &node{kind: notNode, kids: []*node{n}}, err
}

// missing is the error where an atom must begin, and none does.
func (p *parser) missing() error {
	switch p.tok.kind {
	case end:
		return p.wrong("a tag is missing at the end")
	case closing:
		return p.wrong(`a tag is missing before ")"`)
	}
	return p.wrong(`a tag is missing before %q; a tag of that name is written in quotes`, p.tok.text)
}

// left is the error where an expression has ended, and neither the text nor the parentheses have.
func (p *parser) left() error {
	if p.tok.kind == closing {
		return p.wrong(`")" closes nothing`)
	}
	return p.wrong(`only a tag may stand before "in dir"; its opposite is written not (x in dir)`)
}

func (p *parser) wrong(format string, args ...any) error {
	return &SyntaxError{p.tok.column, fmt.Sprintf(format, args...)}
}
