package terrateam

import (
	"cmp"
	"strings"
	"testing"

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
	var got cases.Answer
	if g != nil {
		got = cases.Answer{Role: g.RoleARN(), Environment: g.Environment, Region: cmp.Or(g.Region, g.DefaultRegion), SessionName: g.SessionName, Chain: g.Chain()}
	}
	cases.Holds(t, q, got, err)
}
