package process

import (
	"encoding/gob"
	"encoding/hex"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// The test binary is also every process of the trees that are tested: it starts the next step of its plan, or tells who called.
const mark = "PROCESS_TEST_PLAN"

var (
	ask   = Callers
	blind bool // no command line can be read here
)

type step struct {
	Path   string
	Args   []string // the program's own name first
	Leave  bool     // ends as soon as the next runs
	User   int      // the next runs as that user, where it is not 0
	HidePS bool     // the next has a /proc that hides the processes of others
}

func TestMain(m *testing.M) {
	text := os.Getenv(mark)
	if text == "" {
		os.Exit(m.Run())
	}
	var plan []step
	if err := gob.NewDecoder(hex.NewDecoder(strings.NewReader(text))).Decode(&plan); err != nil {
		panic(err)
	}
	if len(plan) > 1 {
		cmd := command(plan)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
		if err := cmd.Start(); err != nil {
			panic(err)
		}
		if !plan[0].Leave {
			cmd.Wait()
		}
		return
	}
	io.Copy(io.Discard, os.Stdin) // until the test says so
	gob.NewEncoder(os.Stdout).Encode(ask(nil))
}

// command runs what comes behind the plan's first step.
func command(plan []step) *exec.Cmd {
	rest := slices.Clone(plan[1:])
	rest[0].Path, rest[0].Args = "", nil // which it has
	var text strings.Builder
	if err := gob.NewEncoder(hex.NewEncoder(&text)).Encode(rest); err != nil {
		panic(err)
	}
	cmd := &exec.Cmd{Path: plan[1].Path, Args: plan[1].Args, Env: append(os.Environ(), mark+"="+text.String(), "GORACE=atexit_sleep_ms=1")}
	as(cmd, plan[0])
	return cmd
}

// tree is the plan carried out below the test: when is called once all steps run, or have run.
func tree(t *testing.T, plan []step, when func(first *exec.Cmd)) Chain {
	t.Helper()
	cmd := command(append([]step{{}}, plan...))
	cmd.Stderr = os.Stderr
	wait, err := cmd.StdinPipe()
	must(t, err)
	out, end, err := os.Pipe()
	must(t, err)
	defer out.Close()
	cmd.Stdout = end
	must(t, cmd.Start())
	end.Close()
	if when != nil {
		when(cmd)
	}
	wait.Close()
	var got Chain
	err = gob.NewDecoder(out).Decode(&got)
	io.Copy(io.Discard, out) // its end is the last process's
	cmd.Wait()
	must(t, err)
	return got
}

// nearest is who called directly.
func nearest(t *testing.T, c Chain) Process {
	t.Helper()
	if len(c.Callers) == 0 {
		t.Fatalf("nobody called: %q", c.Ended)
	}
	return c.Callers[0]
}

// has tells whether a process has these arguments, as far as can be known here.
func (p Process) has(args []string) bool {
	return reflect.DeepEqual(p.Args, args) || blind && p.Args == nil
}

// last is the step that looks.
func last(t *testing.T) step {
	t.Helper()
	exe, err := os.Executable()
	must(t, err)
	return step{Path: exe, Args: []string{"whichrole"}}
}

// program is the test binary under another name.
func program(t *testing.T, dir, name string) string {
	t.Helper()
	exe, err := os.Executable()
	must(t, err)
	text, err := os.ReadFile(exe)
	must(t, err)
	path := filepath.Join(dir, name)
	must(t, os.WriteFile(path, text, 0o700))
	return path
}

// exe is how a program's file is called here.
func exe(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
