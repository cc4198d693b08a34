package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"whichrole/internal/test/cases"
)

// TestCasesThroughTheCommand puts every question of the contract's cases to whichrole show --json.
func TestCasesThroughTheCommand(t *testing.T) {
	for _, story := range cases.Read(t, "../test/cases/testdata/rolemap.yaml") {
		t.Run(story.Story, func(t *testing.T) {
			root, home := filepath.Join(t.TempDir(), "repo"), t.TempDir()
			environ := []string{"HOME=" + home, "USERPROFILE=" + home, "LocalAppData=" + home, "AppData=" + home}
			mkdir(t, filepath.Join(root, ".git"))
			if err := os.WriteFile(filepath.Join(root, ".whichrole.yaml"), []byte(story.Map), 0o600); err != nil {
				t.Fatal(err)
			}
			call := func(args ...string) (string, string, int) {
				var stdout, stderr bytes.Buffer
				code := Main(args, environ, &stdout, &stderr)
				return stdout.String(), stderr.String(), code
			}
			call("trust", "--yes", "-C", root) // a map with mistakes can't be trusted, and says so again below
			for _, q := range story.Expect {
				mkdir(t, filepath.Join(root, q.Dir))
				stdout, stderr, code := call("show", "--json", "-C", filepath.Join(root, q.Dir),
					"--workspace", q.Workspace, "--operation", q.Operation, "--env", q.Env)
				if code != q.Exit {
					t.Errorf("%s: exit %d, want %d: %s", q.Dir, code, q.Exit, stderr)
					continue
				}
				if code != 0 {
					refused(t, q, stdout, stderr)
					continue
				}
				answered(t, q, stdout, stderr)
			}
		})
	}
}

func refused(t *testing.T, q cases.Question, stdout, stderr string) {
	t.Helper()
	if stdout != "" || !strings.HasPrefix(stderr, "whichrole: error: ") {
		t.Errorf("%s: stdout %q, stderr %q", q.Dir, stdout, stderr)
	}
	for _, word := range q.Says {
		if !strings.Contains(stderr, word) {
			t.Errorf("%s: %q does not say %s", q.Dir, stderr, word)
		}
	}
}

func answered(t *testing.T, q cases.Question, stdout, stderr string) {
	t.Helper()
	var got shown
	if err := json.Unmarshal([]byte(stdout), &got); err != nil || stderr != "" {
		t.Fatalf("%s: %v, stderr %q", q.Dir, err, stderr)
	}
	for _, field := range []struct{ name, got, want string }{
		{"role", got.RoleARN, q.Want}, {"environment", got.Environment, q.Environment},
		{"region", got.Region, q.Region}, {"session name", got.SessionName, q.SessionName},
	} {
		if field.want != "" && field.got != field.want {
			t.Errorf("%s: %s is %s, want %s", q.Dir, field.name, field.got, field.want)
		}
	}
	if len(q.Chain) > 0 && !slices.Equal(got.Chain, q.Chain) {
		t.Errorf("%s: chain %v, want %v", q.Dir, got.Chain, q.Chain)
	}
}

func mkdir(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
}
