package cli

import (
	"errors"
	"io"
	"slices"
	"strings"

	"whichrole/internal/problem"

	"github.com/alecthomas/kong"
)

// grammar is the command line as kong reads it. A command that isn't built is not here.
type grammar struct {
	options     `embed:"" group:"Flags of every command:"`
	VersionFlag versionFlag `name:"version" help:"Print the version, as the command version does."`

	Show              showCmd              `cmd:"" default:"withargs" help:"Print the environment, operation and role of this directory. This is what whichrole without a command does."`
	CredentialProcess credentialProcessCmd `cmd:"" help:"Print credentials for that role as the JSON that AWS SDKs read: the credential_process of an AWS profile."`
	Explain           explainCmd           `cmd:"" help:"Tell each step of the decision, and why."`
	List              listCmd              `cmd:"" help:"List what the role map grants: the role of each environment and operation; with --dirs, of each Terraform root module."`
	Check             checkCmd             `cmd:"" help:"Tell what is wrong with the role map, for CI and pre-commit; with --live also which roles cannot be assumed."`
	Init              initCmd              `cmd:"" help:"Write .whichrole.yaml from what the repository already says of its roles, after showing it."`
	Trust             trustCmd             `cmd:"" help:"Approve the role map of this directory, after showing what it grants."`
	Untrust           untrustCmd           `cmd:"" help:"Take the approval of the role map back."`
	Login             loginCmd             `cmd:"" help:"Get a session for the first credentials of this directory: one MFA code, or one sign-in to IAM Identity Center, for all roles."`
	Logout            logoutCmd            `cmd:"" help:"Forget that session and all credentials that came of it."`
	Exec              execCmd              `cmd:"" help:"Run a command with credentials that stay fresh while it runs."`
	Export            exportCmd            `cmd:"" help:"Print credentials for a shell or another program."`
	Console           consoleCmd           `cmd:"" help:"Open the AWS console, signed in with the role of this directory."`
	Setup             setupCmd             `cmd:"" help:"Add the profile that calls whichrole to the AWS config file."`
	Doctor            doctorCmd            `cmd:"" help:"Check the whole set-up, and tell how to mend what is wrong."`
	Cache             cacheCmd             `cmd:"" help:"Show or remove cached credentials."`
	Log               logCmd               `cmd:"" help:"Show what was handed out and refused: the local audit trail."`
	Completion        completionCmd        `cmd:"" help:"Print a script that completes whichrole's command line in your shell."`
	Schema            schemaCmd            `cmd:"" help:"Print the JSON Schema of .whichrole.yaml, for editors."`
	ExecKeeper        keeperCmd            `cmd:"" hidden:""`
	Version           versionCmd           `cmd:"" help:"Print version, commit and Go version."`
}

// exited carries the exit code of --help through kong's call stack.
type exited int

// parse gives the command that args ask for, and the options that every command has.
func parse(args []string, stdout, stderr io.Writer) (run func(*app) error, o *options, err error) {
	var g grammar
	if run := g.everyday(args); run != nil {
		return run, &g.options, nil
	}
	if len(args) > 0 && args[0] == "help" { // as git, go and terraform have it
		args = append(slices.Clone(args[1:]), "--help")
	}
	parser, err := newParser(&g, stdout, stderr)
	if err != nil {
		return nil, nil, err
	}
	command, err := parser.Parse(args)
	if err != nil {
		return nil, nil, usage(err)
	}
	return func(a *app) error { return command.Run(a) }, &g.options, nil
}

func newParser(g *grammar, stdout, stderr io.Writer) (*kong.Kong, error) {
	return kong.New(g,
		kong.Name("whichrole"),
		kong.Description("Which AWS role belongs to this directory? whichrole answers, and hands out short-lived credentials for exactly that role."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { panic(exited(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true, NoExpandSubcommands: true, WrapUpperBound: 110}),
	)
}

// everyday knows the lines that profiles run before each call of every SDK (our own, those of setup --per-env, exec's) and that of
// shell prompts: for them kong costs more than an empty program. nil for all others, and for what kong would complain of.
func (g *grammar) everyday(args []string) func(*app) error {
	last := ""
	if len(args) > 0 {
		last = args[len(args)-1]
	}
	plain := last != "" && last[0] != '-'
	switch strings.Join(args[:max(0, len(args)-1)], " ") {
	case "":
		if len(args) == 0 {
			return g.Show.Run
		}
		if last == "credential-process" {
			return g.CredentialProcess.Run
		}
	case "credential-process --pinned":
		if plain {
			g.CredentialProcess.Pinned = last
			return g.CredentialProcess.Run
		}
	case "show --format":
		if plain {
			g.Show.Format = last
			return g.Show.Run
		}
	}
	if len(args) == 3 && args[0] == "-e" && last == "credential-process" && args[1] != "" && args[1][0] != '-' {
		g.Env = args[1]
		return g.CredentialProcess.Run
	}
	return nil
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
	if name, found := strings.CutPrefix(text, "unexpected argument "); found && ok {
		return unknownCommand(name, parse.Context.Selected())
	}
	return problem.New(problem.Usage, "%s", text).WithHint("%s --help", command)
}

// unknownCommand is for what kong took as an argument of a command, which was the default one or has none.
func unknownCommand(name string, selected *kong.Node) error {
	var names []string
	for _, n := range selected.Parent.Children {
		names = append(names, n.Name)
	}
	err := problem.New(problem.Usage, "unknown command %s", name)
	if near := problem.Nearest(name, names); near != "" {
		return err.WithHint("did you mean %s %s?", selected.Parent.FullPath(), near)
	}
	return err.WithHint("whichrole --help; for another directory: whichrole -C DIR")
}
