package rolemap

import (
	"testing"

	"whichrole/internal/test/cases"
)

// roleMaps are the cases of the contract, which the commands are held to as well.
func roleMaps(t testing.TB) []cases.Story {
	return cases.Read(t, "../test/cases/testdata/rolemap.yaml")
}

func TestCases(t *testing.T) {
	for _, story := range roleMaps(t) {
		t.Run(story.Story, func(t *testing.T) {
			for _, q := range story.Expect {
				m, err := Parse(".whichrole.yaml", []byte(story.Map), nil)
				var g *Grant
				if err == nil {
					g, _, err = m.Resolve(Target{Dir: q.Dir, Workspace: q.Workspace, Operation: Operation(q.Operation), Environment: q.Env, Lookup: lookup})
				}
				holds(t, q, g, err)
			}
		})
	}
}

func holds(t *testing.T, q cases.Question, g *Grant, err error) {
	t.Helper()
	var got cases.Answer
	if g != nil {
		got = cases.Answer{Role: g.RoleARN(), Environment: g.Environment, Region: g.Region, SessionName: g.SessionName, Chain: g.Chain()}
	}
	cases.Holds(t, q, got, err)
}

// lookup is a laptop.
func lookup(variable string) (string, error) {
	return map[string]string{"user": "alice", "host": "box", "repo": "infra", "branch": "main"}[variable], nil
}
