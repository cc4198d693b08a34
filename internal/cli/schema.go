package cli

import "whichrole/internal/rolemap"

type schemaCmd struct{}

func (c *schemaCmd) Run(a *app) error {
	_, err := a.stdout.Write(rolemap.Schema())
	return err
}
