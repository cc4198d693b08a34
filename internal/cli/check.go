package cli

import (
	"context"
	"slices"
	"strings"

	"whichrole/internal/broker"
	"whichrole/internal/lint"
	"whichrole/internal/output"
	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
)

type checkCmd struct {
	Live   bool     `help:"Get credentials for each role as well, through the cache, and tell what worked and why not."`
	Ignore []string `placeholder:"CODE" help:"Leave out what has one of these codes: the words in brackets at the end of each line."`
	Format string   `enum:"text,github" default:"text" help:"text: file:line:column, or github: the annotations of GitHub Actions."`
	JSON   bool     `name:"json" help:"Print one JSON object."`
}

// Run works for an untrusted map too, and says so; with --live that one is not obeyed.
func (c *checkCmd) Run(a *app) error {
	if err := c.knowsIgnored(); err != nil {
		return err
	}
	if c.JSON && c.Format != "text" { // kong's xor would take the default for a flag that was given
		return problem.New(problem.Usage, "--json and --format can't be used together").WithHint("whichrole check --help")
	}
	request, err := a.request()
	if err != nil {
		return err
	}
	progress := a.progress()
	defer progress.wipe()
	b := a.broker()
	checked, err := b.Check(context.Background(), request, func(dirs int) { progress.tell("%d directories", dirs) })
	progress.wipe()
	if err != nil {
		return err
	}
	checked.Findings = slices.DeleteFunc(checked.Findings, func(f rolemap.Finding) bool { return slices.Contains(c.Ignore, f.Code) })
	var trials []broker.Trial
	if c.Live && checked.Decision.Map != nil {
		trials, err = b.Live(context.Background(), request, checked, func(done, all int) { progress.tell("%d of %d roles", done, all) })
		progress.wipe()
		if err != nil {
			return err
		}
	}
	if err := c.print(a, checked, trials); err != nil {
		return err
	}
	if code := verdict(checked.Findings, trials); code != 0 {
		return silent{code}
	}
	return nil
}

// print tells of findings and trials; where there are none, of what was looked at.
func (c *checkCmd) print(a *app, checked *broker.Checked, trials []broker.Trial) error {
	if c.JSON {
		return output.JSON(a.stdout, checkedJSON(checked, trials))
	}
	for _, f := range checked.Findings {
		if c.Format == "github" {
			a.annotate(checked, f)
		} else {
			a.printFinding(checked, f)
		}
	}
	if checked.Decision.Map == nil {
		return nil
	}
	if c.Live {
		a.printTrials(trials)
	}
	if c.Live || len(checked.Findings) == 0 {
		line(a.stdout, "%s", conclusion(checked, trials))
	}
	a.sayTrust(checked.Decision)
	return nil
}

// knowsIgnored refuses a code that nothing has: a typing error would ignore nothing, or what nobody meant.
func (c *checkCmd) knowsIgnored() error {
	for _, code := range c.Ignore {
		if slices.Contains(lint.Codes, code) && code != rolemap.Invalid {
			continue
		}
		err := problem.New(problem.Usage, "--ignore %s: there is no such code that can be ignored", code)
		if near := problem.Nearest(code, lint.Codes); near != "" && code != rolemap.Invalid {
			return err.WithHint("did you mean %s?", near)
		}
		return err.WithHint("the codes are %s", strings.Join(ignorable(), ", "))
	}
	return nil
}

func ignorable() []string {
	return slices.DeleteFunc(slices.Clone(lint.Codes), func(code string) bool { return code == rolemap.Invalid })
}
