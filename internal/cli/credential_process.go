package cli

import (
	"whichrole/internal/broker"
	"whichrole/internal/output"
)

type credentialProcessCmd struct{}

// Run never reads stdin, and asks nobody unless the user's own file says so: SDKs hide stderr, run helpers twice and kill
// them (CONTRACT.md).
func (c *credentialProcessCmd) Run(a *app) error {
	request, err := a.request()
	if err != nil {
		return err
	}
	ctx := newPatience(a.options.timeout)
	defer ctx.cancel()
	b := a.broker()
	b.Longer = ctx.longer
	handed, err := within(ctx, func() (*broker.Handed, error) { return b.Credentials(ctx, request) })
	if err != nil {
		return err
	}
	return output.Process(a.stdout, handed.Credentials, handed.Expiration)
}
