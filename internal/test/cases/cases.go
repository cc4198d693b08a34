// Package cases reads the role maps with the answers that they must give, which every layer is held to.
package cases

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"whichrole/internal/problem"

	"go.yaml.in/yaml/v4"
)

// Story is one map and the questions that are put to it.
type Story struct {
	Story     string     `yaml:"story"`
	Map       string     `yaml:"map"`       // a .whichrole.yaml
	Terrateam string     `yaml:"terrateam"` // a .terrateam/config.yml
	Expect    []Question `yaml:"expect"`
}

// Question is one line of a story: what is asked, and what must come out.
type Question struct {
	Dir         string   `yaml:"dir"` // from the map's root
	Workspace   string   `yaml:"workspace"`
	Operation   string   `yaml:"operation"`
	Env         string   `yaml:"env"`
	Want        string   `yaml:"want"` // the last role ARN
	Chain       []string `yaml:"chain"`
	Environment string   `yaml:"environment"`
	Region      string   `yaml:"region"`
	SessionName string   `yaml:"session_name"`
	Exit        int      `yaml:"exit"`
	Says        []string `yaml:"says"` // words that the error must contain

	// Of Terrateam alone.
	DestBranch string            `yaml:"dest_branch"` // the base branch; "" for the repository's default one, main
	Branch     string            `yaml:"branch"`      // the current one; "" for main
	CI         bool              `yaml:"ci"`          // an OIDC token is there
	Variables  map[string]string `yaml:"variables"`   // of the environment
	Files      []string          `yaml:"files"`       // that are to be in the repository
}

// Read reads a file of stories. A field that is not known here, a file without stories and a story without questions fail
// the test: nothing is skipped in silence.
func Read(t testing.TB, path string) []Story {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	var stories []Story
	if err := dec.Decode(&stories); err != nil {
		t.Fatal(err)
	}
	if len(stories) == 0 {
		t.Fatalf("%s holds no stories", path)
	}
	for _, s := range stories {
		if len(s.Expect) == 0 {
			t.Fatalf("%s: %s asks nothing", path, s.Story)
		}
	}
	return stories
}

// Answer is what was given to a question. Of a refusal it is zero.
type Answer struct {
	Role, Environment, Region, SessionName string
	Chain                                  []string
}

// Holds compares an answer, or the error in its place, with what the question wants.
func Holds(t testing.TB, q Question, got Answer, err error) {
	t.Helper()
	if int(problem.CodeOf(err)) != q.Exit {
		t.Fatalf("%s: exit %d, want %d: %v", q.Dir, problem.CodeOf(err), q.Exit, err)
	}
	if err != nil {
		for _, word := range q.Says {
			if said := err.Error() + " " + problem.HintOf(err); !strings.Contains(said, word) {
				t.Errorf("%s: %q does not say %s", q.Dir, said, word)
			}
		}
		return
	}
	for _, field := range []struct{ what, got, want string }{
		{"role", got.Role, q.Want}, {"environment", got.Environment, q.Environment},
		{"region", got.Region, q.Region}, {"session name", got.SessionName, q.SessionName},
	} {
		if field.want != "" && field.got != field.want {
			t.Errorf("%s: %s is %q, want %q", q.Dir, field.what, field.got, field.want)
		}
	}
	if len(q.Chain) > 0 && !slices.Equal(got.Chain, q.Chain) {
		t.Errorf("%s: chain %v, want %v", q.Dir, got.Chain, q.Chain)
	}
}
