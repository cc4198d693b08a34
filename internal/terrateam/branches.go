package terrateam

import (
	"slices"
	"strings"

	"whichrole/internal/looseyaml"
	"whichrole/internal/luapattern"
)

func (c *Config) readTags(n looseyaml.Node) error {
	n, err := mapOf(n, "tags")
	if err != nil {
		return err
	}
	if c.branch, err = branchTags(n.Get("branch"), "tags.branch"); err != nil {
		return err
	}
	c.destBranch, err = branchTags(n.Get("dest_branch"), "tags.dest_branch")
	return err
}

// branchTags are sorted by key, the order in which they are tried.
func branchTags(n looseyaml.Node, what string) ([]branchTag, error) {
	n, err := mapOf(n, what)
	if err != nil {
		return nil, err
	}
	var list []branchTag
	for _, f := range n.Fields() {
		raw, ok := f.Value.Text()
		if !ok {
			return nil, f.Value.Wrong("%s has patterns, not %s", what, f.Value.Kind())
		}
		if f.Key == "" {
			return nil, f.At.Wrong("an entry of %s has a name", what)
		}
		p, err := luapattern.Compile(raw)
		if err != nil {
			return nil, f.Value.Wrong("%s is no Lua pattern: %v", shorten(raw), err)
		}
		list = append(list, branchTag{f.Key, f.At.Line(), f.At.Column(), p, raw})
	}
	slices.SortFunc(list, func(a, b branchTag) int { return strings.Compare(a.key, b.key) })
	return list, nil
}
