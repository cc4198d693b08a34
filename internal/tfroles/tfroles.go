// Package tfroles reads which roles Terraform's and Terragrunt's own files assume.
package tfroles

import (
	"cmp"
	"slices"
	"strings"

	"whichrole/internal/found"
	"whichrole/internal/modules"
)

// reading collects what one system says.
type reading struct {
	said     found.Said
	misses   found.Misses
	profiles map[string]int
}

func newReading() *reading {
	return &reading{profiles: map[string]int{}}
}

// unread tells what could not be read.
func (r *reading) unread(file string, line int, text string) {
	r.misses.Add(found.Origin{File: file, Line: line}, "%s", text)
}

// unknown tells what of a hop is not known.
func (r *reading) unknown(h modules.Hop) {
	for _, u := range h.Unknown {
		r.unread(u.File, u.Line, u.Key+" "+u.Why)
	}
}

// place takes what a directory gets; the roles are nil where nothing is said.
func (r *reading) place(dir string, run, state *found.Role) {
	if state != nil && run != nil && same(state, run) {
		state = nil
	}
	if run == nil && state == nil {
		return
	}
	p := found.Place{Dir: dir, State: state}
	if run != nil {
		plan, apply := *run, *run
		p.Plan, p.Apply = &plan, &apply
	}
	r.said.Places = append(r.said.Places, p)
}

// result is all that was said, in order.
func (r *reading) result() found.Said {
	r.said.Unread = r.misses.Sorted()
	for name := range r.profiles {
		r.said.Sources = append(r.said.Sources, name)
	}
	slices.SortFunc(r.said.Sources, func(a, b string) int {
		return cmp.Or(cmp.Compare(r.profiles[b], r.profiles[a]), strings.Compare(a, b))
	})
	return r.said
}

// role is the one that a block comes to. It is nil where there is none, or one on the way is not known.
func (r *reading) role(k modules.Block) *found.Role {
	for _, h := range k.Hops {
		r.unknown(h)
	}
	route, known := route(k)
	if !known || len(route) == 0 {
		return nil
	}
	if k.Profile != "" {
		r.profiles[k.Profile]++
	}
	last := k.Hops[len(k.Hops)-1]
	return &found.Role{
		ARN: last.RoleARN, Via: route[:len(route)-1], Region: k.Region,
		SessionName: last.SessionName, ExternalID: last.ExternalID, Duration: last.Duration,
		From: found.Origin{File: last.File, Line: last.Line}, Note: note(k.Hops),
	}
}

// route is the roles that a block assumes one after the other, and whether all of them are known.
func route(k modules.Block) (arns []string, known bool) {
	for _, h := range k.Hops {
		if h.RoleARN == "" {
			return nil, false
		}
		arns = append(arns, h.RoleARN)
	}
	return arns, true
}

// note says what of these hops found.Role has no place for.
func note(hops []modules.Hop) string {
	var parts []string
	for i, h := range hops {
		last := i == len(hops)-1
		if h.Web && last {
			parts = append(parts, "is assumed with a web identity token")
		} else if h.Web {
			parts = append(parts, "the first role is assumed with a web identity token")
		}
		if len(h.Also) > 0 {
			parts = append(parts, "left out: "+strings.Join(h.Also, ", "))
		}
		if h.ExternalID != "" && !last {
			parts = append(parts, "left out: external_id of a role on the way")
		}
	}
	return strings.Join(parts, "; ")
}

func same(a, b *found.Role) bool { return a.ARN == b.ARN && slices.Equal(a.Via, b.Via) }
