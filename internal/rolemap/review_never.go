package rolemap

import "whichrole/internal/pattern"

// A covering is the rules of a pattern that matches wherever another one does, and how it then stands to it.
type covering struct {
	*ruleSet
	order pattern.Order
}

// neverWins finds patterns, and whole environments, to which another rule is better in each directory and workspace that they
// match. It is proved on the patterns themselves, so that none is reported that wins somewhere; of those that only lose to
// several together, to one here and to another there, it knows nothing.
func (v *reviewer) neverWins() {
	beaten := v.beaten()
	for _, e := range v.m.environments {
		v.deadEnvironment(e, beaten)
	}
	for i := range v.m.noRole {
		n := &v.m.noRole[i]
		v.deadPattern(candidate{noRole: n, pattern: n.pattern}, beaten)
	}
}

// beaten has for each rule that never wins one that is better.
func (v *reviewer) beaten() map[candidateKey]candidate {
	all := map[candidateKey]candidate{}
	for _, p := range v.patterns {
		over := v.covering(p)
		if v.spent(len(over)) {
			break
		}
		v.rules[p].each(func(c candidate) {
			if by, ok := v.better(c, over); ok {
				all[c.key()] = by
			}
		})
	}
	return all
}

// candidateKey is a rule and one of its patterns.
type candidateKey struct {
	rule    any
	pattern *pattern.Pattern
}

func (c candidate) key() candidateKey { return candidateKey{c.rule(), c.pattern} }

// covering are found where p describes a directory of names that no pattern has: all that match there are asked.
func (v *reviewer) covering(p *pattern.Pattern) (list []covering) {
	for dir := range v.index.Examples(p) {
		for _, hit := range v.index.At(dir) {
			if order, ok := hit.Pattern.Covers(p); ok && order != pattern.Worse {
				list = append(list, covering{v.rules[hit.Pattern], order})
			}
		}
		break
	}
	return list
}

// each yields every rule once.
func (r *ruleSet) each(do func(candidate)) {
	for _, c := range r.plain {
		do(c)
	}
	named := map[*environment]bool{}
	once := func(c candidate) {
		if !named[c.env] {
			named[c.env] = true
			do(c)
		}
	}
	for _, list := range r.literal {
		for _, c := range list {
			once(c)
		}
	}
	for _, list := range r.globs {
		for _, c := range list {
			once(c)
		}
	}
}

// better finds a rule that beats c in every workspace; where it takes one for each name, it is that of the first.
func (v *reviewer) better(c candidate, over []covering) (by candidate, ok bool) {
	if !c.namesWorkspace() {
		return v.anywhere(over)
	}
	for i, n := range c.env.names {
		b, beaten := v.inWorkspace(n, over)
		if !beaten {
			return candidate{}, false
		}
		if i == 0 {
			by = b
		}
	}
	return by, true
}

// anywhere finds what beats a rule without workspaces: a better pattern without them, or one as good with all of them.
func (v *reviewer) anywhere(over []covering) (candidate, bool) {
	for _, o := range over {
		if o.order == pattern.Better && len(o.plain) > 0 {
			return o.plain[0], true
		}
		if c, ok := v.covers(o, func(n *pattern.Name) bool { return n.String() == "*" }); ok {
			return c, true
		}
	}
	return candidate{}, false
}

// inWorkspace finds what beats a rule in all workspaces that n matches.
func (v *reviewer) inWorkspace(n *pattern.Name, over []covering) (candidate, bool) {
	for _, o := range over {
		if o.order != pattern.Better {
			continue
		}
		if len(o.plain) > 0 {
			return o.plain[0], true
		}
		if list := o.literal[n.String()]; len(list) > 0 && n.Literal() {
			return list[0], true
		}
		if c, ok := v.covers(o, func(glob *pattern.Name) bool { return glob.Covers(n) }); ok {
			return c, true
		}
	}
	return candidate{}, false
}

// covers finds a rule with a workspace pattern that is wide enough.
func (v *reviewer) covers(o covering, wide func(*pattern.Name) bool) (by candidate, ok bool) {
	for glob, list := range o.globs {
		if v.spent(1) {
			return candidate{}, false
		}
		if wide(glob) && (!ok || list[0].line < by.line) { // the first in the file, so that it is always the same
			by, ok = list[0], true
		}
	}
	return by, ok
}

// deadEnvironment reports an environment none of whose patterns wins as a whole.
func (v *reviewer) deadEnvironment(e *environment, beaten map[candidateKey]candidate) {
	dead := 0
	var by candidate
	for i := len(e.patterns) - 1; i >= 0; i-- {
		if b, ok := beaten[candidate{env: e, pattern: e.patterns[i]}.key()]; ok {
			dead, by = dead+1, b
		}
	}
	if dead < len(e.patterns) {
		for _, p := range e.patterns {
			v.deadPattern(candidate{env: e, pattern: p}, beaten)
		}
		return
	}
	if dead > 0 && v.room(NeverWins) {
		v.find(NeverWins, e.at.Line(), e.at.Column(), "take it out, or make its patterns more specific",
			"environment %s never wins: %s is better wherever it matches", e.name, by.words())
	}
}

func (v *reviewer) deadPattern(c candidate, beaten map[candidateKey]candidate) {
	by, dead := beaten[c.key()]
	if !dead || !v.room(NeverWins) {
		return
	}
	line, column := c.spot()
	v.find(NeverWins, line, column, "take it out, or make it more specific",
		"%s of %s never wins: %s is better wherever it matches", clipped(c.pattern.String()), c.name(), by.words())
}

// room tells that a finding more of this code would still be told, or tell that there are more.
func (v *reviewer) room(code string) bool {
	n := 0
	for _, f := range v.list {
		if f.Code == code {
			n++
		}
	}
	return n <= MaxFindings
}
