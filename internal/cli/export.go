package cli

import "whichrole/internal/problem"

type exportCmd struct{}

func (c *exportCmd) Run(a *app) error { return problem.New(problem.Failure, "not built yet") }
