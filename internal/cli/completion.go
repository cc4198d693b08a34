package cli

import "whichrole/internal/problem"

type completionCmd struct{}

func (c *completionCmd) Run(a *app) error { return problem.New(problem.Failure, "not built yet") }
