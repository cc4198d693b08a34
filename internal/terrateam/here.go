package terrateam

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
)

// World is what answers depend on beside the file. Each is asked only where the answer does, but maybe for each directory
// again: who asks about many keeps what it says. A nil one knows nothing.
type World struct {
	Branch     func() (string, error)             // that is checked out; "" where none is
	DestBranch func() (string, error)             // to which pull requests go; "" where it is not known
	Variable   func(name string) (string, error)  // of the environment
	Token      func() (bool, error)               // an OIDC token is there: the chain begins with role_arn
	Files      func(dir string) ([]string, error) // the names of the files in a directory, without those of directories
}

// Here is a configuration in a world: a rolemap.Importer. It may be used by several goroutines if its World may.
type Here struct {
	c    *Config
	w    World
	work *atomic.Int64
	last atomic.Pointer[answered] // entry of dirs
}

var _ rolemap.Importer = (*Here)(nil)

// answered is the entry of dirs that holds for a directory, nil for none.
type answered struct {
	dir   string
	entry *directory
}

// In puts the configuration into a world.
func (c *Config) In(w World) *Here { return &Here{c: c, w: w, work: &atomic.Int64{}} }

// Work is how many steps all answers took so far: of globs, and of workflows and the tags that their queries asked for. A step
// takes about 20 ns. One answer is bounded, but who asks about thousands of directories needs a bound for all.
func (h *Here) Work() int64 { return h.work.Load() }

// Hooks is what an environment is called whose roles come from hooks alone.
const Hooks = "hooks"

// Choose is what the first workflow whose tag_query matches gives to the directory, with the steps of hooks before its own.
func (h *Here) Choose(dir, workspace string) (*rolemap.Imported, []rolemap.Reason, error) {
	if err := h.c.refuse(); err != nil {
		return nil, nil, err
	}
	s, err := h.newSpace(dir, workspace)
	if err != nil {
		return nil, nil, err
	}
	if !s.enter() {
		return nil, nil, s.noWorkspace()
	}
	w, err := s.workflow()
	h.work.Add(s.work)
	if err != nil {
		return nil, nil, err
	}
	i := s.imported(w)
	return i, h.c.reasons(w, i), nil
}

// refuse is the error of a file that is not what Terrateam uses.
func (c *Config) refuse() error {
	if c.rewritten == 0 {
		return nil
	}
	return problem.New(problem.NoEnvironment, "%s:%d: config_builder rewrites this file before Terrateam uses it: what it then says is not known", c.name, c.rewritten).
		WithHint("write a .whichrole.yaml beside .terrateam")
}

// workflow is the first that matches, nil for none.
func (s *space) workflow() (*workflow, error) {
	for _, w := range s.c.workflows {
		if yes, err := s.matches(w.query, w.line); yes || err != nil {
			return w, err
		}
	}
	return nil, nil
}

// imported is what a workflow gives in this dirspace; w may be nil. Nil where nothing is said of it.
func (s *space) imported(w *workflow) *rolemap.Imported {
	i := &rolemap.Imported{Name: Hooks}
	var chosen [2]chosen
	for op := range chosen {
		chosen[op] = s.c.choose(w, op)
	}
	first := chosen[plan].step
	if first == nil {
		first = chosen[apply].step
	}
	switch {
	case w != nil && (w.namesRole() || first == nil):
		i.Name, i.Line = w.name, w.line
	case first == nil:
		return nil
	default:
		i.Line = first.line
	}
	i.Plan, i.Apply = s.route(w, plan, chosen[plan], first == nil), s.route(w, apply, chosen[apply], first == nil)
	return i
}

// chosen is the step that decides, and where it stands.
type chosen struct {
	step  *step // nil for none
	hooks bool  // it is one of the hooks
}

// choose is the last oidc step for an operation; w may be nil.
func (c *Config) choose(w *workflow, op int) chosen {
	if w != nil && w.own[op].last != nil {
		return chosen{w.own[op].last, false}
	}
	return chosen{c.hooks[op].last, true}
}

// before are the steps before the one that decides whose effect is not known.
func (c *Config) before(by chosen, op int) []Opaque {
	if by.hooks {
		return by.step.opaque
	}
	return slices.Concat(c.hooks[op].opaque, by.step.opaque)
}

// hooksNameRole tells whether there is an environment called hooks.
func (c *Config) hooksNameRole() bool { return c.hooks[plan].last != nil || c.hooks[apply].last != nil }

// Named is the environment of that name: the workflow's that names a role, or that of the hooks.
func (h *Here) Named(name, dir, workspace string) (*rolemap.Imported, error) {
	if err := h.c.refuse(); err != nil {
		return nil, err
	}
	list := h.c.names[name]
	hooks := name == Hooks && h.c.hooksNameRole()
	switch {
	case hooks && len(list) > 0:
		return nil, problem.New(problem.NoEnvironment, "%s: both the workflow of line %d and the hooks are environment hooks", h.c.name, list[0].line)
	case len(list) > 1:
		return nil, h.c.twice(name, list)
	case len(list) == 0 && !hooks:
		return nil, nil
	}
	s, err := h.newSpace(dir, workspace)
	if err != nil {
		return nil, err
	}
	if !s.enter() { // --env says which environment; the workspace only gives variables then
		s.entry, s.static = nil, map[string]bool{}
	}
	if hooks {
		return s.imported(nil), nil
	}
	return s.imported(list[0]), nil
}

func (c *Config) twice(name string, list []*workflow) error {
	return problem.New(problem.NoEnvironment, "%s: %s is the name of %s", c.name, name, lines(list)).
		WithHint("leave --env out: the directory decides; or give the workflows different environments")
}

// lines names the workflows by their lines, the first of them.
func lines(list []*workflow) string {
	const most = 5
	var names []string
	for _, w := range list[:min(len(list), most)] {
		names = append(names, fmt.Sprintf("line %d", w.line))
	}
	last := len(names) - 1
	if len(list) > most {
		return fmt.Sprintf("%d workflows, the first in %s", len(list), names[0])
	}
	return "the workflows of " + strings.Join(names[:last], ", ") + " and " + names[last]
}

// Entries are the workflows that name a role, in the file's order, and then the hooks if they do. The roles are as written: those
// of a laptop.
func (h *Here) Entries() []rolemap.Entry {
	if h.c.rewritten != 0 {
		return nil
	}
	var list []rolemap.Entry
	for _, w := range h.c.workflows {
		if w.namesRole() {
			list = append(list, h.c.entry(w))
		}
	}
	if h.c.hooksNameRole() {
		list = append(list, h.c.entry(nil))
	}
	return slices.Clip(list)
}

func (c *Config) entry(w *workflow) rolemap.Entry {
	e := rolemap.Entry{Name: Hooks, Roles: map[rolemap.Operation]string{}}
	if w != nil {
		e.Name, e.Line, e.Query = w.name, w.line, w.raw
	}
	for op, name := range []rolemap.Operation{rolemap.Plan, rolemap.Apply} {
		s := c.choose(w, op).step
		if s == nil {
			continue
		}
		if e.Line == 0 {
			e.Line = s.line
		}
		e.Roles[name] = s.direct().raw
		if e.Region == "" {
			e.Region = s.region.raw
		}
	}
	return e
}
