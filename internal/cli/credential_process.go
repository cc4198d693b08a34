package cli

import (
	"context"
	"slices"
	"time"

	"whichrole/internal/bounded"
	"whichrole/internal/broker"
	"whichrole/internal/launch"
	"whichrole/internal/output"
	"whichrole/internal/prompt"
)

type credentialProcessCmd struct {
	Pinned string `hidden:"" placeholder:"ID" help:"The session of whichrole exec that asks."`
}

// Run never reads stdin, and asks nobody unless the user's own file says so: SDKs hide stderr, run helpers twice and kill
// them (CONTRACT.md).
func (c *credentialProcessCmd) Run(a *app) error {
	request, err := a.asked(c.Pinned)
	if err != nil {
		return err
	}
	request.SDK, request.By = true, "credential-process"
	handed, err := a.credentials(request)
	if err != nil {
		a.keep(request, err)
		return err
	}
	return output.Process(a.stdout, handed.Credentials, handed.Expiration)
}

// asked is the request of the options or, for a program that exec runs, of what that has pinned.
func (a *app) asked(id string) (broker.Request, error) {
	here, err := a.request()
	if id == "" || err != nil {
		return here, err
	}
	p, err := launch.ReadPins(a.dirs, id)
	return pinned(p, here.Dir), err
}

// mistaken fails for a command line or variable that is wrong. Of a profile's own line nobody else would tell.
func (a *app) mistaken(args []string, err error) int {
	if slices.Contains(args, "credential-process") {
		if a.options == nil {
			a.options = &options{}
		}
		if request, failure := a.request(); failure == nil {
			a.keep(request, err)
		}
	}
	return a.fail(err)
}

// keep has the failure kept for explain, and tells the person at the terminal where a provider plugin would hide it. A file
// system that does not answer keeps nothing.
func (a *app) keep(r broker.Request, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	bounded.Run(ctx, 0, func() (struct{}, error) {
		if a.broker().Failed(r, err) {
			prompt.Tell(told(err)) // without a terminal there is nobody to tell
		}
		return struct{}{}, nil
	})
}
