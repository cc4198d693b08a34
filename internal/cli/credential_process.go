package cli

import (
	"context"

	"whichrole/internal/broker"
	"whichrole/internal/output"
)

type credentialProcessCmd struct{}

// Run never reads stdin and never asks: SDKs hide stderr, run helpers twice and kill them (CONTRACT.md).
func (c *credentialProcessCmd) Run(a *app) error {
	request, err := a.request()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), a.options.timeout)
	defer cancel()
	handed, err := within(ctx, func() (*broker.Handed, error) { return a.broker().Credentials(ctx, request) })
	if err != nil {
		return err
	}
	return output.Process(a.stdout, handed.Credentials, handed.Expiration)
}
