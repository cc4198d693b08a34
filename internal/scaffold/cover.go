package scaffold

// A rule says what a directory and all below it get, but for what deeper rules say.
type rule struct {
	node *node
	want *want // none: no role
}

// cover finds few rules that give each directory what it wants. In a role map the deeper rule wins.
//
//   - A directory below which all want the same gets one rule. Where it only leads on to one other, that one gets it: but what
//     names an environment gets it in any case, as people write it.
//   - Where not all below a directory that names an environment want the same, but most do, the others get rules of their own.
//   - The same holds where only those dissent that nobody speaks of.
//   - Nobody inherits what is not his: what wants no role below one that has it gets a rule that says so.
//   - The root gets a rule only for what it wants itself: another directory beside those that are there may be anything.
func (f *forest) cover() []rule {
	c := &coverer{none: f.none}
	c.cover(f.root, nil, false)
	return c.rules
}

type coverer struct {
	none  *want
	rules []rule
}

// cover goes on below n. inherited is what the rules above n give, named that one of them or n is an environment's.
func (c *coverer) cover(n *node, inherited *want, named bool) {
	named = named || n.namesEnvironment()
	switch {
	case !n.matters() || n.all != nil && c.same(n.all, inherited):
		return
	case n.want != nil:
		inherited = c.rule(n, n.want, inherited)
	case n.all != nil && n.up != nil:
		at := n.narrowed()
		c.rule(at, n.all, inherited)
		return
	case n.agreed != nil && !n.agreed.none() && n.up != nil && n.forks():
		inherited = c.rule(n, n.agreed, inherited)
	case named && n.lean != nil && !n.lean.none():
		inherited = c.rule(n, n.lean, inherited)
	}
	for _, child := range n.children {
		c.cover(child, inherited, named)
	}
}

// same tells that what is inherited is what is wanted. Nothing and none are.
func (c *coverer) same(wanted, inherited *want) bool {
	return wanted == inherited || wanted.none() && inherited == nil
}

// rule writes down what n and all below it get, where they would not get it anyway.
func (c *coverer) rule(n *node, w, inherited *want) *want {
	if c.same(w, inherited) {
		return inherited
	}
	n.ruled = w
	c.rules = append(c.rules, rule{n, w})
	if inherited != nil && !inherited.none() && !w.none() && !w.any() {
		n.guarded = true // in the other workspaces it would get what is inherited
		c.rules = append(c.rules, rule{n, c.none})
	}
	return w
}

// narrowed is the directory that a rule for all below n is written for.
func (n *node) narrowed() *node {
	for n.want == nil && !n.namesEnvironment() {
		var only *node
		for _, child := range n.children {
			if child.matters() {
				if only != nil {
					return n
				}
				only = child
			}
		}
		n = only
	}
	return n
}

// forks tells that not only one of the directories in n is open.
func (n *node) forks() bool {
	open := 0
	for _, child := range n.children {
		if child.open {
			open++
		}
	}
	return open > 1
}

// namesEnvironment tells that people would call the directory by its environment.
func (n *node) namesEnvironment() bool {
	return n.up != nil && (classOf(n.name) != "" || holdsEnvironments(n.up.name))
}
