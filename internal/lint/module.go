package lint

import (
	"cmp"
	"slices"
	"strings"

	"whichrole/internal/modules"
	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
	"whichrole/internal/survey"
)

// module judges by what it gets in each workspace. Where there is no answer, nobody asked.
func (c *checker) module(m *modules.Module, answers []survey.Placed) {
	first := map[survey.Outcome]error{} // of each kind
	mapped := false
	var lacking error // why one operation has no role where others have
	for _, a := range answers {
		if a.Outcome == survey.Mapped {
			mapped, lacking = true, cmp.Or(lacking, a.Err)
			c.locks[a.Environment] = c.locks[a.Environment] || locksByAWS(m)
		}
		for _, name := range a.Accounts {
			c.accounts[name] = true
		}
		first[a.Outcome] = cmp.Or(first[a.Outcome], a.Err)
	}
	if err := first[survey.Tied]; err != nil {
		c.find(rolemap.Ties, m, err)
	}
	if err := first[survey.Failed]; err != nil { // its environment is known, but not what it grants, whatever other workspaces get
		c.find(NoEnvironment, m, err)
	}
	switch {
	case mapped:
		if lacking != nil {
			c.find(NoEnvironment, m, lacking)
		}
		c.own(m)
	case len(answers) == 0:
		c.notAsked(m)
	case first[survey.Tied] != nil, first[survey.Failed] != nil:
	case first[survey.Shared] != nil:
		if !example(m) {
			c.find(HiddenModule, m, first[survey.Shared])
		}
	default:
		c.find(NoEnvironment, m, first[survey.Unmapped])
	}
}

// example tells whether it is one of those that shared code brings along for its readers and its tests: a provider without a
// backend. Nobody starts it from there.
func example(m *modules.Module) bool {
	_, below, _ := strings.Cut(m.Dir, "/")
	return m.Kind == "terraform" && m.Backend == "" && slices.ContainsFunc(strings.Split(below, "/"), func(name string) bool {
		return slices.Contains([]string{"example", "examples", "test", "tests", "fixture", "fixtures"}, name)
	})
}

// notAsked tells of a module that was not looked at in all its workspaces.
func (c *checker) notAsked(m *modules.Module) {
	c.findings = append(c.findings, rolemap.Finding{
		Code: rolemap.Unread, File: m.File, Line: m.Line, Column: m.Column,
		Text: "this root module was not looked at in all its workspaces: the patterns of the map take too long to match",
		Hint: "use fewer patterns with * and **, or fewer workspaces",
	})
}

// find says it in the error's own words. A hint that helps only whoever stands in the directory is left out.
func (c *checker) find(code string, m *modules.Module, err error) {
	f := rolemap.Finding{Code: code, File: m.File, Line: m.Line, Column: m.Column}
	f.Text = err.Error() + "; it is a root module by its " + m.Why
	f.Hint = problem.HintOf(err)
	switch {
	case code == HiddenModule:
		f.Hint = "take it out of no_role, or this block out of shared code"
	case code == NoEnvironment && (strings.HasPrefix(f.Hint, "whichrole ") || strings.HasPrefix(f.Hint, "cd ")):
		f.Hint = "add it to the dirs of an environment, or to no_role"
	}
	if text, found := strings.CutSuffix(err.Error(), " is not a region"); found { // global, among directories of regions
		f.Hint += ", or give " + text[strings.LastIndex(text, " ")+1:] + " an environment of its own"
	}
	c.findings = append(c.findings, f)
}
