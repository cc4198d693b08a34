package tfroles

import (
	"slices"
	"strings"

	"whichrole/internal/found"
	"whichrole/internal/modules"
)

// Terraform reads what the providers of the root modules assume, for plan and apply, and their s3 backends, for the state.
func Terraform(in found.Repository) found.Said {
	r := newReading()
	r.said.Existing = len(in.Code) > 0
	for _, m := range in.Modules {
		r.said.Existing = r.said.Existing || m.Kind == "terraform"
		run, state := r.providers(m.Blocks), r.states(m.Blocks)
		if m.Backend == "s3" && !slices.ContainsFunc(m.Blocks, isState) {
			besides(run)
		}
		r.place(m.Dir, run, state)
	}
	return r.result()
}

// besides notes what becomes of a state for which nobody says a role: it was reached without one.
func besides(run *found.Role) {
	if run != nil {
		run.Remark("the s3 backend assumes no role: this one must reach its bucket, or state needs another")
	}
}

func isState(k modules.Block) bool { return k.State && len(k.Hops) > 0 }

// providers is the role of the default provider, and of the others where there is no default one and all have the same.
func (r *reading) providers(blocks []modules.Block) *found.Role {
	list := slices.DeleteFunc(slices.Clone(blocks), func(k modules.Block) bool { return k.State })
	if len(list) == 0 {
		return nil
	}
	at := slices.IndexFunc(list, func(k modules.Block) bool { return k.Alias == "" && k.Name == "aws" })
	if at < 0 {
		at = max(slices.IndexFunc(list, func(k modules.Block) bool { return k.Alias == "" }), 0)
	}
	list[0], list[at] = list[at], list[0]
	role := r.role(list[0])
	for _, other := range list[1:] {
		differs := r.compare(list[0], other)
		if role == nil {
			continue
		}
		if other.Region != role.Region && len(other.Hops) > 0 {
			role.Region = ""
		}
		if differs && list[0].Alias != "" { // which of them serves depends on the resource
			role = nil
		}
	}
	return role
}

// compare tells whether other assumes something else than first, and says so: one directory has one role.
func (r *reading) compare(first, other modules.Block) bool {
	for _, h := range other.Hops {
		r.unknown(h)
	}
	a, knownA := route(first)
	b, knownB := route(other)
	if !knownB || slices.Equal(a, b) && knownA {
		return !knownB
	}
	text := " assumes another role than "
	file, line := other.File, other.Line
	switch {
	case len(b) == 0:
		text = " assumes no role, unlike "
	case len(first.Hops) == 0:
		text = " assumes a role, unlike "
	case !knownA:
		text = " assumes a role beside "
	}
	if len(b) > 0 {
		last := other.Hops[len(other.Hops)-1]
		file, line = last.File, last.Line
	}
	r.unread(file, line, name(other)+text+name(first)+": one directory has one role")
	return true
}

// name is a provider's as Terraform writes it. An alias that is no name is left out: it may be any text.
func name(k modules.Block) string {
	text := "provider " + k.Name
	if k.Alias == "" {
		return text
	}
	outside := func(c rune) bool {
		return c != '_' && c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z')
	}
	if strings.IndexFunc(k.Alias, outside) >= 0 {
		return text + " (alias)"
	}
	return text + "." + k.Alias
}

// states is the role that the state is reached with. The backend's region is that of its bucket, and says nothing of the rest.
func (r *reading) states(blocks []modules.Block) (role *found.Role) {
	first := true
	for _, k := range blocks {
		if !isState(k) {
			continue
		}
		k.Region = ""
		one := r.role(k)
		switch {
		case first:
			role, first = one, false
		case role != nil && (one == nil || !same(role, one)): // of main.tf and main.tofu
			r.unread(k.File, k.Line, "there is another backend, with another role")
			return nil
		}
	}
	return role
}
