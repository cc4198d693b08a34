package cli

import "whichrole/internal/problem"

type logCmd struct{}

func (c *logCmd) Run(a *app) error { return problem.New(problem.Failure, "not built yet") }
