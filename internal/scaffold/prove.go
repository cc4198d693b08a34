package scaffold

import (
	"cmp"
	"fmt"
	"slices"

	"whichrole/internal/modules"
	"whichrole/internal/pattern"
	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
)

// proveWork bounds the matching of all directories together: some seconds of one processor.
const proveWork = 50 * pattern.Enough

// prove reads the file that was written and asks it for every directory: it must give the roles that were found, and none where
// none was. What it gets wrong is a mistake of this room, and better no map than a wrong one. In a repository that is too large
// for that not all are asked for, which remark tells.
func (c *compiled) prove(text string, all []modules.Module) (remark string, err error) {
	if err := c.tooLarge(text); err != nil {
		return "", err
	}
	return c.proveIn(proveWork, text, all)
}

// maxText is the most that is read of a role map, in bytes.
const maxText = 1 << 20

// tooLarge refuses a file that whichrole would refuse.
func (c *compiled) tooLarge(text string) error {
	patterns := len(c.noRole)
	for _, e := range c.environments {
		patterns += len(e.dirs) + len(e.workspaces)
	}
	if len(text) <= maxText && len(c.noRole) <= rolemap.MaxNoRole && patterns <= rolemap.MaxPatterns {
		return nil
	}
	return problem.New(problem.Failure, "the role map would have %d KiB, %d environments, %d patterns and %d directories without a role: at most %d KiB, %d patterns and %d of the last are read; nothing was written",
		(len(text)+1023)>>10, len(c.environments), patterns, len(c.noRole), maxText>>10, rolemap.MaxPatterns, rolemap.MaxNoRole).
		WithHint("ask one system by --from, or give sub-directories a .whichrole.yaml of their own: what lies below is then left out here")
}

func (c *compiled) proveIn(steps int, text string, all []modules.Module) (remark string, err error) {
	if len(c.environments) == 0 { // nothing that a role map could be read from is in it yet
		return "", nil
	}
	m, err := rolemap.Parse(".whichrole.yaml", []byte(text), nil)
	if err != nil {
		return "", mistake("the role map that it wrote cannot be read: %v", err)
	}
	p := &prover{m: m.Bounded(steps), answers: map[string]*answer{}, here: map[string][]string{}}
	for _, e := range c.environments {
		p.answers[e.name] = e.answer
	}
	for _, s := range c.spots {
		p.here[s.Dir] = append(p.here[s.Dir], s.Workspace)
	}
	for _, ask := range []func() error{
		func() error { return each(p, c.environments, p.environment) },
		func() error { return each(p, c.spots, p.spot) },
		func() error { return each(p, all, func(x modules.Module) error { return p.other(x.Dir) }) },
		func() error { return each(p, c.closed, p.other) },
	} {
		if err := ask(); err != nil {
			return "", err
		}
	}
	if p.m.Spent() {
		return "there are too many directories and patterns to check the file with all of them: see whichrole list --dirs", nil
	}
	return "", nil
}

// each asks for one after the other, as long as the map has patience.
func each[T any](p *prover, list []T, ask func(T) error) error {
	for _, x := range list {
		if p.m.Spent() {
			return nil
		}
		if err := ask(x); err != nil {
			return err
		}
	}
	return nil
}

func mistake(format string, args ...any) error {
	return problem.New(problem.Failure, "a mistake inside whichrole: %s; nothing was written", fmt.Sprintf(format, args...)).
		WithHint("please report it with the output of: whichrole version")
}

type prover struct {
	m       *rolemap.Map
	answers map[string]*answer  // of each environment, by name
	here    map[string][]string // directory → the workspaces that have an answer there
}

// environment asks for each role, and how it is reached.
func (p *prover) environment(e *environment) error {
	a := e.answer
	plan := cmp.Or(a.plan, a.apply)
	for _, q := range []struct {
		operation, subcommand rolemap.Operation
		arn                   string
	}{
		{rolemap.Apply, "", a.apply}, {rolemap.Plan, "", plan},
		{rolemap.State, rolemap.Plan, cmp.Or(a.state, plan)}, {rolemap.State, rolemap.Apply, cmp.Or(a.state, a.apply)},
	} {
		g, err := p.m.Grant(rolemap.Target{Environment: e.name, Operation: q.operation, Doing: rolemap.Doing{Subcommand: q.subcommand}, Lookup: anyone})
		if err != nil {
			return mistake("%v", err)
		}
		last := g.Hops[len(g.Hops)-1]
		same := slices.Equal(g.Chain(), append(slices.Clip(a.via), q.arn)) && g.Region == a.region && last.ExternalID == a.external && last.Duration == a.duration
		if !same || a.session != "" && g.SessionName != rolemap.FitSessionName(a.session) {
			return mistake("environment %s would get %v for %s, and not what was found", e.name, g.Chain(), q.operation)
		}
	}
	return nil
}

// anyone stands for what differs from person to person: no role depends on it.
func anyone(variable string) (string, error) { return variable, nil }

// otherWorkspace is one that no repository has.
const otherWorkspace = "whichrole-any-other"

// workspaces are those to ask for a place: with any, the usual one and one more.
func (p *prover) workspaces(s spot) []string {
	if s.Workspace != "" {
		return []string{s.Workspace}
	}
	return slices.DeleteFunc([]string{"default", otherWorkspace}, func(w string) bool { return slices.Contains(p.here[s.Dir], w) })
}

func (p *prover) spot(s spot) error {
	for _, w := range p.workspaces(s) {
		g, err := p.in(s.Dir, w)
		switch {
		case err != nil:
			return mistake("%v", err)
		case p.answers[g.Environment] != s.answer:
			return mistake("%s in workspace %s would be environment %s, which is another role's", s.Dir, w, g.Environment)
		}
	}
	return nil
}

// other asks for what must get nothing: a directory without an answer, or those workspaces that have none.
func (p *prover) other(dir string) error {
	for _, w := range []string{"default", otherWorkspace} {
		if slices.Contains(p.here[dir], "") || slices.Contains(p.here[dir], w) {
			continue
		}
		if g, err := p.in(dir, w); err == nil {
			return mistake("%s in workspace %s would be environment %s, though no role was found for it", dir, w, g.Environment)
		}
	}
	return nil
}

func (p *prover) in(dir, workspace string) (*rolemap.Grant, error) {
	return p.m.Grant(rolemap.Target{Dir: dir, Workspace: workspace, Operation: rolemap.Plan, Lookup: anyone})
}
