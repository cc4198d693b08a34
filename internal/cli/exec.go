package cli

import (
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"whichrole/internal/awsconfig"
	"whichrole/internal/broker"
	"whichrole/internal/launch"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
	"whichrole/internal/prompt"
	"whichrole/internal/terraform"
)

type execCmd struct {
	Static  bool     `xor:"how" help:"Give the command plain credentials in variables. They are not renewed."`
	Server  bool     `xor:"how" help:"Serve credentials on a local address, as containers have them, for programs that cannot run a helper."`
	Command []string `arg:"" optional:"" passthrough:"" name:"command" help:"The command and its arguments, after --. Without one: your shell."`
}

// Run hands out nothing itself but with --static: the command's SDKs come back as often as they need, by a profile that only it
// sees. That the credentials can be had is found out before, where somebody may still be asked for a login.
func (c *execCmd) Run(a *app) error {
	args, err := c.command(a)
	if err != nil {
		return err
	}
	request, err := a.request()
	if err != nil {
		return err
	}
	command := launch.Command{Args: args}
	if a.options.dirFlag {
		command.Dir = request.Dir
	}
	request.By, request.Command = "exec", args
	if dir := terraform.Chdir(args, a.env); dir != "" {
		request = from(request, dir)
	}
	launch.Sweep(a.dirs, a.now())
	handed, err := a.handOut(request, true)
	if err != nil {
		return err
	}
	e := execution{app: a, request: request, handed: handed}
	switch {
	case c.Static:
		command.Env = e.environ(e.noProfile(), launch.Static(handed.Credentials, handed.Expiration))
	case c.Server:
		command.Env, err = e.served()
	default:
		command.Env, err = e.helped()
	}
	if err != nil {
		return err
	}
	defer e.close()
	if len(c.Command) == 0 {
		line(a.stderr, "whichrole: %s with credentials of %s alone; its exit ends that", args[0], handed.Decision.Grant.Environment)
	}
	return e.run(command)
}

// command is what is to be run, which is a shell where somebody sits at the terminal and names none.
func (c *execCmd) command(a *app) ([]string, error) {
	args := c.Command
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) > 0 {
		return args, nil
	}
	shell := a.env["SHELL"]
	if runtime.GOOS == "windows" {
		shell = a.env["COMSPEC"]
	}
	if shell == "" || !prompt.HasTerminal() {
		return nil, problem.New(problem.Usage, "exec needs a command").WithHint("whichrole exec -- terraform plan")
	}
	return []string{shell}, nil
}

// execution is one exec on its way.
type execution struct {
	*app
	request broker.Request
	handed  *broker.Handed
	session *launch.Session // nil for none
}

// environ is what the command sees: nothing of what gave others credentials here, and what is given instead. The source's own
// variables go along where the command's helper looks for them.
func (e *execution) environ(given ...paths.Env) paths.Env {
	source := e.handed.First.Variables()
	keep := func(name string) bool { return slices.Contains(source, name) }
	given = append(given, launch.Region(e.handed.Decision.Grant.Region))
	return launch.Environ(e.env, runtime.GOOS == "windows", keep, given...)
}

// noProfile are the variables of the region for a command that sees no profile which would name it. What is set stays.
func (e *execution) noProfile() paths.Env {
	vars := launch.Region(e.region(e.handed))
	maps.DeleteFunc(vars, func(name, _ string) bool { return e.env[name] != "" })
	return vars
}

// helped is the environment of a command whose SDKs ask us.
func (e *execution) helped() (paths.Env, error) {
	files, err := e.files()
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, problem.New(problem.Failure, "whichrole cannot tell where it lies: %v", err).Because(err)
	}
	region := e.region(e.handed) // without one botocore asks for it; a variable still wins
	e.session, err = launch.Prepare(e.dirs, files, self, e.pins(), region)
	if err != nil {
		return nil, err
	}
	before := e.env.BeforeExec()
	kept := paths.Env{paths.BeforeExecPrefix + "AWS_PROFILE": before["AWS_PROFILE"]}
	for name, path := range whole(before, files) { // our helper there reads the user's own files, and so does whichrole login
		kept[paths.BeforeExecPrefix+name] = path
	}
	return e.environ(kept, e.session.Variables()), nil
}

// whole are the config file and those files that variables name by relative paths, as seen from here: who reads them stands elsewhere,
// where a file of that name may be somebody else's.
func whole(env paths.Env, aws *awsconfig.Files) paths.Env {
	files := paths.Env{"AWS_CONFIG_FILE": aws.ConfigPath}
	if aws.ConfigPath != "" {
		files["AWS_CONFIG_FILE"], _ = filepath.Abs(aws.ConfigPath) // without a directory we were not here
	}
	for _, name := range []string{"AWS_SHARED_CREDENTIALS_FILE", "AWS_CA_BUNDLE", "AWS_WEB_IDENTITY_TOKEN_FILE"} {
		if path := env[name]; path != "" && path[0] != '~' && !filepath.IsAbs(path) {
			files[name], _ = filepath.Abs(path)
		}
	}
	return files
}

// pins are what the directory has decided by now: wherever the command goes, it stays in this environment.
func (e *execution) pins() launch.Pins {
	r, d := e.request, e.handed.Decision
	p := launch.Pins{
		Dir: d.File.Physical, Captures: d.Grant.Captures, Approved: r.MapFlag != "", Environment: r.Environment, EnvironmentVariable: r.EnvironmentVariable, Set: r.Set,
		Operation: r.Operation, Workspace: d.Target.Workspace, DestBranch: r.DestBranch,
	}
	if d.Grant.Agreed == nil {
		p.Decided = d.Grant.Environment
	}
	if !d.File.How.ByUser() { // what the user's own file says stays so
		p.Map = d.File.Path
	}
	return p
}

// run gives our place to the command. On Windows it stays below us, and its exit code becomes ours.
func (e *execution) run(command launch.Command) error {
	if e.session != nil {
		if _, err := launch.Keep(launch.Keeping{Session: e.session, Env: e.env}); err != nil {
			e.log("%v; the next whichrole exec removes %s", err, e.session.ID)
		}
	}
	code, err := launch.Run(command)
	if code != 0 {
		return silent{problem.Code(code)}
	}
	return err
}

func (e *execution) close() {
	if e.session != nil {
		e.session.Close()
	}
}

// from is the request as seen from a directory that the command goes to; a map that is named by a relative path counts from here.
func from(r broker.Request, dir string) broker.Request {
	for _, path := range []*string{&r.MapFlag, &r.MapVariable} {
		if *path != "" {
			*path = joined(r.Dir, *path)
		}
	}
	r.Dir = joined(r.Dir, dir)
	return r
}

// joined is path as seen from dir.
func joined(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}
