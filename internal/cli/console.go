package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"whichrole/internal/broker"
	"whichrole/internal/creds"
	"whichrole/internal/federation"
	"whichrole/internal/problem"
	"whichrole/internal/prompt"
)

type consoleCmd struct {
	Service string `placeholder:"NAME" help:"Open this service, as the console's address calls it: ec2, s3, cloudwatch. Default: the console's home."`
	Region  string `placeholder:"REGION" help:"Open this region. Default: the role map's, else the one that you were in last."`
	Print   bool   `help:"Print the address instead of opening it. For 15 minutes it signs in whoever has it."`
}

// browserTakes is how long a browser may take to start and ask for the address.
const browserTakes = time.Minute

// byHand is what to do where no browser opens.
const byHand = "the same command with --print shows the address, to be opened in any browser"

// Run talks on stderr: stdout is the address, with --print.
func (c *consoleCmd) Run(a *app) error {
	request, err := a.request()
	if err != nil {
		return err
	}
	request.By = "console"
	place, err := c.place(a, request)
	if err != nil {
		return err
	}
	handed, err := a.handOut(request, true)
	if err != nil {
		return err
	}
	if !c.Print && !prompt.HasScreen(a.env) {
		return noBrowser(prompt.ErrNobody) // after what --print needs as well
	}
	address, err := a.signIn(handed, place)
	if err != nil {
		return err
	}
	if c.Print {
		fmt.Fprintln(a.stdout, address.Reveal())
		return nil
	}
	if err := a.handToBrowser(address); err != nil {
		return err
	}
	g := handed.Decision.Grant
	line(a.stderr, "whichrole: the browser is signed in: %s %s, %s%s", g.Environment, string(g.Operation),
		cmp.Or(g.RoleARN(), g.PermissionSet, "account "+g.Account), a.until(handed.Credentials.Expires))
	return nil
}

// place is decided before a login is asked for: a typo is told at once.
func (c *consoleCmd) place(a *app, request broker.Request) (federation.Place, error) {
	decision, err := a.broker().Decide(request)
	if err != nil {
		return federation.Place{}, err
	}
	g := decision.Grant
	place := federation.Place{Partition: g.Partition, Region: cmp.Or(c.Region, g.Region, g.DefaultRegion), Service: c.Service}
	return place, place.Check()
}

// signIn gets the address that signs in with what was handed out, over the way to AWS that the source's profile has.
func (a *app) signIn(handed *broker.Handed, place federation.Place) (creds.Secret, error) {
	ctx, cancel := context.WithTimeout(context.Background(), a.options.timeout)
	defer cancel()
	client := &federation.Client{Env: a.env, CABundle: handed.First.Settings.CABundle, Log: a.log}
	return client.URL(ctx, handed.Credentials, place)
}

// handToBrowser waits until a browser has the address: it is handed over by this process.
func (a *app) handToBrowser(address creds.Secret) error {
	h, err := federation.HandOver(address, a.log)
	if err != nil {
		return err
	}
	defer h.Close()
	if err := prompt.Browse(a.env, h.URL()); err != nil {
		return noBrowser(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), browserTakes)
	defer cancel()
	if h.Wait(ctx) != nil {
		return problem.New(problem.Failure, "no browser has asked for the address within %s", browserTakes).WithHint(byHand)
	}
	return nil
}

func noBrowser(err error) error {
	if errors.Is(err, prompt.ErrNobody) {
		return problem.New(problem.Failure, "nothing here opens a browser").WithHint(byHand).Because(err)
	}
	return problem.New(problem.Failure, "the browser cannot be started: %v", err).WithHint(byHand).Because(err)
}

// until is when what is signed in ends, in words; "" where nobody knows.
func (a *app) until(end time.Time) string {
	if end.IsZero() {
		return ""
	}
	return fmt.Sprintf(", until %s (%s)", end.Local().Format("15:04"), remaining(end.Sub(a.now())))
}
