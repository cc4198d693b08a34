package cli

import "whichrole/internal/problem"

type execCmd struct{}

func (c *execCmd) Run(a *app) error { return problem.New(problem.Failure, "not built yet") }
