package cli

import (
	"bytes"
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"whichrole/internal/test/cases"
)

// TestCasesThroughTheCommand puts every question of the contract's cases, and of Terrateam's documentation, to whichrole
// show --json.
func TestCasesThroughTheCommand(t *testing.T) {
	for _, file := range []string{"rolemap", "terrateam", "terrateam-docs"} {
		for _, story := range cases.Read(t, "../test/cases/testdata/"+file+".yaml") {
			t.Run(file+"/"+story.Story, func(t *testing.T) { tell(t, story) })
		}
	}
}

func tell(t *testing.T, story cases.Story) {
	root, home := filepath.Join(t.TempDir(), "repo"), t.TempDir()
	for name, text := range map[string]string{
		".git/refs/remotes/origin/HEAD": "ref: refs/remotes/origin/main\n",
		".whichrole.yaml":               story.Map, ".terrateam/config.yml": story.Terrateam,
	} {
		if text != "" {
			put(t, filepath.Join(root, name), text)
		}
	}
	call := func(q cases.Question, args ...string) (string, string, int) {
		var stdout, stderr bytes.Buffer
		code := Main(args, environOf(home, q), &stdout, &stderr)
		return stdout.String(), stderr.String(), code
	}
	call(cases.Question{}, "trust", "--yes", "-C", root) // a map with mistakes can't be trusted, and says so again below
	for _, q := range story.Expect {
		dir := filepath.Join(root, q.Dir)
		mkdir(t, dir)
		for _, file := range q.Files {
			put(t, filepath.Join(root, file), "")
		}
		put(t, filepath.Join(root, ".git/HEAD"), "ref: refs/heads/"+cmp.Or(q.Branch, "main")+"\n")
		stdout, stderr, code := call(q, "show", "--json", "-C", dir,
			"--workspace", q.Workspace, "--operation", q.Operation, "--env", q.Env, "--dest-branch", q.DestBranch)
		switch {
		case code != q.Exit:
			t.Errorf("%+v: exit %d: %s", q, code, stderr)
		case code != 0:
			refused(t, q, stdout, stderr)
		default:
			answered(t, q, stdout, stderr)
		}
	}
}

// environOf is a laptop's environment, or that of GitHub's runners.
func environOf(home string, q cases.Question) []string {
	environ := []string{"HOME=" + home, "USERPROFILE=" + home, "LocalAppData=" + home, "AppData=" + home}
	if q.CI {
		environ = append(environ, "ACTIONS_ID_TOKEN_REQUEST_URL=https://token.example/?v=1", "ACTIONS_ID_TOKEN_REQUEST_TOKEN=t")
	}
	for name, value := range q.Variables {
		environ = append(environ, name+"="+value)
	}
	return environ
}

func put(t *testing.T, file, text string) {
	t.Helper()
	mkdir(t, filepath.Dir(file))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
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
	cases.Holds(t, q, cases.Answer{Role: got.RoleARN, Environment: got.Environment, Region: got.Region, SessionName: got.SessionName, Chain: got.Chain}, nil)
}

func mkdir(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
}
