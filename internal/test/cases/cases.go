// Package cases reads the role maps with the answers that they must give, which every layer is held to.
package cases

import (
	"bytes"
	"os"
	"testing"

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
