package modules

import (
	"bytes"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Generated is a generate block.
type Generated struct {
	Label  string  // the repository's word
	Blocks []Block // of what it writes; nil where none of them assumes a role
	Why    string  // why a role in it is not known
	File   string
	Line   int
}

// generated is a generate block. What it writes is a file of Terraform's with variables of its own.
func (v *values) generated(s *source, block *hcl.Block) Generated {
	g := Generated{Label: label(block, 0), File: s.path, Line: block.DefRange.Start.Line}
	contents, disable := attribute(block.Body, "contents"), attribute(block.Body, "disable")
	if contents == nil {
		return g
	}
	text, why := v.literal(s, contents.Expr)
	if why != "" && v.mentionsRole(expression{s, contents.Expr}) {
		g.Why = why
	}
	if why != "" || !strings.Contains(text, "role_arn") {
		return g
	}
	if disable != nil {
		switch off, why := v.literal(s, disable.Expr); {
		case off == "true": // then it writes nothing, and neither does a parent's of that name
			return g
		case why != "":
			g.Why = "counts or not: disable " + why
			return g
		}
	}
	inner := &source{path: s.path, data: []byte(text), parsed: true}
	var fault Note
	if spend(&v.r.parsed, int64(len(text))) {
		inner.body, fault = parse(inner.data, false)
	}
	if inner.body == nil || fault.Text != "" {
		g.Why = isUnread
		return g
	}
	b := &building{}
	b.terraform(inner, inner.body, &values{r: v.r, files: []*source{inner}})
	g.Blocks = b.assuming()
	at := v.origin(expression{s, contents.Expr}).expr.Range()
	g.moved(at.Start.Line - 1 + bytes.Count(s.data[at.Start.Byte:min(at.Start.Byte+2, at.End.Byte)], []byte("<<"))) // of a heredoc the next line is the first
	return g
}

// generatedBy tells of generate as an attribute, which a person may write in many ways. In JSON it looks like a block, and is read.
func (v *values) generatedBy(s *source, a *hcl.Attribute) (list []Generated) {
	_, diags := hcl.ExprMap(a.Expr)
	if s.json || !diags.HasErrors() && !v.mentionsRole(expression{s, a.Expr}) {
		return nil
	}
	return []Generated{{Why: "is not known: it is an attribute", File: s.path, Line: a.NameRange.Start.Line}}
}

// mentionsRole tells whether a role may stand in e, or in a local that it is made of.
func (v *values) mentionsRole(e expression) bool {
	at := e.expr.Range()
	if at.Start.Byte >= 0 && at.End.Byte <= len(e.s.data) && bytes.Contains(e.s.data[at.Start.Byte:at.End.Byte], []byte("role_arn")) {
		return true
	}
	expr, ok := e.expr.(hclsyntax.Expression)
	if !ok {
		return false
	}
	for _, t := range expr.Variables() {
		name := nameOf(t)
		if v.roles == nil {
			v.roles = map[string]bool{}
		}
		if _, asked := v.roles[name]; !asked {
			v.roles[name] = false // so that nothing is asked for twice
			if next, ok := v.lookup(t); ok {
				v.roles[name] = v.mentionsRole(next)
			}
		}
		if v.roles[name] {
			return true
		}
	}
	return false
}

// origin is where the text of e stands: in the local that it is.
func (v *values) origin(e expression) expression {
	for range maxHops {
		if wrap, ok := e.expr.(*hclsyntax.TemplateWrapExpr); ok {
			e.expr = wrap.Wrapped
		}
		reference, ok := e.expr.(*hclsyntax.ScopeTraversalExpr)
		if !ok {
			break
		}
		next, ok := v.lookup(reference.Traversal)
		if !ok {
			break
		}
		e = next
	}
	return e
}

// moved counts lines from the beginning of the file.
func (g *Generated) moved(lines int) {
	for i := range g.Blocks {
		k := &g.Blocks[i]
		k.Line += lines
		for j := range k.Hops {
			h := &k.Hops[j]
			h.Line += lines
			for n := range h.Unknown {
				h.Unknown[n].Line += lines
			}
		}
	}
}
