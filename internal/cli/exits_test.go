package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"whichrole/internal/paths"
)

// checkout is a git checkout with that map and those directories, and a whichrole that knows nothing else of the machine.
// environ has NAME=VALUE of the variables that it adds.
func checkout(t *testing.T, text string, dirs ...string) (root string, call func(environ []string, args ...string) (stdout, stderr string, code int)) {
	t.Helper()
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	root, home := filepath.Join(top, "infra"), filepath.Join(top, "home")
	for _, dir := range append(dirs, ".git") {
		mkdir(t, filepath.Join(root, dir))
	}
	mkdir(t, home)
	if text != "" {
		if err := os.WriteFile(filepath.Join(root, ".whichrole.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	fixed := []string{"HOME=" + home, "USERPROFILE=" + home, "LocalAppData=" + home, "AppData=" + home}
	return root, func(environ []string, args ...string) (string, string, int) {
		var stdout, stderr bytes.Buffer
		code := Main(args, append(fixed, environ...), &stdout, &stderr)
		return stdout.String(), stderr.String(), code
	}
}

const oneOfEach = `version: 1
source: [{profile: corp}]
environments:
  qa: {dirs: [qa, "b*"], role_arn: "arn:aws:iam::222222222222:role/qa"}
  production: {dirs: [production, "*b"], role_arn: "arn:aws:iam::111111111111:role/production"}
  actor: {dirs: [actor], session_name: "{actor}", role_arn: "arn:aws:iam::111111111111:role/actor"}
no_role: [modules]
`

// A prompt has nothing to say where there is nothing: but a typing error in a variable, a tie or a map that is not obeyed
// must not look like a directory without a role.
func TestPromptIsSilentOnlyWhereNothingIsWrong(t *testing.T) {
	root, call := checkout(t, oneOfEach, "qa", "production", "actor", "docs", "bb", "modules")
	empty, inNothing := checkout(t, "")
	mistaken, inMistake := checkout(t, oneOfEach+"dris: [qa]\n", "qa")
	for _, tt := range []struct {
		what    string
		trusted bool
		dir     string
		environ []string
		args    []string
		code    int
		says    []string // none: silent
	}{
		{"the role", true, "qa", nil, nil, 0, nil},
		{"no match", true, "docs", nil, nil, 3, nil},
		{"shared code", true, "modules", nil, nil, 3, nil},
		{"a tie", true, "bb", nil, nil, 3, []string{"qa", "production"}},
		{"an unknown --env", true, "qa", nil, []string{"--env", "prod"}, 3, []string{"--env prod", "production"}},
		{"an unknown WHICHROLE_ENV", true, "docs", []string{"WHICHROLE_ENV=prod"}, nil, 3, []string{"WHICHROLE_ENV=prod"}},
		{"a forgotten WHICHROLE_ENV", true, "qa", []string{"WHICHROLE_ENV=production"}, nil, 3, []string{"qa", "WHICHROLE_ENV says production"}},
		{"the same in shared code", true, "modules", []string{"WHICHROLE_ENV=production"}, nil, 3, []string{"modules", "WHICHROLE_ENV says production"}},
		{"a variable without a value", true, "actor", nil, nil, 3, []string{"actor"}},
		{"an untrusted map", false, "qa", nil, nil, 5, []string{"is not trusted"}},
	} {
		if tt.trusted {
			call(nil, "trust", "--yes", "-C", root)
		} else {
			call(nil, "untrust", "-C", root)
		}
		args := append([]string{"show", "--format", "{env}", "-C", filepath.Join(root, tt.dir)}, tt.args...)
		stdout, stderr, code := call(tt.environ, args...)
		speaks(t, tt.what, stdout, stderr, code, tt.code, tt.says)
	}
	stdout, stderr, code := inNothing(nil, "--format", "{env}", "-C", empty)
	speaks(t, "no map", stdout, stderr, code, 3, nil)
	stdout, stderr, code = inMistake(nil, "--format", "{env}", "-C", filepath.Join(mistaken, "qa"))
	speaks(t, "an invalid map", stdout, stderr, code, 4, []string{".whichrole.yaml:", "dris"})
}

func speaks(t *testing.T, what, stdout, stderr string, code, want int, says []string) {
	t.Helper()
	if code != want || (stdout != "") != (code == 0) {
		t.Errorf("%s: exit %d, want %d; stdout %q, stderr %q", what, code, want, stdout, stderr)
	}
	if len(says) == 0 && stderr != "" || len(says) > 0 && !strings.HasPrefix(stderr, "whichrole: error: ") {
		t.Errorf("%s: stderr %q", what, stderr)
	}
	for _, s := range says {
		if !strings.Contains(stderr, s) {
			t.Errorf("%s: stderr %q does not say %q", what, stderr, s)
		}
	}
}

// CI asks explain whether each directory has its role: it must fail where there is none, in text and in JSON.
func TestExplainFailsWhereThereIsNoRole(t *testing.T) {
	root, call := checkout(t, oneOfEach, "qa", "docs", "bb", "modules")
	mistaken, inMistake := checkout(t, oneOfEach+"dris: [qa]\n", "qa")
	for _, trusted := range []bool{false, true} {
		if trusted {
			call(nil, "trust", "--yes", "-C", root)
		}
		for _, tt := range []struct {
			dir  string
			code int
			says string
		}{{"qa", 0, "role/qa"}, {"docs", 3, "docs"}, {"bb", 3, "qa"}, {"modules", 3, "no_role"}} {
			if !trusted {
				tt.code = 0 // it is not obeyed, and explain works all the same
			}
			for _, form := range []string{"--json=false", "--json"} {
				stdout, stderr, code := call(nil, "explain", form, "-C", filepath.Join(root, tt.dir))
				if code != tt.code || !strings.Contains(stdout, tt.says) || stderr != "" {
					t.Errorf("%s %s, trusted %t: exit %d, want %d; %s%s", tt.dir, form, trusted, code, tt.code, stdout, stderr)
				}
			}
		}
	}
	for _, form := range []string{"--json=false", "--json"} {
		stdout, stderr, code := inMistake(nil, "explain", form, "-C", filepath.Join(mistaken, "qa"))
		if code != 4 || !strings.Contains(stdout, "dris") || stderr != "" {
			t.Errorf("invalid map, %s: exit %d; %s%s", form, code, stdout, stderr)
		}
	}
	empty, inNothing := checkout(t, "")
	stdout, stderr, code := inNothing(nil, "explain", "-C", empty)
	if code != 3 || !strings.Contains(stdout, "no role here: no role map") || !strings.Contains(stdout, empty) || stderr != "" {
		t.Errorf("without a map: exit %d; %s%s", code, stdout, stderr)
	}
}

func TestTimeoutOfTheCall(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"": 15 * time.Second, "20": 20 * time.Second, "1.5s": 1500 * time.Millisecond, "1ms": time.Millisecond, "600": 10 * time.Minute, "10m": 10 * time.Minute,
		"0": 0, "0s": 0, "-5s": 0, "10m1s": 0, "601": 0, "9000000h": 0, "soon": 0, "15 s": 0, " ": 0,
	} {
		o := options{}
		err := o.fill(paths.Env{"WHICHROLE_TIMEOUT": value})
		if want == 0 {
			if err == nil || !strings.Contains(err.Error(), "WHICHROLE_TIMEOUT="+value+" ") {
				t.Errorf("%q is taken as %s: %v", value, o.timeout, err)
			}
		} else if err != nil || o.timeout != want {
			t.Errorf("%q: %s, %v, want %s", value, o.timeout, err, want)
		}
	}
}

// broken is a stream whose Write is a mistake in the program.
type broken struct{}

func (broken) Write(p []byte) (int, error) { var none []byte; return int(none[len(p)]), nil }

// A stack shows arguments, and there are secrets among them.
func TestMistakeInsideIsOneLineAndNeverAStack(t *testing.T) {
	for _, args := range [][]string{{"version"}, {"schema"}, {"--help"}} {
		var stderr bytes.Buffer
		code := Main(args, []string{"HOME=" + t.TempDir()}, broken{}, &stderr)
		text := stderr.String()
		if code != 1 || !strings.HasPrefix(text, "whichrole: error: a mistake inside whichrole: ") || strings.Count(text, "\n") > 2 {
			t.Errorf("%s: exit %d, %q", args, code, text)
		}
		for _, stack := range []string{"goroutine", ".go:", "0x", "panic("} {
			if strings.Contains(text, stack) {
				t.Errorf("%s: %q in %q", args, stack, text)
			}
		}
	}
}
