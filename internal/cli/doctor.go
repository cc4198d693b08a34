package cli

import "whichrole/internal/problem"

type doctorCmd struct{}

func (c *doctorCmd) Run(a *app) error { return problem.New(problem.Failure, "not built yet") }
