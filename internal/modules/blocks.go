package modules

import (
	"cmp"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"whichrole/internal/problem"
)

// How much a block says that its directory is a root module: a backend more than a provider, which shared modules of old have.
const (
	rankNone = iota
	rankProvider
	rankAWS
	rankBackend
	rankUnit
)

// building is a module of which not all files are read yet.
type building struct {
	Module
	rank int
	more *Block // beyond maxBlocks, one that assumes a role if there is such
}

// named says that the block at r makes the directory a root module, unless another one has said more. Of two backends the
// later one holds: it overrides.
func (b *building) named(rank int, why string, s *source, r hcl.Range) {
	if rank > b.rank || rank == rankBackend && b.rank == rankBackend {
		b.rank, b.Why, b.File, b.Line, b.Column = rank, why, s.path, r.Start.Line, r.Start.Column
	}
}

// module is what the directory's files say; false where it is no root module.
func (d *directory) module() (Module, bool) {
	inOrder(d.names)
	if len(d.names) > d.r.limits.files {
		d.names = d.names[:d.r.limits.files]
		d.r.notes.add(Note{File: d.rel, Text: "has too many configuration files: not all were read"})
	}
	d.read()
	if d.size > largeFiles {
		d.r.large.Lock()
		defer d.r.large.Unlock()
	}
	b := &building{Module: Module{Dir: d.rel, Kind: "terraform"}}
	v := &values{r: d.r, files: d.files}
	for _, s := range d.files {
		if s.mentions("provider", "backend", "cloud", "terraform_remote_state") {
			b.terraform(s, s.parse(d.r), v)
		}
		if !s.mentions("locals", "variable") {
			s.body = hcl.EmptyBody() // nobody asks for it again, and it takes two hundred times the file's size
		}
	}
	for _, s := range d.units {
		b.terragrunt(s, s.parse(d.r), &values{r: d.r, files: []*source{s}})
	}
	b.Blocks = b.assuming()
	return b.Module, b.rank > rankNone
}

// inOrder puts last what overrides the others. Of x.tf and x.tofu OpenTofu reads only the second, Terraform only the first: what
// either says counts.
func inOrder(names []fs.DirEntry) {
	slices.SortFunc(names, func(a, b fs.DirEntry) int {
		if x, y := overrides(a.Name()), overrides(b.Name()); x != y {
			if y {
				return -1
			}
			return 1
		}
		return strings.Compare(a.Name(), b.Name())
	})
}

func overrides(name string) bool {
	stem, _, _ := strings.Cut(name, ".")
	return stem == "override" || strings.HasSuffix(stem, "_override")
}

func blockOf(kind string, labels ...string) hcl.BlockHeaderSchema {
	return hcl.BlockHeaderSchema{Type: kind, LabelNames: labels}
}

// blocks are those of body that look like one of these. What is there but looks otherwise is Terraform's to complain about.
func blocks(body hcl.Body, like ...hcl.BlockHeaderSchema) hcl.Blocks {
	content, _, _ := body.PartialContent(&hcl.BodySchema{Blocks: like})
	return content.Blocks
}

// attribute is an attribute of body, nil where there is none.
func attribute(body hcl.Body, name string) *hcl.Attribute {
	content, _, _ := body.PartialContent(&hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: name}}})
	return content.Attributes[name]
}

// label is a block's nth label, short enough for a message.
func label(block *hcl.Block, n int) string { return problem.Cut(block.Labels[n], maxLabel) }

// terraform takes what one file says.
func (b *building) terraform(s *source, body hcl.Body, v *values) {
	for _, block := range blocks(body, blockOf("terraform"), blockOf("provider", "name"), blockOf("data", "type", "name")) {
		switch {
		case block.Type == "terraform":
			b.backend(s, block.Body, v)
		case block.Type == "provider":
			b.provider(s, block, v)
		case block.Labels[0] == "terraform_remote_state":
			b.remoteState(s, block.Body, "terraform_remote_state."+label(block, 1), v)
		}
	}
}

func (b *building) provider(s *source, block *hcl.Block, v *values) {
	name := "provider " + quoted(label(block, 0))
	if kind := block.Labels[0]; kind != "aws" && kind != "awscc" {
		b.named(rankProvider, name, s, block.DefRange)
		return
	}
	b.AWS = true
	b.named(rankAWS, name, s, block.DefRange)
	k := Block{Name: block.Labels[0], File: s.path, Line: block.DefRange.Start.Line}
	if alias := attribute(block.Body, "alias"); alias != nil {
		k.Alias = "?" // which it never is
		if text, ok := v.text(s, alias.Expr); ok {
			k.Alias = problem.Cut(text, maxLabel)
			name += " (alias " + k.Alias + ")"
		}
	}
	list := settingsOf(block.Body)
	b.own(name, s, list, v)
	b.add(v.assumed(k, s, list), overrides(path.Base(s.path)))
}

// backend takes a terraform block.
func (b *building) backend(s *source, body hcl.Body, v *values) {
	for _, block := range blocks(body, blockOf("backend", "type"), blockOf("cloud")) {
		if overrides(path.Base(s.path)) { // of a backend nothing is left then
			b.Blocks = slices.DeleteFunc(b.Blocks, func(k Block) bool { return k.State })
		}
		if block.Type == "cloud" {
			b.Backend = "cloud"
			b.named(rankBackend, "cloud", s, block.DefRange)
			continue
		}
		b.Backend = label(block, 0)
		name := "backend " + quoted(b.Backend)
		b.named(rankBackend, name, s, block.DefRange)
		if b.Backend == "s3" {
			b.AWS = true
			list := settingsOf(block.Body)
			b.own(name, s, list, v)
			b.add(v.assumed(Block{Name: "s3", State: true, File: s.path, Line: block.DefRange.Start.Line}, s, list), false)
		}
	}
}

// add takes a block. One in an override file changes what it says of those of its name.
func (b *building) add(k Block, override bool) {
	found := false
	for i := range b.Blocks {
		old := &b.Blocks[i]
		if !override || old.Name != k.Name || old.Alias != k.Alias {
			continue
		}
		found = true
		if len(k.Hops) > 0 {
			old.Hops = k.Hops
		}
		old.Region, old.Profile = cmp.Or(k.Region, old.Region), cmp.Or(k.Profile, old.Profile)
	}
	switch {
	case found:
	case len(b.Blocks) < maxBlocks:
		b.Blocks = append(b.Blocks, k)
	case b.more == nil || len(b.more.Hops) == 0:
		b.more = &k
	}
}

// assuming are the blocks, nil where none of them assumes a role. Of too many it is one that says so: what the others say is not
// known then.
func (b *building) assuming() []Block {
	list := b.Blocks
	if b.more != nil {
		list = append(list[:len(list):len(list)], *b.more)
	}
	if !slices.ContainsFunc(list, func(k Block) bool { return len(k.Hops) > 0 }) {
		return nil
	}
	if b.more == nil {
		return list
	}
	last := Hop{Unknown: []Unknown{{"a provider", isTooMany, b.more.File, b.more.Line}}, File: b.more.File, Line: b.more.Line}
	return []Block{{Name: "aws", Hops: []Hop{last}, File: b.more.File, Line: b.more.Line}}
}

// remoteState takes a block that has a backend and its config as attributes, and returns the backend's name.
func (b *building) remoteState(s *source, body hcl.Body, name string, v *values) (backend string) {
	if kind := attribute(body, "backend"); kind != nil {
		backend, _ = v.text(s, kind.Expr)
	}
	if config := attribute(body, "config"); config != nil && backend == "s3" {
		b.own(name, s, settingsIn(config.Expr, v, s), v)
	}
	return problem.Cut(backend, maxLabel)
}

// terragrunt takes a terragrunt.hcl. Only one that says what to run, or includes what does, is a unit.
func (b *building) terragrunt(s *source, body hcl.Body, v *values) {
	found := unitBlocks(body)
	for _, block := range found {
		if block.Type == "include" || block.Type == "terraform" && attribute(block.Body, "source") != nil {
			b.Kind = "terragrunt"
			b.named(rankUnit, s.path[strings.LastIndexByte(s.path, '/')+1:], s, block.DefRange)
		}
	}
	for _, block := range found {
		if block.Type != "remote_state" {
			continue
		}
		if backend := b.remoteState(s, block.Body, `remote_state "s3"`, v); backend != "" {
			b.Backend = backend
			b.AWS = b.AWS || backend == "s3"
		}
	}
	b.Unit = v.unit(s, body, found) // of two files the one in JSON counts
}

func quoted(name string) string { return `"` + name + `"` }
