package cli

import "whichrole/internal/launch"

// keeperCmd is run by exec alone, which says the rest by pipes.
type keeperCmd struct {
	Stage string `arg:"" optional:""`
}

func (c *keeperCmd) Run(a *app) error { return launch.Watch(c.Stage == launch.Apart, a.serve) }
