package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"whichrole/internal/flight"
	"whichrole/internal/paths"
	"whichrole/internal/test/fakests"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes the test binary a whichrole of its own: the stories run the real main.
func TestMain(m *testing.M) {
	programs := map[string]func(){
		"whichrole": func() { os.Exit(Main(os.Args[1:], os.Environ(), os.Stdout, os.Stderr)) },
		"browse":    browse,
	}
	for _, name := range callers {
		programs[name] = callOn
	}
	testscript.Main(m, programs)
}

// TestStories runs each testdata/script/*.txtar: one story a file, named after what it shows or after an accident.
func TestStories(t *testing.T) {
	stories, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(stories) < 10 {
		t.Fatalf("found %d stories: %v", len(stories), err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", RequireExplicitExec: true, RequireUniqueNames: true, Setup: world,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"stscalls": stsCalls, "stsfault": stsFault, "jsonhas": jsonHas, "large": large, "socket": socket, "fifo": fifo,
			"noleak": noLeak, "exits": exits, "ci": ci, "claim": claim, "ssocalls": ssoCalls, "sso": ssoDo, "machine": machine, "head": head,
		},
	})
}

// exits CODE COMMAND…: the command ends with that exit code, and where it is not 0, stdout is empty.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	code := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		code = exit.ExitCode()
	}
	if code != want {
		ts.Fatalf("exit code %d, want %d", code, want)
	}
	if code != 0 && ts.ReadFile("stdout") != "" {
		ts.Fatalf("it failed with something on stdout")
	}
}

// stscalls N [ACTION]: so many calls arrived in all.
func stsCalls(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: stscalls N [ACTION]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	action := ""
	if len(args) == 2 {
		action = args[1]
	}
	if got := worldOf(ts).sts.Count(action); got != want {
		ts.Fatalf("STS had %d calls, want %d: %+v", got, want, worldOf(ts).sts.Calls())
	}
}

// stsfault KIND [DURATION] | stsfault none: what STS does from now on, which is long after what it did before: a failure is
// not asked for again within 5 s.
func stsFault(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: stsfault KIND [DURATION] | none")
	}
	dirs := paths.Find(paths.Env{
		"HOME": ts.Getenv("HOME"), "XDG_RUNTIME_DIR": ts.Getenv("XDG_RUNTIME_DIR"), "LocalAppData": ts.Getenv("LocalAppData"),
	}, runtime.GOOS)
	ts.Check((&flight.Group{Dirs: dirs}).Lift())
	if args[0] == "none" {
		worldOf(ts).sts.SetFaults()
		return
	}
	fault := fakests.Fault{Kind: args[0]}
	if len(args) == 2 {
		d, err := time.ParseDuration(args[1])
		ts.Check(err)
		fault.By = fakests.Duration(d)
	}
	worldOf(ts).sts.SetFaults(fault)
}

// head FILE N REGEXP: one of the first N lines of FILE (or stdout) matches.
func head(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: head FILE N REGEXP")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	wanted, err := regexp.Compile(args[2])
	ts.Check(err)
	lines := strings.Split(ts.ReadFile(args[0]), "\n")
	if !slices.ContainsFunc(lines[:min(n, len(lines))], wanted.MatchString) {
		ts.Fatalf("none of the first %d lines matches %s:\n%s", n, args[2], strings.Join(lines, "\n"))
	}
}

// jsonhas FILE KEY [VALUE]: the object in FILE (or stdout) has that key, with that value as text.
func jsonHas(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: jsonhas FILE KEY [VALUE]")
	}
	var object map[string]any
	if err := json.Unmarshal([]byte(ts.ReadFile(args[0])), &object); err != nil {
		ts.Fatalf("no JSON object: %v", err)
	}
	value, found := object[args[1]]
	text := fmt.Sprint(value)
	if list, ok := value.([]any); ok {
		var parts []string
		for _, item := range list {
			parts = append(parts, fmt.Sprint(item))
		}
		text = strings.Join(parts, " ")
	}
	same := found && (len(args) == 2 || text == args[2])
	if same == neg {
		ts.Fatalf("%s is %q (there: %v)", args[1], text, found)
	}
}

// large FILE BYTES: a file of that size, of valid YAML comments.
func large(ts *testscript.TestScript, neg bool, args []string) {
	size, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Repeat("# xxxxx\n", size/8)), 0o600))
}

// socket FILE: a Unix socket in a file's place.
func socket(ts *testscript.TestScript, neg bool, args []string) {
	l, err := net.Listen("unix", ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Defer(func() { l.Close() })
}

// noleak: neither stdout nor stderr of the last command holds a secret.
func noLeak(ts *testscript.TestScript, neg bool, args []string) {
	secrets := append(worldOf(ts).issuer.Secrets(), "never+shown")
	for _, stream := range []string{"stdout", "stderr"} {
		for _, secret := range secrets {
			if strings.Contains(ts.ReadFile(stream), secret) {
				ts.Fatalf("a secret is on %s", stream)
			}
		}
	}
}
