package terrateam

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
	"whichrole/internal/test/cases"
)

const fileName = ".terrateam/config.yml"

// The cases of the contract, and those after Terrateam's own documentation.
func TestCases(t *testing.T) {
	for _, file := range []string{"terrateam.yaml", "terrateam-docs.yaml"} {
		for _, story := range cases.Read(t, "../test/cases/testdata/"+file) {
			t.Run(story.Story, func(t *testing.T) {
				for _, q := range story.Expect {
					g, err := resolve(story.Terrateam, q)
					holds(t, q, g, err)
				}
			})
		}
	}
}

// resolve asks as the command line does.
func resolve(config string, q cases.Question) (*rolemap.Grant, error) {
	c, err := Parse(fileName, []byte(config))
	if err != nil {
		return nil, err
	}
	m := rolemap.Foreign(fileName, c.In(worldOf(q)))
	g, _, err := m.Resolve(rolemap.Target{
		Dir: q.Dir, Workspace: q.Workspace, Operation: rolemap.Operation(q.Operation), Environment: q.Env,
		Lookup: func(variable string) (string, error) { return map[string]string{"user": "alice"}[variable], nil },
	})
	return g, err
}

func worldOf(q cases.Question) World {
	is := func(name string) func() (string, error) {
		if name == "" {
			name = "main"
		}
		return func() (string, error) { return name, nil }
	}
	return World{
		Branch: is(q.Branch), DestBranch: is(q.DestBranch),
		Variable: func(name string) (string, error) { return q.Variables[name], nil },
		Token:    func() (bool, error) { return q.CI, nil },
		Files: func(dir string) (names []string, err error) {
			for _, f := range q.Files {
				if parent, name, ok := strings.Cut(f, dir+"/"); ok && parent == "" && !strings.Contains(name, "/") {
					names = append(names, name)
				}
			}
			return names, nil
		},
	}
}

func holds(t *testing.T, q cases.Question, g *rolemap.Grant, err error) {
	t.Helper()
	if int(problem.CodeOf(err)) != q.Exit {
		t.Fatalf("%s: exit %d, want %d: %v", q.Dir, problem.CodeOf(err), q.Exit, err)
	}
	if err != nil {
		p, _ := errors.AsType[*problem.Error](err)
		for _, word := range q.Says {
			if !strings.Contains(p.Message+" "+p.Hint, word) {
				t.Errorf("%s: %q / %q does not say %s", q.Dir, p.Message, p.Hint, word)
			}
		}
		return
	}
	same := func(what, got, want string) {
		if want != "" && got != want {
			t.Errorf("%s: %s is %q, want %q", q.Dir, what, got, want)
		}
	}
	same("role", g.RoleARN(), q.Want)
	same("environment", g.Environment, q.Environment)
	region := g.Region
	if region == "" {
		region = g.DefaultRegion
	}
	same("region", region, q.Region)
	same("session name", g.SessionName, q.SessionName)
	if len(q.Chain) > 0 && !slices.Equal(g.Chain(), q.Chain) {
		t.Errorf("%s: chain %v, want %v", q.Dir, g.Chain(), q.Chain)
	}
}
