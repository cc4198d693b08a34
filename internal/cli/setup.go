package cli

import (
	"context"
	"errors"
	"strings"
	"time"

	"whichrole/internal/awsconfig"
	"whichrole/internal/broker"
	"whichrole/internal/launch"
	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
	"whichrole/internal/setup"
)

type setupCmd struct {
	Profile  string   `default:"terraform" placeholder:"NAME" help:"What the profile is called. Default: terraform."`
	Region   string   `placeholder:"REGION" help:"Its region. Default: what it has, else the one of the role map here, of AWS_REGION, of your profile."`
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
	if launch.IsCopy(a.env, a.dirs) {
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

// plan is what is to change, by these flags.
func (c *setupCmd) plan(b *broker.Broker, r broker.Request) (*setup.Plan, error) {
	return setup.New(b, r, setup.Wish{
		Profile: c.Profile, Region: c.Region, PerEnv: c.PerEnv, Accounts: c.Accounts, Source: c.Source, Remove: c.Remove,
	})
}

// change edits the AWS config file and the user's own; before the first is written, both are known to be possible.
func (c *setupCmd) change(a *app, b *broker.Broker, r broker.Request) error {
	p, err := c.plan(b, r)
	if err != nil {
		return err
	}
	if p.Source != nil {
		if err := p.Source.Writable(); err != nil {
			return err
		}
	}
	backup, err := p.Save()
	if err != nil {
		return c.unwritten(a, err)
	}
	c.tell(a, p, backup)
	if p.Source == nil {
		return nil
	}
	if err := p.Source.Save(); err != nil {
		return err
	}
	if len(p.Source.Diff) == 0 {
		line(a.stdout, "already there: source in %s", p.Source.Path)
		return nil
	}
	diff(a.stdout, p.Source.Diff)
	line(a.stdout, "written: %s", p.Source.Path)
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

// print is for a file that another program makes: Nix, chezmoi.
func (c *setupCmd) print(a *app, r broker.Request) error {
	p, err := c.plan(a.broker(), r)
	if err != nil {
		return err
	}
	for i, section := range p.Sections() {
		if i > 0 {
			line(a.stdout, "")
		}
		for _, text := range section {
			line(a.stdout, "%s", text)
		}
	}
	for _, n := range c.notes(a, p) {
		line(a.stderr, "whichrole: %s", n)
	}
	return nil
}

// check names the first difference: the command that mends it shows all.
func (c *setupCmd) check(a *app, r broker.Request) error {
	p, err := c.plan(a.broker(), r)
	if err != nil {
		return err
	}
	if p.Changed() {
		return problem.New(problem.Failure, "%s is not as setup would have it: %s", p.Path, problem.Cut(strings.Join(p.Diff(), " "), 1000)).
			WithHint("%s", c.again(a))
	}
	if p.Source != nil && len(p.Source.Diff) > 0 {
		return problem.New(problem.Failure, "%s does not name profile %s as its source", p.Source.Path, c.Source).WithHint("%s", c.again(a))
	}
	line(a.stdout, "as it should be: %s in %s", inWords(p.Names), p.Path)
	for _, n := range c.notes(a, p) {
		line(a.stdout, "note: %s", n)
	}
	return nil
}
