package modules

import (
	"bytes"
	"context"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"whichrole/internal/problem"
)

// Unit is what one file of Terragrunt says that bears on roles: a terragrunt.hcl, or what it includes.
type Unit struct {
	File     string
	Hop      Hop         // iam_role and what goes with it, each alone: RoleARN is "" where only a duration is said
	State    *Block      // remote_state, nil where there is none
	Includes []Include   // in order: what a later one says holds against those before it
	Writes   []Generated // what it writes into the module
}

// Generated is a generate block.
type Generated struct {
	Label  string  // the repository's word
	Blocks []Block // of what it writes; nil where none of them assumes a role
	Why    string  // why a role in it is not known
	File   string
	Line   int
}

// Parser reads files that units include, each within the bounds of a search and 16 MiB in all.
type Parser struct{ r *reader }

// NewParser is one that has read nothing.
func NewParser() *Parser {
	p := &Parser{&reader{ctx: context.Background()}}
	p.r.parsed.Store(maxParents)
	return p
}

// Unit is what the file called name says; where the note has a text it cannot be read, for that reason.
func (p *Parser) Unit(name string, data []byte) (*Unit, Note) {
	s := &source{path: name, json: strings.HasSuffix(name, ".json"), data: data, parsed: true}
	if len(data) > maxFile || !spend(&p.r.parsed, int64(len(data))) {
		return nil, Note{File: name, Text: "there is too much to read"}
	}
	var fault Note
	if s.body, fault = parse(data, s.json); fault.Text != "" {
		fault.File = name
		return nil, fault
	}
	v := &values{r: p.r, files: []*source{s}}
	return v.unit(s, s.body, unitBlocks(s.body)), Note{}
}

// unitBlocks are the blocks of a file of Terragrunt that matter, an include with a name or without.
func unitBlocks(body hcl.Body) hcl.Blocks {
	return append(blocks(body, blockOf("terraform"), blockOf("include"), blockOf("remote_state")), blocks(body, blockOf("include", "name"), blockOf("generate", "name"))...)
}

const webToken = "iam_web_identity_token"

// unit is what the file says with these blocks.
func (v *values) unit(s *source, body hcl.Body, found hcl.Blocks) *Unit {
	u := &Unit{File: s.path}
	fields := fieldsOf(body, unitSchema())
	u.Hop, _ = v.hop(s, fields, ofUnit())
	if at, there := fields[webToken]; there {
		text, why := v.literal(s, at.expr)
		u.Hop.Web = text != "" || why != ""
	}
	for _, block := range found {
		switch {
		case block.Type == "remote_state":
			u.State = v.state(s, block)
		case block.Type == "generate" && len(u.Writes) < maxBlocks:
			u.Writes = append(u.Writes, v.generated(s, block))
		}
	}
	u.Includes = v.includes(s, found.OfType("include"))
	return u
}

// state is a remote_state block.
func (v *values) state(s *source, block *hcl.Block) *Block {
	k := Block{State: true, File: s.path, Line: block.DefRange.Start.Line}
	fields := fieldsOf(block.Body, attributesOf([]string{"backend", "config"}))
	if at, there := fields["backend"]; there {
		k.Name, _ = v.literal(s, at.expr)
		k.Name = problem.Cut(k.Name, maxLabel)
	}
	at, there := fields["config"]
	if !there || k.Name != "s3" && k.Name != "" {
		return &k
	}
	if _, diags := hcl.ExprMap(at.expr); diags.HasErrors() {
		k.Hops = []Hop{{Unknown: []Unknown{{"config of remote_state", isComputed, s.path, at.line}}, File: s.path, Line: at.line}}
		return &k
	}
	k = v.assumed(k, s, settingsIn(at.expr, v, s))
	return &k
}

// generated is a generate block. What it writes is a file of Terraform's with variables of its own.
func (v *values) generated(s *source, block *hcl.Block) Generated {
	g := Generated{Label: label(block, 0), File: s.path, Line: block.DefRange.Start.Line}
	contents := attribute(block.Body, "contents")
	if contents == nil {
		return g
	}
	at := contents.Expr.Range()
	if !bytes.Contains(s.data[at.Start.Byte:at.End.Byte], []byte("role_arn")) {
		return g
	}
	text, why := v.literal(s, contents.Expr)
	if g.Why = why; why != "" {
		return g
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
	g.Blocks = assuming(b.Blocks)
	g.moved(at.Start.Line - 1 + bytes.Count(s.data[at.Start.Byte:min(at.Start.Byte+2, at.End.Byte)], []byte("<<"))) // of a heredoc the next line is the first
	return g
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
