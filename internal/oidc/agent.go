package oidc

import (
	"context"
	"errors"

	"whichrole/internal/child"
	"whichrole/internal/problem"
)

const (
	agentProgram = "buildkite-agent"
	buildkiteJob = "BUILDKITE_JOB_ID" // without which the agent asks nobody
)

// askAgent: Buildkite's "buildkite-agent oidc". The agent knows its own way to Buildkite, and hides the token from the job's
// log.
func (w World) askAgent(ctx context.Context, p Place) (token, from string, err error) {
	out, err := child.Run(ctx, child.Command{Path: child.Find(w.Env, agentProgram), Args: []string{"oidc", "request-token", "--audience", p.audience()}, Env: w.Env})
	if err != nil {
		return "", "", p.agentFailure(err)
	}
	return string(out), "the token of buildkite-agent", nil
}

// agentFailure tells apart what can be told apart: a refusal and a network that is down are one exit code.
func (p Place) agentFailure(err error) error {
	code, hint := problem.LoginNeeded, ""
	failure, ok := errors.AsType[*child.Failure](err)
	switch {
	case errors.Is(err, context.Canceled):
		code = problem.Failure
	case ok && failure.TimedOut:
		code, hint = problem.Unreachable, "look at the network; WHICHROLE_TIMEOUT waits longer"
	case ok && failure.ExitCode > 0 && !failure.TooLong:
		code = problem.Refused
		hint = "to see why, run: buildkite-agent oidc request-token --audience " + problem.Quote(p.audience()) + " >/dev/null"
	}
	return p.problem(code, hint, "buildkite-agent was asked, but %v", err).Because(err)
}
