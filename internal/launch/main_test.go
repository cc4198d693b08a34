package launch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"whichrole/internal/awsconfig"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// The test binary is a keeper, an exec and a command, too.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == KeeperCommand {
		end(0, Watch(len(os.Args) > 2 && os.Args[2] == Apart, serveTest))
	}
	switch what := os.Getenv("LAUNCH_TEST"); what {
	case "":
		os.Exit(m.Run())
	case "exec":
		end(execTest())
	default:
		os.Exit(command(what))
	}
}

func end(code int, err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		code = int(problem.CodeOf(err))
	}
	os.Exit(code)
}

// execTest is whichrole exec, with pins of its own. LAUNCH_TEST_ORDER has something served, LAUNCH_TEST_UNKEPT
// keeps the keeper from being started, and LAUNCH_TEST_ADOPTS makes us the parent of all that lose theirs.
func execTest() (int, error) {
	env := paths.EnvOf(os.Environ())
	dirs := paths.Dirs{Home: env["HOME"], State: env["LAUNCH_TEST_STATE"]}
	files, err := awsconfig.Load(env, dirs.Home)
	if err != nil {
		return 0, err
	}
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	Sweep(dirs, time.Now())
	s, err := Prepare(dirs, files, self, Pins{Map: "/map", Environment: "qa"}, "eu-west-1")
	if err != nil {
		return 0, err
	}
	given := []paths.Env{s.Variables(), Region("eu-west-1"), {"LAUNCH_TEST": env["LAUNCH_TEST_THEN"]}}
	k := Keeping{Session: s, Env: env, Serve: serveTest}
	if order := env["LAUNCH_TEST_ORDER"]; order != "" {
		k.Order = []byte(order)
	}
	if env["LAUNCH_TEST_UNKEPT"] != "" {
		k.Env["PATH"] = "\x00" // no process takes that
		k.Order = []byte("x")
	}
	if env["LAUNCH_TEST_ADOPTS"] != "" {
		adoptAll()
	}
	answer, err := Keep(k)
	if env["LAUNCH_TEST_ADOPTS"] != "" {
		err = nil
	}
	if err != nil && env["LAUNCH_TEST_UNKEPT"] == "" {
		return 0, err
	}
	if answer != nil {
		given = append(given, paths.Env{"ANSWER": string(answer)})
	}
	env["PATH"] = os.Getenv("PATH")
	code, err := Run(Command{Args: os.Args[1:], Dir: env["LAUNCH_TEST_DIR"], Env: Environ(env, runtime.GOOS == "windows", func(string) bool { return false }, given...)})
	s.Close()
	return code, err
}

// serveTest says which process serves.
func serveTest(_ context.Context, order []byte) ([]byte, error) {
	if string(order) != "everything" {
		return nil, problem.New(problem.Refused, "nothing serves %s", order).WithHint("ask for another")
	}
	runtime.GC() // finds what nobody holds
	runtime.GC()
	return []byte(strconv.Itoa(os.Getpid())), nil
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func codeOf(t *testing.T, err error, want problem.Code, words ...string) *problem.Error {
	t.Helper()
	p, ok := errors.AsType[*problem.Error](err)
	if !ok || p.Code != want {
		t.Fatalf("%v, want code %d", err, want)
	}
	for _, w := range words {
		if !strings.Contains(p.Message, w) {
			t.Errorf("%s: no word of %s", p.Message, w)
		}
	}
	return p
}
