package lint

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"whichrole/internal/modules"
	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
)

// module asks for the module in every workspace that the map knows of, and in an example of each pattern of them. One that does not use AWS needs no role.
func (c *checker) module(m *modules.Module) (a answer) {
	if !m.AWS && m.Kind != "terragrunt" {
		return a
	}
	t := &trial{checker: c, m: m, answer: &a}
	if !t.all() {
		t.unread()
		return a
	}
	if t.failed != nil { // its environment is known, but not what it grants, whatever other workspaces get
		t.find(NoEnvironment, t.failed)
	}
	switch {
	case len(a.environments) > 0:
		a.findings = append(a.findings, c.own(m)...)
	case t.tied, t.failed != nil:
	case t.hidden != nil:
		if !example(m) {
			t.find(HiddenModule, t.hidden)
		}
	default:
		t.find(NoEnvironment, t.nothing)
	}
	return a
}

// example tells whether it is one of those that shared code brings along for its readers and its tests: a provider without a
// backend. Nobody starts it from there.
func example(m *modules.Module) bool {
	_, below, _ := strings.Cut(m.Dir, "/")
	return m.Kind == "terraform" && m.Backend == "" && slices.ContainsFunc(strings.Split(below, "/"), func(name string) bool {
		return slices.Contains([]string{"example", "examples", "test", "tests", "fixture", "fixtures"}, name)
	})
}

// trial is one module in one workspace after the other.
type trial struct {
	*checker
	m *modules.Module
	*answer
	tied                    bool
	failed, hidden, nothing error // the first of each kind
}

// all asks in one workspace after the other, unless the map has no patience left.
func (t *trial) all() bool {
	m := t.checker.m
	if m.Spent() {
		return false
	}
	for _, w := range slices.Concat(m.Workspaces(t.m.Dir), m.ExampleWorkspaces(t.m.Dir)) {
		if m.Spent() {
			return false
		}
		t.in(w)
	}
	return true
}

// unread tells of a module that was not looked at in all its workspaces.
func (t *trial) unread() {
	t.findings = append(t.findings, rolemap.Finding{
		Code: rolemap.Unread, File: t.m.File, Line: t.m.Line, Column: t.m.Column,
		Text: "this root module was not looked at in all its workspaces: the patterns of the map take too long to match",
		Hint: "use fewer patterns with * and **, or fewer workspaces",
	})
}

func (t *trial) in(workspace string) {
	g, err := t.grant(workspace, rolemap.Plan)
	if err != nil {
		t.why(workspace, err)
		return
	}
	for _, op := range t.operations[g.Environment] {
		if _, err := t.grant(workspace, op); err != nil {
			t.failed = cmp.Or(t.failed, err)
			return
		}
	}
	if !slices.Contains(t.environments, g.Environment) {
		t.environments = append(t.environments, g.Environment)
	}
	if g.AccountName != "" && !slices.Contains(t.accounts, g.AccountName) {
		t.accounts = append(t.accounts, g.AccountName)
	}
}

func (t *trial) grant(workspace string, op rolemap.Operation) (*rolemap.Grant, error) {
	target := t.target(t.m.Dir)
	target.Workspace, target.Operation = workspace, op
	return t.checker.m.Grant(target)
}

// why tells apart the ways to get nothing. A tie in one workspace is one, whatever the others give.
func (t *trial) why(workspace string, err error) {
	s := t.checker.m.Standing(t.m.Dir, workspace)
	switch {
	case s.Tied && !t.tied:
		t.tied = true
		t.find(rolemap.Ties, err)
	case s.Tied:
	case s.NoRole:
		t.hidden = cmp.Or(t.hidden, err)
	case len(s.Environments) > 0 && !errors.Is(err, problem.ErrNowhere): // that is a workflow of Terrateam's without a role
		t.failed = cmp.Or(t.failed, err)
	default:
		t.nothing = cmp.Or(t.nothing, err)
	}
}

// find says it in the error's own words. A hint that helps only whoever stands in the directory is left out.
func (t *trial) find(code string, err error) {
	f := rolemap.Finding{Code: code, File: t.m.File, Line: t.m.Line, Column: t.m.Column}
	f.Text = err.Error() + "; it is a root module by its " + t.m.Why
	f.Hint = problem.HintOf(err)
	switch {
	case code == HiddenModule:
		f.Hint = "take it out of no_role, or this block out of shared code"
	case code == NoEnvironment && strings.HasPrefix(f.Hint, "run: "):
		f.Hint = "add it to the dirs of an environment, or to no_role"
	}
	if text, found := strings.CutSuffix(err.Error(), " is not a region"); found { // global, among directories of regions
		f.Hint += ", or give " + text[strings.LastIndex(text, " ")+1:] + " an environment of its own"
	}
	t.findings = append(t.findings, f)
}
