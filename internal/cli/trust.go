package cli

import (
	"bytes"
	"cmp"
	"fmt"
	"io"

	"whichrole/internal/awsconfig"
	"whichrole/internal/broker"
	"whichrole/internal/problem"
	"whichrole/internal/prompt"
	"whichrole/internal/trust"
)

type trustCmd struct {
	Yes bool `help:"Approve without asking: for scripts, and for CI on reviewed branches."`
}

// Run shows what the map grants, and what changed since it was approved, before it asks.
func (c *trustCmd) Run(a *app) error {
	request, err := a.request()
	if err != nil {
		return err
	}
	request.MapFlag, request.MapVariable = "", cmp.Or(request.MapFlag, request.MapVariable) // naming a map here asks for a record
	b := a.broker()
	d, err := b.Examine(request)
	if err != nil {
		return err
	}
	var grants bytes.Buffer
	printGrants(&grants, d)
	printChanges(&grants, d.Trust)
	if d.Trust.Approved {
		line(&grants, "\nalready trusted: %s (%s)", d.File.Path, d.Trust.How)
		_, err = a.stdout.Write(grants.Bytes())
		return err
	}
	if !c.Yes {
		if err := a.ask(grants.Bytes(), d, request.Dir); err != nil {
			return err
		}
		grants.Reset() // they were shown on the terminal
	} else {
		fmt.Fprintln(&grants)
	}
	if err := b.Approve(d); err != nil {
		return err
	}
	line(&grants, "trusted: %s", d.File.Path)
	if a.nobodyAsks() {
		line(&grants, "next: whichrole setup")
	}
	_, err = a.stdout.Write(grants.Bytes())
	return err
}

// nobodyAsks tells that no profile of the user's calls whichrole. In a CI job programs run under exec.
func (a *app) nobodyAsks() bool {
	files, err := awsconfig.Load(a.env, a.dirs.Home)
	return err == nil && files.Caller() == "" && (a.env["CI"] == "" || a.env["CI"] == "false")
}

// ask shows the grants on the terminal and asks there.
func (a *app) ask(grants []byte, d *broker.Decision, dir string) error {
	which := "-C " + problem.Quote(dir)
	if d.Subject.Named { // in that directory another map may lie
		which = "--map " + problem.Quote(d.File.Path)
	}
	unasked := problem.New(problem.NotTrusted, "there is no terminal to ask on whether %s is trusted", d.File.Path).
		WithHint("whichrole trust --yes %s", which)
	if a.options.NoInput {
		return unasked
	}
	terminal, err := prompt.Terminal()
	if err != nil {
		return unasked.Because(err)
	}
	defer terminal.Close()
	terminal.Write(grants)
	if !prompt.Confirm(terminal, "\ntrust this role map?") {
		return problem.New(problem.NotTrusted, "not trusted: %s", d.File.Path)
	}
	return nil
}

// printChanges shows what is not as it was when the map was approved.
func printChanges(w io.Writer, v trust.Verdict) {
	if v.Never || v.Approved {
		return
	}
	fmt.Fprintln(w)
	if len(v.Changes)+len(v.AddedEnvironments)+len(v.AddedAccounts) > 0 {
		line(w, "since the last approval")
	} else {
		line(w, "the last approval does not count: %s", v.Reason)
	}
	for _, c := range v.Changes {
		line(w, "  %s %s", c.Where, c.Key)
		if c.Old != "" {
			line(w, "    - %s", c.Old)
		}
		if c.New != "" {
			line(w, "    + %s", c.New)
		}
	}
	for _, name := range v.AddedEnvironments {
		line(w, "  + environment %s", name)
	}
	for _, name := range v.AddedAccounts {
		line(w, "  + account %s", name)
	}
}

type untrustCmd struct{}

// Run works on a map that cannot be read any more, too.
func (c *untrustCmd) Run(a *app) error {
	request, err := a.request()
	if err != nil {
		return err
	}
	request.MapFlag, request.MapVariable = "", cmp.Or(request.MapFlag, request.MapVariable)
	b := a.broker()
	path, found, err := b.Revoke(request)
	if err != nil {
		return err
	}
	// An unreadable map is not obeyed anyway.
	if d, err := b.Examine(request); err == nil && d.Trust.Approved {
		line(a.stdout, "still trusted: %s (%s)", path, d.Trust.How)
		return nil
	}
	if !found {
		line(a.stdout, "was not trusted: %s", path)
		return nil
	}
	line(a.stdout, "no longer trusted: %s", path)
	return nil
}
