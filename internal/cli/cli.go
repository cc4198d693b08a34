// Package cli is the command line: it reads flags and environment, calls the broker, prints, and chooses the exit code.
package cli

import (
	"io"
	"runtime"
	"sync"
	"time"

	"whichrole/internal/awsconfig"
	"whichrole/internal/broker"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
	"whichrole/internal/process"
)

// app is what a command is given: the streams, the environment and the clock. There is no stdin: under some SDKs it is a
// pipe that never ends, and questions are for the terminal.
type app struct {
	stdout  io.Writer
	stderr  io.Writer
	env     paths.Env
	dirs    paths.Dirs
	now     func() time.Time
	options *options
	files   func() (*awsconfig.Files, error) // the user's AWS files, also within exec; read once, and when they are asked for

	logging sync.Mutex // steps are told from several goroutines
	logged  int        // bytes of --verbose so far
}

// Main runs one command line (without the program's name) and returns the exit code. Nothing is on stdout unless it
// succeeded; what went wrong is on stderr in a few lines.
func Main(args, environ []string, stdout, stderr io.Writer) (code int) {
	env := paths.EnvOf(environ)
	out := &checked{w: stdout}
	a := &app{stdout: out, stderr: stderr, env: env, dirs: paths.Find(env, runtime.GOOS), now: time.Now}
	a.files = sync.OnceValues(func() (*awsconfig.Files, error) { return awsconfig.Load(env.BeforeExec(), a.dirs.Home) })
	defer func() {
		switch r := recover().(type) {
		case nil:
		case exited:
			code = int(r)
			if err := out.lost(); err != nil {
				code = a.fail(err)
			}
		default: // never a stack: it may hold what must not be shown
			code = a.fail(problem.New(problem.Failure, "a mistake inside whichrole: %v", r).WithHint("please report it with the output of: whichrole version"))
		}
	}()
	var run func(*app) error
	var err error
	if run, a.options, err = parse(args, out, stderr); err == nil {
		err = a.options.fill(env)
	}
	if err != nil {
		return a.mistaken(args, err)
	}
	err = run(a)
	if lost := out.lost(); lost != nil {
		err = lost
	}
	if err != nil {
		return a.fail(err)
	}
	return 0
}

// broker is made anew for each command.
func (a *app) broker() *broker.Broker {
	return &broker.Broker{
		Env: a.env, Dirs: a.dirs, Now: a.now, Log: a.log, Version: func() string { return version().Version },
		Timeout: a.options.timeout, Person: a.person(), Callers: process.Callers,
	}
}
