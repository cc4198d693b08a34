package source

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"time"

	"whichrole/internal/child"
	"whichrole/internal/creds"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// maxKept is how long a program's credentials are used at most before it is asked again. Some print long-term keys with an
// Expiration years ahead, and those would outlive their rotation in the cache.
const maxKept = 12 * time.Hour

// run gets credentials from another program, by the AWS SDK reference guide, "Process credential provider". Its output holds
// secrets and is quoted nowhere: a malformed one ends up in the error of some SDKs.
func (p *Process) run(ctx context.Context, o Outside) (creds.Credentials, error) {
	out, err := child.Run(ctx, child.Command{Line: p.Line, Env: withoutProfile(o.Env), Terminal: o.Terminal})
	if err != nil {
		return creds.Credentials{}, p.failure(err)
	}
	var answer struct {
		Version                                   int
		AccessKeyID                               string `json:"AccessKeyId"`
		SecretAccessKey, SessionToken, Expiration string
	}
	if json.Unmarshal(out, &answer) != nil || answer.Version != 1 {
		return creds.Credentials{}, p.problem("what it printed is not the JSON of a credential_process with Version 1")
	}
	c := creds.Credentials{AccessKeyID: answer.AccessKeyID, SecretAccessKey: creds.NewSecret(answer.SecretAccessKey), SessionToken: creds.NewSecret(answer.SessionToken)}
	if !c.IsKey() || answer.SessionToken != "" && !c.IsSession() {
		return creds.Credentials{}, p.problem("what it printed holds no complete credentials")
	}
	if answer.Expiration == "" {
		return c, nil
	}
	expires, err := time.Parse(time.RFC3339, answer.Expiration)
	if err != nil {
		return creds.Credentials{}, p.problem("the Expiration that it printed is no time such as 2026-11-22T09:21:36Z")
	}
	c.Expires = expires.UTC().Truncate(time.Second)
	now := o.Now()
	if !c.Lasts(now) {
		return creds.Credentials{}, p.problem("what it printed has expired, or is about to, at " + c.Expires.Format(time.RFC3339))
	}
	if latest := now.UTC().Add(maxKept).Truncate(time.Second); c.Expires.After(latest) {
		c.Expires = latest
	}
	return c, nil
}

// Code is what the device's program prints: six digits. Errors are *problem.Error of code LoginNeeded, or Unreachable where it
// was not done in time.
func (m *MFA) Code(ctx context.Context, o Outside) (string, error) {
	out, err := child.Run(ctx, child.Command{Line: m.Process, Env: withoutProfile(o.Env), Terminal: o.Terminal})
	code := strings.TrimSpace(string(out))
	if err == nil && (len(code) != 6 || !consistsOf(code, digits)) {
		err = errors.New("it printed something else than six digits")
	}
	if err == nil {
		return code, nil
	}
	e := problem.New(problem.LoginNeeded, "the mfa_process in %s gave no code: %v", m.Where, err).WithHint("run that line by hand: it must print six digits and nothing else")
	if f, ok := errors.AsType[*child.Failure](err); ok && f.TimedOut {
		e.Code = problem.Unreachable
	}
	return "", e
}

// withoutProfile is the environment of a program that may be an AWS client: AWS_PROFILE names the profile that called us, and
// picks no source.
func withoutProfile(env paths.Env) paths.Env {
	env = maps.Clone(env)
	delete(env, "AWS_PROFILE")
	delete(env, "AWS_DEFAULT_PROFILE")
	return env
}

func (p *Process) problem(what string) *problem.Error {
	return problem.New(problem.LoginNeeded, "the credential_process in %s gave no credentials: %s", p.Where, what).
		WithHint("run that line by hand: it must print the JSON and nothing else")
}

func (p *Process) failure(err error) *problem.Error {
	e := p.problem(err.Error()).Because(err)
	f, _ := errors.AsType[*child.Failure](err)
	switch {
	case errors.Is(err, context.Canceled):
		e.Code, e.Hint = problem.Failure, ""
	case f != nil && f.TimedOut:
		e.Code, e.Hint = problem.Unreachable, "WHICHROLE_TIMEOUT waits longer"
	}
	if f != nil && f.Said {
		e.Message += ", and said something on stderr"
	}
	return e
}
