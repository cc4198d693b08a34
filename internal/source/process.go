package source

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"whichrole/internal/child"
	"whichrole/internal/creds"
	"whichrole/internal/problem"
)

// tooShort is what is not worth a role: the SDKs are told to stop 60 s before the end.
const tooShort = 2 * time.Minute

// maxKept is how long a program's credentials are used at most before it is asked again. Some print long-term keys with an
// Expiration years ahead, and those would outlive their rotation in the cache.
const maxKept = 12 * time.Hour

// run gets credentials from another program, by the AWS SDK reference guide, "Process credential provider". Its output holds
// secrets and is quoted nowhere: a malformed one ends up in the error of some SDKs.
func (p *Process) run(ctx context.Context, o Outside) (creds.Credentials, error) {
	out, err := child.Run(ctx, child.Command{Line: p.Line, Env: o.Env, Terminal: o.Terminal})
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
	if !c.Expires.After(now.Add(tooShort)) {
		return creds.Credentials{}, p.problem("what it printed has expired, or is about to, at " + c.Expires.Format(time.RFC3339))
	}
	if latest := now.UTC().Add(maxKept).Truncate(time.Second); c.Expires.After(latest) {
		c.Expires = latest
	}
	return c, nil
}

func (p *Process) problem(what string) *problem.Error {
	return problem.New(problem.LoginNeeded, "the credential_process in %s gave no credentials: %s", p.Where, what).
		WithHint("run that line by hand, with >/dev/null, to see what is wrong")
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
