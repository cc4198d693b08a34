package tfroles

import (
	"cmp"
	"slices"

	"whichrole/internal/found"
	"whichrole/internal/modules"
)

// Terragrunt reads iam_role, remote_state and the providers that are written, of the units and of what they include.
// Terragrunt assumes iam_role before it runs Terraform: whatever is assumed in there is assumed from that role.
func Terragrunt(in found.Repository) found.Said {
	r := newReading()
	t := newTree(in.Read)
	for _, m := range in.Modules {
		r.said.Existing = r.said.Existing || m.Kind == "terragrunt"
		if m.Unit != nil {
			r.unit(m, t.layers(m.Dir, m.Unit))
		}
	}
	return r.result()
}

// unit takes one directory. Of its layers the first that says something holds.
func (r *reading) unit(m modules.Module, layers []layer) {
	for _, l := range layers {
		if l.unread != nil {
			r.unread(l.unread.At.File, l.unread.At.Line, l.unread.Text)
		}
	}
	iam, known := r.iam(layers)
	blocks := slices.Concat(m.Blocks, r.written(layers))
	states := slices.DeleteFunc(slices.Clone(blocks), func(k modules.Block) bool { return !k.State })
	backend := m.Backend
	if remote := remote(layers); remote != nil {
		states, backend = []modules.Block{*remote}, remote.Name
	}
	run, state := r.providers(blocks), r.states(states)
	switch {
	case !known: // then nobody knows what the others are assumed from
		return
	case iam != nil:
		if state == nil && !slices.ContainsFunc(states, isState) {
			state = iam
		} else {
			state = from(iam, state)
		}
		run = cmp.Or(from(iam, run), iam)
	case backend == "s3" && !slices.ContainsFunc(states, isState):
		besides(run)
	}
	r.place(m.Dir, run, state)
}

// from is then, assumed from first; nil where then is.
func from(first, then *found.Role) *found.Role {
	if then == nil || len(then.Via) == 0 && then.ARN == first.ARN {
		return then
	}
	role := *then
	role.Via = slices.Concat(first.Via, []string{first.ARN}, then.Via)
	role.Note = first.Note
	role.Remark(then.Note)
	return &role
}

// iam is the role that Terragrunt assumes, nil where there is none; known is false where that cannot be told. Its parts may
// stand in different files.
func (r *reading) iam(layers []layer) (role *found.Role, known bool) {
	var hop modules.Hop
	for _, l := range layers {
		if hop.RoleARN == "" && (l.unread != nil || unsure(l.unit)) {
			if l.unit != nil {
				r.unknown(l.unit.Hop)
			}
			return nil, false
		}
		if l.unread != nil {
			break
		}
		h := l.unit.Hop
		if hop.RoleARN == "" && h.RoleARN != "" {
			hop.RoleARN, hop.File, hop.Line = h.RoleARN, h.File, h.Line
		}
		hop.SessionName, hop.Duration = cmp.Or(hop.SessionName, h.SessionName), cmp.Or(hop.Duration, h.Duration)
		hop.Web = hop.Web || h.Web
		hop.Unknown = append(hop.Unknown, h.Unknown...)
	}
	if hop.RoleARN == "" {
		return nil, true
	}
	return r.role(modules.Block{Hops: []modules.Hop{hop}}), true
}

// unsure tells whether u names a role of which nobody knows which one it is.
func unsure(u *modules.Unit) bool {
	return slices.ContainsFunc(u.Hop.Unknown, func(n modules.Unknown) bool { return n.Key == "iam_role" })
}

// remote is the remote_state, nil where there is none.
func remote(layers []layer) *modules.Block {
	for _, l := range layers {
		if l.unread != nil {
			return nil
		}
		if l.unit.State != nil {
			return l.unit.State
		}
	}
	return nil
}

// written is the blocks of the files that are written into the module. One of the same name takes a parent's place.
func (r *reading) written(layers []layer) (list []modules.Block) {
	seen := map[string]bool{}
	for _, l := range layers {
		if l.unread != nil {
			continue
		}
		for _, g := range l.unit.Writes {
			if seen[g.Label] {
				continue
			}
			seen[g.Label] = true
			list = append(list, g.Blocks...)
			if g.Why != "" {
				r.unread(g.File, g.Line, "a role in what generate writes "+g.Why)
			}
		}
	}
	return list
}
