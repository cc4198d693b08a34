// Package oidc gets the OIDC token with which a CI system vouches for the job that runs here.
package oidc

import (
	"context"
	"strings"
	"time"

	"whichrole/internal/creds"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
	"whichrole/internal/transport"
)

// The CI systems by the names that a source list has for them.
const (
	github      = "github"
	gitlab      = "gitlab"
	circleci    = "circleci"
	bitbucket   = "bitbucket"
	buildkite   = "buildkite"
	azureDevOps = "azure-devops"
	hcp         = "hcp-terraform"

	inVariable = "env:"
	inFile     = "file:"
)

// Systems are the CI systems that have a name, in the order in which they are tried where nobody wrote a source list.
func Systems() []string {
	return []string{github, gitlab, circleci, bitbucket, buildkite, azureDevOps, hcp}
}

// Place is where a token is had from.
type Place struct {
	System   string // one of Systems, env:NAME, or file:PATH with a path that is absolute or begins with ~/
	Audience string // that github and buildkite are asked for; "" for sts.amazonaws.com. The other tokens have theirs already
}

func (p Place) audience() string {
	if p.Audience == "" {
		return "sts.amazonaws.com"
	}
	return p.Audience
}

// problem is a failure to get a token from there. hint may be "".
func (p Place) problem(code problem.Code, hint, format string, args ...any) *problem.Error {
	e := problem.New(code, format, args...)
	e.Message = "no usable OIDC token from " + p.System + ": " + e.Message
	e.Hint = hint
	return e
}

// Token is a signed token, checked in its form alone: whether it is genuine is for AWS to say.
type Token struct {
	Secret creds.Secret
	Claims Claims
}

// World is what tokens are found in.
type World struct {
	Env  paths.Env
	Home string                         // what the ~ of file:~/PATH means
	Way  func() (*transport.Way, error) // to the token endpoints of GitHub and Azure DevOps; it is not closed here
	Now  func() time.Time
}

// Get gets the token: from a variable, a file that is read anew each time, the CI system's token endpoint, or its agent.
//
// Errors are *problem.Error, and no token is in them: LoginNeeded where there is none or it cannot be used (no JWT, too long
// for STS, expired), Refused where the CI system gives this job none, Unreachable where it does not answer.
func (w World) Get(ctx context.Context, p Place) (Token, error) {
	if why := w.missing(p); why != "" {
		return Token{}, p.problem(problem.LoginNeeded, needed(p.System), "%s", why)
	}
	var token, from string
	var err error
	switch p.System {
	case github:
		token, from, err = w.askGitHub(ctx, p)
	case azureDevOps:
		token, from, err = w.askAzure(ctx, p)
	case buildkite:
		token, from, err = w.askAgent(ctx, p)
	default:
		token, from, err = w.held(p)
	}
	if err != nil {
		return Token{}, err
	}
	body, err := parse(p, token, from)
	if err != nil {
		return Token{}, err
	}
	claims := body.claims()
	if now := w.Now(); !claims.Expires.IsZero() && !now.Before(claims.Expires) {
		return Token{}, expired(p, claims, from, now)
	}
	return Token{creds.NewSecret(strings.TrimSpace(token)), claims}, nil
}

// expired says so before STS is asked. Whose clock is wrong the times tell.
func expired(p Place, c Claims, from string, now time.Time) error {
	issued := ""
	if !c.Issued.IsZero() {
		issued = "issued at " + stamp(c.Issued) + ", "
	}
	return p.problem(problem.LoginNeeded, renewed(p.System), "%s expired at %s (%sit is %s here)", from, stamp(c.Expires), issued, stamp(now))
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
