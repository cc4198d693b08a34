// Package terrateam reads Terrateam's configuration as a role map: which role a directory gets in a workspace, and why.
//
// The facts are those of Terrateam's own code (its configuration, its globs, its tags, the steps of its action), where its
// documentation says otherwise too. It is pure: what an answer depends on beside the file it asks of a World.
package terrateam

import (
	"errors"

	"whichrole/internal/looseyaml"
	"whichrole/internal/luapattern"
	"whichrole/internal/problem"
	"whichrole/internal/tagquery"
)

// Config is a .terrateam/config.yml, compiled. It does not change, and may be used by several goroutines.
type Config struct {
	name       string
	exact      map[string]*directory // dirs without a *
	globs      []*directory          // the others: the longest first, then by name
	branch     []branchTag           // by key
	destBranch []branchTag
	hooks      [2]sequence // that run before a plan, and before an apply
	workflows  []*workflow
	names      map[string][]*workflow // by the environment's name, only those that name a role
	stacks     *stacks
	apart      bool // as directory.apart, where an entry does not say
	rewritten  int  // the line of config_builder, where it is enabled; else 0
}

// directory is an entry of dirs.
type directory struct {
	key        string
	line       int
	glob       *glob // nil for an exact one
	tags       []string
	workspaces []workspace // nil where none are named: then there is default
	named      bool        // workspaces are named, be it none
	apart      bool        // they are Terrateam's alone: Terraform itself stays in default
}

type workspace struct {
	name string
	line int
	tags []string
}

// branchTag is an entry of tags.branch or tags.dest_branch.
type branchTag struct {
	key     string
	line    int
	column  int
	pattern *luapattern.Pattern
	raw     string
}

// workflow is an entry of workflows.
type workflow struct {
	index       int
	line        int
	column      int
	query       *tagquery.Query
	raw         string // tag_query as it is written
	environment string // as it is written, "" where it has none
	name        string // of the environment here
	own         [2]sequence
}

// The operations that steps are written for.
const (
	plan = iota
	apply
)

var operations = [2]string{"plan", "apply"}

// namesRole tells whether a step of the workflow's own can decide.
func (w *workflow) namesRole() bool { return w.own[plan].last != nil || w.own[apply].last != nil }

// Parse reads and compiles a configuration. name is how messages call the file. The error is a *problem.Error of code BadMap that
// begins with FILE:LINE:COLUMN. Of keys that bear on no role it knows nothing.
func Parse(name string, data []byte) (*Config, error) {
	c := &Config{name: name, exact: map[string]*directory{}, names: map[string][]*workflow{}}
	top, err := looseyaml.Parse(name, data)
	if err != nil {
		return nil, err
	}
	if top, err = mapOf(top, "the configuration"); err != nil {
		return nil, err
	}
	if v := top.Get("version"); v.Exists() {
		if text, ok := v.Text(); !ok || text != "1" {
			return nil, v.Wrong("only version 1 of Terrateam's configuration is known")
		}
	}
	if selects, ok := top.Get("create_and_select_workspace").Bool(); ok {
		c.apart = !selects
	}
	for _, part := range []struct {
		key  string
		read func(looseyaml.Node) error
	}{
		{"config_builder", c.readBuilder}, {"dirs", c.readDirs}, {"tags", c.readTags}, {"stacks", c.readStacks},
		{"hooks", c.readHooks}, {"workflows", c.readWorkflows},
	} {
		if err := part.read(top.Get(part.key)); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *Config) readBuilder(n looseyaml.Node) error {
	n, err := mapOf(n, "config_builder")
	if err != nil {
		return err
	}
	enabled := n.Get("enabled")
	if !enabled.Exists() || enabled.IsNull() {
		return nil
	}
	yes, ok := enabled.Bool()
	if !ok {
		return enabled.Wrong("enabled is true or false")
	}
	if yes {
		c.rewritten = enabled.Line()
	}
	return nil
}

func (c *Config) readHooks(n looseyaml.Node) error {
	n, err := mapOf(n, "hooks")
	if err != nil {
		return err
	}
	var pre [3]sequence
	for i, key := range []string{"all", "plan", "apply"} {
		hook, err := mapOf(n.Get(key), "hooks."+key)
		if err != nil {
			return err
		}
		if pre[i], err = steps(hook.Get("pre"), "hooks."+key+".pre"); err != nil {
			return err
		}
	}
	c.hooks = [2]sequence{pre[0].then(pre[1]), pre[0].then(pre[2])}
	return nil
}

func (c *Config) readWorkflows(n looseyaml.Node) error {
	list, err := listOf(n, "workflows")
	if err != nil {
		return err
	}
	c.workflows = make([]*workflow, 0, len(list))
	for i, item := range list {
		w := &workflow{index: i, line: item.Line(), column: item.Column()}
		if err := c.readWorkflow(w, item); err != nil {
			return err
		}
		c.workflows = append(c.workflows, w)
		if w.namesRole() {
			c.names[w.name] = append(c.names[w.name], w)
		}
	}
	return nil
}

func (c *Config) readWorkflow(w *workflow, n looseyaml.Node) (err error) {
	if !n.IsMap() {
		return n.Wrong("a workflow has keys, not %s", n.Kind())
	}
	if w.query, w.raw, err = query(n); err != nil {
		return err
	}
	if e := n.Get("environment"); e.Exists() && !e.IsNull() {
		var ok bool
		if w.environment, ok = e.Text(); !ok {
			return e.Wrong("environment is a name, not %s", e.Kind())
		}
	}
	if w.name = environmentName(w.raw); w.environment != "" {
		w.name = environmentName(w.environment)
	}
	for op, key := range operations {
		if w.own[op], err = steps(n.Get(key), key); err != nil {
			return err
		}
	}
	return nil
}

// query reads the tag_query of a workflow or a stack.
func query(n looseyaml.Node) (*tagquery.Query, string, error) {
	at := n.Get("tag_query")
	raw, ok := at.Text()
	switch {
	case !at.Exists() || at.IsNull():
		return nil, "", n.Wrong("tag_query is missing")
	case !ok:
		return nil, "", at.Wrong("tag_query is a text, not %s", at.Kind())
	}
	q, err := tagquery.Parse(raw)
	if e, ok := errors.AsType[*tagquery.SyntaxError](err); ok {
		return nil, "", at.Wrong("tag_query, character %d: %s", e.Column, e.Text)
	}
	return q, raw, err
}

// shorten keeps a message readable that quotes something long.
func shorten(s string) string { return problem.Cut(s, 200) }
