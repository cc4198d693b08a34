package scaffold

import (
	"slices"
	"strings"

	"whichrole/internal/modules"
	"whichrole/internal/rolemap"
)

// excluded is one entry of no_role.
type excluded struct{ pattern, why string }

// Why something is excluded.
const (
	sharedCode      = "shared code"
	noRoleFound     = "no role was found for it"
	otherWorkspaces = "in workspaces that none of its environments names"
)

// blank is an environment that is known by its directories alone.
type blank struct {
	name string
	dirs []string
}

const maxBlanks = 20 // what is filled in by hand

// exclude collects what gets no role although a pattern above it matches, and shared code that no pattern matches.
func (c *compiled) exclude(f *forest, rules []rule) {
	c.findShared(f.root, false)
	for _, r := range rules {
		if r.want.none() && !r.node.inSharedCode() {
			text, _ := patternOf(r.node.segments())
			why := noRoleFound
			if r.node.guarded {
				why = otherWorkspaces
			}
			c.noRole = append(c.noRole, excluded{text, why})
		}
	}
	slices.SortFunc(c.noRole, func(a, b excluded) int { return strings.Compare(a.pattern, b.pattern) })
	c.noRole = slices.CompactFunc(c.noRole, func(a, b excluded) bool { return a.pattern == b.pattern })
}

// findShared looks for it below n. settled tells that a rule above says already what n gets.
func (c *compiled) findShared(n *node, settled bool) {
	if !n.codes || len(c.noRole) >= rolemap.MaxNoRole {
		return
	}
	if n.ruled != nil && n.up != nil { // a rule for the whole repository does not speak of its shared code
		settled = true
	}
	if !settled && !n.modules && (n.all == nil || n.all.none()) && !n.mixed && n.up != nil {
		for !n.code && !holdsCode(n.name) && n.onlyCode() != nil {
			n = n.onlyCode()
		}
		if text, exact := patternOf(n.segments()); exact {
			c.noRole = append(c.noRole, excluded{text, sharedCode})
			n.shared = true
		}
		return
	}
	for _, child := range n.children {
		c.findShared(child, settled)
	}
}

// inSharedCode tells that n lies in shared code that is listed, with no rule between.
func (n *node) inSharedCode() bool {
	for at := n; at != nil; at = at.up {
		if at.shared {
			return true
		}
		if at.ruled != nil && !at.ruled.none() {
			return false
		}
	}
	return false
}

// onlyCode is the one child that has shared code, nil where there are several.
func (n *node) onlyCode() (only *node) {
	for _, child := range n.children {
		if child.codes {
			if only != nil {
				return nil
			}
			only = child
		}
	}
	return only
}

// leaveOpen collects the root modules that get no role, and the directories among them that name an environment.
func (c *compiled) leaveOpen(f *forest, taken map[string]int) {
	byName := map[string]int{}
	c.open(f.root, false, func(n *node) {
		name := validName(n.name)
		text, exact := patternOf(n.segments())
		if i, again := byName[name]; again && exact {
			c.blanks[i].dirs = append(c.blanks[i].dirs, text)
		} else if exact && name != "" && taken[strings.ToLower(name)] == 0 && len(c.blanks) < maxBlanks {
			byName[name] = len(c.blanks)
			c.blanks = append(c.blanks, blank{name, []string{text}})
		}
	})
}

// skeleton is a map to be written by hand, of all root modules; false where there is none that it can name.
func (c *compiled) skeleton(all []modules.Module) bool {
	var dirs []string
	for _, m := range all {
		if text, exact := patternOf(split(m.Dir)); exact && len(dirs) < maxBlanks {
			dirs = append(dirs, text)
		}
	}
	if len(dirs) > 0 {
		c.blanks = []blank{{"NAME", dirs}}
	}
	return len(dirs) > 0
}

// open goes through all below n. covered tells that a rule above gives a role, and blank takes what names an environment and has
// none.
func (c *compiled) open(n *node, covered bool, blank func(*node)) {
	if !n.modules {
		return
	}
	if n.ruled != nil {
		covered = !n.ruled.none()
	}
	if n.module && n.want.none() {
		c.unmapped = append(c.unmapped, dirOf(n))
	}
	if !covered && n.ruled == nil && n.namesEnvironment() && n.all.none() {
		blank(n)
		blank = func(*node) {}
	}
	for _, child := range n.children {
		c.open(child, covered, blank)
	}
}

// dirOf is the directory as the repository has it.
func dirOf(n *node) string {
	if n.up == nil {
		return "."
	}
	return strings.Join(n.segments(), "/")
}
