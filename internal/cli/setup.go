package cli

import (
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"whichrole/internal/awsconfig"
	"whichrole/internal/broker"
	"whichrole/internal/launch"
	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
	"whichrole/internal/userfile"
)

type setupCmd struct {
	Profile  string   `default:"terraform" placeholder:"NAME" help:"What the profile is called. Default: terraform."`
	Region   string   `placeholder:"REGION" help:"Its region. Default: what it has, else the one of the role map here, of AWS_REGION, of the default profile."`
	PerEnv   bool     `help:"Add a profile for each environment of the role map here as well, for provider aliases: terraform-production. Environments with captures have none."`
	Accounts []string `placeholder:"NAME" help:"With --per-env: one for each of these accounts, too, where an environment's captures are the account alone: terraform-live-payments."`
	Source   string   `placeholder:"PROFILE" help:"Write into your own config.yaml, too, that first credentials come from this profile of the AWS files, where a role map names no source."`
	Check    bool     `xor:"do" help:"Change nothing; exit 1 where setup would."`
	Print    bool     `xor:"do" help:"Change nothing; print the profile, for a file that is made elsewhere."`
	Remove   bool     `xor:"do" help:"Take the profile out of the file again; with --per-env, those of environments, too."`
}

// alone is how long another setup is waited for.
const alone = 10 * time.Second

// Run shows each line that it changes. Whether the directory it is called in gets a role is told, and no failure of setup.
func (c *setupCmd) Run(a *app) error {
	if err := c.valid(); err != nil {
		return err
	}
	if a.env["AWS_PROFILE"] == launch.Profile {
		return problem.New(problem.Failure, "the AWS config file of a command that whichrole exec runs is a copy, and removed with it: run setup outside of that").
			WithHint("whichrole setup")
	}
	request, err := a.request()
	if err != nil {
		return err
	}
	request.By = "setup"
	switch {
	case c.Print:
		return c.print(a, request)
	case c.Check:
		return c.check(a, request)
	}
	ctx, cancel := context.WithTimeout(context.Background(), alone)
	defer cancel()
	b := a.broker()
	if err := b.Alone(ctx, "setup", func() error { return c.change(a, b, request) }); err != nil || c.Remove {
		return err
	}
	c.try(a, request)
	return nil
}

func (c *setupCmd) valid() error {
	if c.Remove && (c.Source != "" || c.Region != "" || len(c.Accounts) > 0) {
		return problem.New(problem.Usage, "--remove takes --profile and --per-env alone").WithHint("whichrole setup --help")
	}
	if c.Print && c.Source != "" {
		return problem.New(problem.Usage, "--print is for the AWS config file alone").WithHint("whichrole setup --print")
	}
	if len(c.Accounts) > 0 && !c.PerEnv {
		return problem.New(problem.Usage, "--accounts is for the profiles of --per-env").WithHint("whichrole setup --per-env --accounts NAME")
	}
	if e, ok := errors.AsType[*problem.Error](rolemap.CheckRegion(c.Region, "")); ok && c.Region != "" {
		e.Code = problem.Usage
		return e
	}
	if c.Profile == launch.Profile {
		return problem.New(problem.Usage, "%s is the profile that whichrole exec makes", launch.Profile).WithHint("whichrole setup --profile NAME")
	}
	return awsconfig.CheckName(c.Profile)
}

// change edits the AWS config file and the user's own; before the first is written, both are known to be possible.
func (c *setupCmd) change(a *app, b *broker.Broker, r broker.Request) error {
	p, err := c.plan(a, b, r)
	if err != nil {
		return err
	}
	var source *userfile.SourceEdit
	if c.Source != "" {
		if source, err = c.source(a, p); err != nil {
			return err
		}
		if err := source.Writable(); err != nil {
			return err
		}
	}
	backup, err := "", error(nil)
	if p.file.Changed() {
		if backup, err = p.file.Save(); err != nil {
			return c.unwritten(a, err)
		}
	}
	c.tell(a, p, backup)
	if source == nil {
		return nil
	}
	if err := source.Save(); err != nil {
		return err
	}
	if len(source.Diff) == 0 {
		line(a.stdout, "already there: source in %s", source.Path)
		return nil
	}
	diff(a.stdout, source.Diff)
	line(a.stdout, "written: %s", source.Path)
	return nil
}

// unwritten adds what to paste where the file is made by another program, or belongs to somebody else.
func (c *setupCmd) unwritten(a *app, err error) error {
	e, ok := errors.AsType[*problem.Error](err)
	if !ok || e.Hint != "" || c.Remove {
		return err
	}
	printed := *c
	printed.Source = "" // the other file, which --print leaves alone
	return e.WithHint("%s --print", printed.again(a))
}

// source is the user's own file with another source, which must be there and lead elsewhere than to us.
func (c *setupCmd) source(a *app, p *plan) (*userfile.SourceEdit, error) {
	profile, found := p.files.Profile(c.Source)
	if !found {
		err := problem.New(problem.Usage, "there is no profile %s in %s", c.Source, p.files.ConfigPath)
		if near := problem.Nearest(c.Source, p.files.Names()); near != "" {
			return nil, err.WithHint("did you mean %s?", near)
		}
		return nil, err.WithHint("aws configure --profile %s", problem.Quote(c.Source))
	}
	if s, ok := profile.Get("credential_process"); c.Source == c.Profile || ok && awsconfig.CallsWhichrole(s.Text()) {
		return nil, problem.New(problem.Usage, "profile %s calls whichrole itself: first credentials come from another one, that holds keys or sso_session", c.Source).
			WithHint("whichrole setup --source NAME")
	}
	return userfile.SetSource(a.dirs.Config, a.dirs.Home, c.Source)
}

func (c *setupCmd) tell(a *app, p *plan, backup string) {
	diff(a.stdout, p.file.Diff())
	path := p.file.Named
	switch {
	case backup != "":
		line(a.stdout, "%s: %s (before: %s)", p.done(), path, backup)
	case p.file.Changed():
		line(a.stdout, "%s: %s", p.done(), path)
	case c.Remove:
		line(a.stdout, "not there: %s in %s", p.names(), path)
	default:
		line(a.stdout, "already there: %s in %s", p.names(), path)
	}
	for _, n := range p.notes {
		line(a.stdout, "note: %s", n)
	}
}

// diff shows changed lines; what is in them may be anybody's.
func diff(w io.Writer, lines []string) {
	for _, l := range lines {
		line(w, "%s", l)
	}
}

// print is for a file that another program makes: Nix, chezmoi.
func (c *setupCmd) print(a *app, r broker.Request) error {
	p, err := c.plan(a, a.broker(), r)
	if err != nil {
		return err
	}
	for i, w := range p.wanted {
		if i > 0 {
			line(a.stdout, "")
		}
		for _, text := range awsconfig.SectionOf(w.name, w.settings()...) {
			line(a.stdout, "%s", text)
		}
	}
	for _, n := range p.notes {
		line(a.stderr, "whichrole: %s", n)
	}
	return nil
}

// check names the first difference: the command that mends it shows all.
func (c *setupCmd) check(a *app, r broker.Request) error {
	p, err := c.plan(a, a.broker(), r)
	if err != nil {
		return err
	}
	if p.file.Changed() {
		return problem.New(problem.Failure, "%s is not as setup would have it: %s", p.file.Named, problem.Cut(strings.Join(p.file.Diff(), " "), 1000)).
			WithHint("%s", c.again(a))
	}
	if c.Source != "" {
		source, err := c.source(a, p)
		if err != nil {
			return err
		}
		if len(source.Diff) > 0 {
			return problem.New(problem.Failure, "%s does not name profile %s as its source", source.Path, c.Source).WithHint("%s", c.again(a))
		}
	}
	line(a.stdout, "as it should be: %s in %s", p.names(), p.file.Named)
	for _, n := range p.notes {
		line(a.stdout, "note: %s", n)
	}
	return nil
}

// again is the command line that makes the change: with all that decides what it is, here or in a directory that is named.
func (c *setupCmd) again(a *app) string {
	words := []string{"whichrole setup"}
	add := func(flag, value string) {
		if value != "" {
			words = append(words, flag+" "+problem.Quote(value))
		}
	}
	o := a.options
	add("-C", o.Dir)
	add("--map", o.Map)
	add("-e", o.Env)
	for _, name := range slices.Sorted(maps.Keys(o.Set)) {
		add("--set", name+"="+o.Set[name])
	}
	add("--operation", o.Operation)
	add("--workspace", o.Workspace)
	add("--dest-branch", o.DestBranch)
	if c.PerEnv {
		words = append(words, "--per-env")
	}
	add("--accounts", strings.Join(c.Accounts, ","))
	if c.Profile != "terraform" {
		add("--profile", c.Profile)
	}
	add("--region", c.Region)
	add("--source", c.Source)
	return strings.Join(words, " ")
}
