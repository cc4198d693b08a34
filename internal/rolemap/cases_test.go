package rolemap

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"whichrole/internal/problem"

	"go.yaml.in/yaml/v4"
)

// A caseStory is one map and the questions that are put to it; the fields are those of the cases' README.
type caseStory struct {
	Story  string         `yaml:"story"`
	Map    string         `yaml:"map"`
	Expect []caseQuestion `yaml:"expect"`
}

type caseQuestion struct {
	Dir         string   `yaml:"dir"`
	Workspace   string   `yaml:"workspace"`
	Operation   string   `yaml:"operation"`
	Env         string   `yaml:"env"`
	Want        string   `yaml:"want"`
	Chain       []string `yaml:"chain"`
	Environment string   `yaml:"environment"`
	Region      string   `yaml:"region"`
	SessionName string   `yaml:"session_name"`
	Exit        int      `yaml:"exit"`
	Says        []string `yaml:"says"`
}

const casesFile = "testdata/cases/rolemap.yaml"

func readCases(t testing.TB) []caseStory {
	t.Helper()
	data, err := os.ReadFile(casesFile)
	if err != nil {
		t.Fatal(err)
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true) // a field that the test does not know would be skipped in silence
	var stories []caseStory
	if err := dec.Decode(&stories); err != nil {
		t.Fatal(err)
	}
	if len(stories) == 0 {
		t.Fatal("no stories: the test would test nothing")
	}
	return stories
}

func TestCases(t *testing.T) {
	for _, story := range readCases(t) {
		t.Run(story.Story, func(t *testing.T) {
			if len(story.Expect) == 0 {
				t.Fatal("no questions")
			}
			for _, q := range story.Expect {
				m, err := Parse(".whichrole.yaml", []byte(story.Map), nil)
				var g *Grant
				if err == nil {
					g, _, err = m.Resolve(Target{Dir: q.Dir, Workspace: q.Workspace, Operation: Operation(q.Operation), Environment: q.Env, Lookup: lookup})
				}
				q.judge(t, g, err)
			}
		})
	}
}

func (q caseQuestion) judge(t *testing.T, g *Grant, err error) {
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

// The cases are kept in two places, since a clone of this repository has no folder beside it.
func TestCasesAreThoseOfTheContract(t *testing.T) {
	shared := filepath.Join("..", "..", "..", "shared", "cases")
	if _, err := os.Stat(shared); errors.Is(err, os.ErrNotExist) {
		return // a clone: there is nothing to compare with
	}
	want, err := os.ReadFile(filepath.Join(shared, "rolemap.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(casesFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs from %s: copy it again", casesFile, shared)
	}
}

// lookup is a laptop.
func lookup(variable string) (string, error) {
	return map[string]string{"user": "alice", "host": "box", "repo": "infra", "branch": "main"}[variable], nil
}
