package cli

import "whichrole/internal/problem"

type setupCmd struct{}

func (c *setupCmd) Run(a *app) error { return problem.New(problem.Failure, "not built yet") }
