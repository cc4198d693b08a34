package rolemap

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"whichrole/internal/problem"
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
			t.Errorf("%s: %s is %s, want %s", q.Dir, what, got, want)
		}
	}
	same("role", g.RoleARN(), q.Want)
	same("environment", g.Environment, q.Environment)
	same("region", g.Region, q.Region)
	same("session name", g.SessionName, q.SessionName)
	if len(q.Chain) > 0 && !slices.Equal(g.Chain(), q.Chain) {
		t.Errorf("%s: chain %v, want %v", q.Dir, g.Chain(), q.Chain)
	}
}

// lookup is a laptop.
func lookup(variable string) (string, error) {
	return map[string]string{"user": "alice", "host": "box", "repo": "infra", "branch": "main"}[variable], nil
}
