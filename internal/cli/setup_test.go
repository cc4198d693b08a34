package cli

import (
	"io"
	"path/filepath"
	"strings"
	"testing"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// What --print proposes for a file that cannot be written is a command line that setup takes.
func TestHintToPrintIsOneThatSetupTakes(t *testing.T) {
	failed := problem.New(problem.Failure, "the file is another program's")
	for _, c := range []setupCmd{{Profile: "terraform"}, {Profile: "a", Source: "corp"}, {Profile: "a", PerEnv: true, Accounts: []string{"x", "y"}, Region: "eu-west-1", Source: "corp"}} {
		line := problem.HintOf(c.unwritten(&app{options: &options{Dir: "infra", Operation: "apply"}}, failed))
		run, _, err := parse(strings.Fields(line)[1:], io.Discard, io.Discard)
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		within := &app{env: paths.Env{"AWS_CONFIG_FILE": filepath.Join("run", "exec-x", "config")}, dirs: paths.Dirs{Runtime: "run"}} // is told only after the flags were found good
		if err := run(within); problem.CodeOf(err) != problem.Failure {
			t.Errorf("%s: %v", line, err)
		}
	}
}
