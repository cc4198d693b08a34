package cli

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"whichrole/internal/broker"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
	"whichrole/internal/terraform"
)

// options are the flags that every command has. All but --set have a variable, which the flag overrides.
type options struct {
	Dir        string            `short:"C" placeholder:"DIR" help:"Act as if started in DIR (WHICHROLE_DIR)."`
	Map        string            `placeholder:"FILE" help:"Use this role map, approved by naming it here (WHICHROLE_MAP names one without approving it)."`
	Env        string            `short:"e" placeholder:"NAME" help:"Use this environment, whatever the directory says (WHICHROLE_ENV, which never contradicts the directory)."`
	Set        map[string]string `placeholder:"NAME=VALUE" mapsep:"none" help:"Give a capture of a directory pattern, such as account=payments. May be repeated."`
	Operation  string            `placeholder:"OP" help:"plan, apply or state (WHICHROLE_OPERATION). Default: what Terraform is doing, else plan."`
	Workspace  string            `placeholder:"NAME" help:"The Terraform workspace (WHICHROLE_WORKSPACE). Default: what Terraform's own files and variables say."`
	DestBranch string            `placeholder:"NAME" help:"The branch that a pull request would go to, for Terrateam's dest_branch tags (WHICHROLE_DEST_BRANCH). Default: the repository's default branch."`
	NoInput    bool              `help:"Never ask on the terminal (WHICHROLE_NO_INPUT)."`
	Verbose    bool              `help:"Tell each step on stderr, never a secret (WHICHROLE_VERBOSE)."`

	dirFlag                  bool // --dir itself, and not its variable
	chosen                   []string
	mapVariable, envVariable string
	timeout                  time.Duration
}

// fill takes from the environment what no flag gave.
func (o *options) fill(env paths.Env) error {
	o.dirFlag, o.chosen = o.Dir != "", o.byHand(env)
	o.mapVariable, o.envVariable = env["WHICHROLE_MAP"], env["WHICHROLE_ENV"]
	for _, v := range []struct {
		flag     *string
		variable string
	}{{&o.Dir, "WHICHROLE_DIR"}, {&o.Operation, "WHICHROLE_OPERATION"}, {&o.Workspace, "WHICHROLE_WORKSPACE"}, {&o.DestBranch, "WHICHROLE_DEST_BRANCH"}} {
		if *v.flag == "" {
			*v.flag = env[v.variable]
		}
	}
	if o.Operation != "" {
		if _, err := terraform.ParseOperation(o.Operation); err != nil {
			return err
		}
	}
	o.NoInput = o.NoInput || isOn(env["WHICHROLE_NO_INPUT"])
	o.Verbose = o.Verbose || isOn(env["WHICHROLE_VERBOSE"])
	o.timeout = 15 * time.Second
	if s := env["WHICHROLE_TIMEOUT"]; s != "" {
		d, err := time.ParseDuration(s)
		if err != nil {
			d, err = time.ParseDuration(s + "s")
		}
		if err != nil || d < time.Millisecond || d > 10*time.Minute {
			return problem.New(problem.Usage, "WHICHROLE_TIMEOUT=%s is not a time between 1ms and 10m", s).WithHint("export WHICHROLE_TIMEOUT=15s")
		}
		o.timeout = d
	}
	return nil
}

// byHand are the names of what was said in place of what the directory says: each flag or, where it is not there, its variable.
// Whether WHICHROLE_ENV is obeyed depends on the map.
func (o *options) byHand(env paths.Env) (names []string) {
	for _, c := range []struct{ flag, value, variable string }{
		{"--map", o.Map, "WHICHROLE_MAP"}, {"--operation", o.Operation, "WHICHROLE_OPERATION"},
		{"--workspace", o.Workspace, "WHICHROLE_WORKSPACE"}, {"--dest-branch", o.DestBranch, "WHICHROLE_DEST_BRANCH"},
	} {
		switch {
		case c.value != "":
			names = append(names, c.flag)
		case env[c.variable] != "":
			names = append(names, c.variable)
		}
	}
	if o.Env != "" {
		names = append(names, "--env")
	}
	if len(o.Set) > 0 {
		names = append(names, "--set")
	}
	return names
}

// isOn reads a variable that switches something on: set, and not an obvious no.
func isOn(value string) bool {
	switch strings.ToLower(value) {
	case "", "0", "false", "no", "off":
		return false
	}
	return true
}

// request is the question that these options ask.
func (a *app) request() (broker.Request, error) {
	o := a.options
	dir := o.Dir
	if !filepath.IsAbs(dir) {
		cwd, err := os.Getwd()
		if err != nil {
			return broker.Request{}, problem.New(problem.Failure, "the working directory cannot be told: %v", err).
				WithHint("cd to a directory that exists, or give one by -C").Because(err)
		}
		dir = filepath.Join(cwd, dir)
	}
	return broker.Request{
		Dir: dir, MapFlag: o.Map, MapVariable: o.mapVariable,
		Environment: o.Env, EnvironmentVariable: o.envVariable,
		Set: o.Set, Operation: o.Operation, Workspace: o.Workspace, DestBranch: o.DestBranch, Chosen: o.chosen,
	}, nil
}
