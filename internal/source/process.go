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

// run gets credentials from another program, by the AWS SDK reference guide, "Process credential provider". Its output holds
// secrets and is quoted nowhere: a malformed one ends up in the error of some SDKs.
func (p *Process) run(ctx context.Context, o Outside) (creds.Credentials, error) {
	out, err := child.Run(ctx, child.Command{Line: p.Line, Env: o.Env, Terminal: o.Terminal})
	if err != nil {
		return creds.Credentials{}, p.failure(ctx, err)
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
	if !c.Expires.After(o.Now().Add(tooShort)) {
		return creds.Credentials{}, p.problem("what it printed has expired, or is about to, at " + c.Expires.Format(time.RFC3339))
	}
	return c, nil
}

func (p *Process) problem(what string) *problem.Error {
	return problem.New(problem.LoginNeeded, "the credential_process in %s gave no credentials: %s", p.Where, what).
		WithHint("run that line by hand, with >/dev/null, to see what is wrong")
}

func (p *Process) failure(ctx context.Context, err error) *problem.Error {
	e := p.problem(err.Error())
	f, _ := errors.AsType[*child.Failure](err)
	if f != nil && f.TimedOut {
		e.Code = problem.Unreachable
	}
	if f != nil && f.Said {
		e.Message += ", and says why on stderr"
	}
	return e.Because(ctx.Err())
}
