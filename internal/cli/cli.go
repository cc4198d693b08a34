// Package cli is the command line: it reads flags and environment, calls the broker, prints, and chooses the exit code.
package cli

import (
	"errors"
	"io"
	"os"
	"runtime"
	"strings"
	"time"

	"whichrole/internal/broker"
	"whichrole/internal/paths"
	"whichrole/internal/problem"

	"github.com/alecthomas/kong"
)

// grammar is the command line as kong reads it. A command that isn't built is not here.
type grammar struct {
	options

	Show              showCmd              `cmd:"" default:"withargs" help:"Print the environment, operation and role of this directory. This is what whichrole without a command does."`
	CredentialProcess credentialProcessCmd `cmd:"" help:"Print credentials for that role as the JSON that AWS SDKs read: the credential_process of an AWS profile."`
	Explain           explainCmd           `cmd:"" help:"Tell each step of the decision, and why."`
	Trust             trustCmd             `cmd:"" help:"Approve the role map of this directory, after showing what it grants."`
	Untrust           untrustCmd           `cmd:"" help:"Take the approval of the role map back."`
	Cache             cacheCmd             `cmd:"" help:"Show or remove cached credentials."`
	Schema            schemaCmd            `cmd:"" help:"Print the JSON Schema of .whichrole.yaml, for editors."`
	Version           versionCmd           `cmd:"" help:"Print version, commit and Go version."`
}

// app is what a command is given: the streams, the environment and the clock.
type app struct {
	stdin   *os.File
	stdout  io.Writer
	stderr  io.Writer
	env     paths.Env
	dirs    paths.Dirs
	now     func() time.Time
	options *options
}

// exited carries the exit code of --help through kong's call stack.
type exited int

// Main runs one command line (without the program's name) and returns the exit code. Nothing is on stdout unless it
// succeeded; what went wrong is on stderr in a few lines.
func Main(args, environ []string, stdin *os.File, stdout, stderr io.Writer) (code int) {
	env := paths.EnvOf(environ)
	a := &app{stdin: stdin, stdout: stdout, stderr: stderr, env: env, dirs: paths.Find(env, runtime.GOOS), now: time.Now}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case exited:
			code = int(r)
		default: // never a stack: it may hold what must not be shown
			code = a.fail(problem.New(problem.Failure, "a mistake inside whichrole: %v", r).WithHint("please report it with the output of: whichrole version"))
		}
	}()
	var g grammar
	parser, err := kong.New(&g,
		kong.Name("whichrole"),
		kong.Description("Which AWS role belongs to this directory? whichrole answers, and hands out short-lived credentials for exactly that role."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { panic(exited(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true, NoExpandSubcommands: true, WrapUpperBound: 110}),
	)
	if err != nil {
		return a.fail(err)
	}
	command, err := parser.Parse(args)
	if err != nil {
		return a.fail(usage(err))
	}
	if err := g.options.fill(env); err != nil {
		return a.fail(err)
	}
	a.options = &g.options
	if err := command.Run(a); err != nil {
		return a.fail(err)
	}
	return 0
}

// usage turns kong's complaint into ours.
func usage(err error) error {
	command := "whichrole"
	parse, ok := errors.AsType[*kong.ParseError](err)
	if ok && parse.Context.Selected() != nil && parse.Context.Selected().Name != "show" {
		command = parse.Context.Selected().FullPath()
	}
	text := err.Error()
	if flag, _, missing := strings.Cut(text, `: expected string value but got "EOL"`); missing {
		text = flag + ": a value is missing"
	}
	if name, found := strings.CutPrefix(text, "unexpected argument "); found && ok && command == "whichrole" {
		return unknownCommand(name, parse.Context.Model)
	}
	return problem.New(problem.Usage, "%s", text).WithHint("%s --help", command)
}

// unknownCommand is for what kong took as an argument of the default command.
func unknownCommand(name string, model *kong.Application) error {
	var names []string
	for _, n := range model.Children {
		names = append(names, n.Name)
	}
	err := problem.New(problem.Usage, "unknown command %s", name)
	if near := problem.Nearest(name, names); near != "" {
		return err.WithHint("did you mean whichrole %s?", near)
	}
	return err.WithHint("whichrole --help; for another directory: whichrole -C DIR")
}

// broker is made anew for each command.
func (a *app) broker() *broker.Broker {
	return &broker.Broker{Env: a.env, Dirs: a.dirs, Now: a.now, Log: a.log, Version: version().Version}
}
