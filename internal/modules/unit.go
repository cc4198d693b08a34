package modules

import (
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
		case block.Type == "generate" && len(u.Writes) == maxBlocks:
			u.Writes = append(u.Writes, Generated{Label: label(block, 0), Why: isTooMany, File: s.path, Line: block.DefRange.Start.Line})
		}
	}
	if a := attribute(body, "generate"); a != nil {
		u.Writes = append(u.Writes, v.generatedBy(s, a)...)
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
