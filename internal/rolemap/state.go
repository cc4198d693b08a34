package rolemap

import (
	"reflect"
	"slices"
)

// maxCommon bounds how many environments of one directory are asked for their state role: each is filled in as a whole.
const maxCommon = 300

// commonState is for init and workspace commands in a workspace that matches nothing: if every environment whose dirs match
// has the same state role, that one is granted, under the name of the first of them, or of the one that WHICHROLE_ENV names.
func (m *Map) commonState(t Target, c choice) (decision, bool) {
	t.Operation = State
	var first *Grant
	var d decision
	var last *environment
	var agreed []string
	asked := 0
	for _, b := range c.byDir {
		if last == b.env {
			continue
		}
		last = b.env
		if asked++; asked > maxCommon {
			return decision{}, false
		}
		here := decision{env: b.env, captures: b.env.ofEnvironment(c.on), state: true,
			how: "its workspaces do not match, but every environment of this directory has the same state role"}
		g, err := m.grant(t, here)
		if err != nil || first != nil && !sameCredentials(first, g) {
			return decision{}, false
		}
		agreed = append(agreed, b.env.name)
		if first == nil || b.env.name == t.EnvironmentVariable {
			first, d = g, here
		}
	}
	d.agreed = agreed
	return d, first != nil
}

// sameCredentials compares everything but the names of environment, captures and session.
func sameCredentials(a, b *Grant) bool {
	return reflect.DeepEqual(nameless(*a), nameless(*b))
}

func nameless(g Grant) Grant {
	g.Environment, g.SessionName, g.Captures = "", "", nil
	g.Hops = slices.Clone(g.Hops)
	for i := range g.Hops {
		g.Hops[i].SessionName = ""
	}
	g.Sources = slices.Clone(g.Sources)
	for i := range g.Sources {
		g.Sources[i].Line = 0
	}
	return g
}
