package cli

import "whichrole/internal/problem"

type consoleCmd struct{}

func (c *consoleCmd) Run(a *app) error { return problem.New(problem.Failure, "not built yet") }
