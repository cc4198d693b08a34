package cli

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"maps"
	"strings"
	"time"

	"whichrole/internal/broker"
	"whichrole/internal/creds"
	"whichrole/internal/endpoint"
	"whichrole/internal/launch"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// serving is what the process that serves a command is given, by a pipe: its first credentials, and what to ask for when they
// are half over. It holds secrets.
type serving struct {
	Pins                         launch.Pins
	Timeout                      time.Duration
	AccessKeyID, Secret, Session string
	AccountID                    string
	Expires, Told                time.Time
	Token                        string // of the endpoint
}

// served is the environment of a command whose SDKs ask an endpoint of ours. All of them ask it last: with credentials in
// [default] they would take those.
func (e *execution) served() (paths.Env, error) {
	files, err := e.files()
	if err != nil {
		return nil, err
	}
	if where := files.Default(); where != "" {
		return nil, problem.New(problem.Failure, "%s has credentials in [default], and SDKs would take those instead of what --server offers", where).
			WithHint("leave --server out, or give that profile another name")
	}
	token := creds.NewSecret(rand.Text() + rand.Text())
	order, err := json.Marshal(e.serving(token))
	if err != nil {
		return nil, err
	}
	env := maps.Clone(e.env.BeforeExec()) // of a process that stands in /
	maps.Copy(env, whole(env, files))
	url, err := launch.Keep(launch.Keeping{Order: order, Env: env, Serve: e.serve})
	if err != nil {
		return nil, err
	}
	return e.environ(e.noProfile(), launch.Endpoint(string(url), token), pastProxies(e.env)), nil
}

// serving is what is served at first, and asked for again: in the operation of the command, which the process that asks cannot see.
func (e *execution) serving(token creds.Secret) serving {
	c, pins := e.handed.Credentials, e.pins()
	pins.Operation = string(e.handed.Decision.Grant.Operation)
	return serving{
		Pins: pins, Timeout: e.options.timeout, AccessKeyID: c.AccessKeyID, Secret: c.SecretAccessKey.Reveal(),
		Session: c.SessionToken.Reveal(), AccountID: c.AccountID, Expires: c.Expires, Told: e.handed.Expiration, Token: token.Reveal(),
	}
}

// pastProxies has this machine asked directly where there is a proxy: .NET sends even what is for 127.0.0.1 there (dotnet/runtime
// issue 31680).
func pastProxies(env paths.Env) paths.Env {
	direct := paths.Env{}
	for _, proxy := range []string{"HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"} {
		for _, no := range []string{"NO_PROXY", "no_proxy"} {
			if env[proxy] != "" {
				direct[no] = strings.TrimPrefix(env[no]+",127.0.0.1", ",")
			}
		}
	}
	return direct
}

// serve runs in the process that outlives ours: nobody can be asked there.
func (a *app) serve(ctx context.Context, order []byte) ([]byte, error) {
	var o serving
	if err := json.Unmarshal(order, &o); err != nil {
		return nil, err
	}
	first := creds.Credentials{
		AccessKeyID: o.AccessKeyID, SecretAccessKey: creds.NewSecret(o.Secret), SessionToken: creds.NewSecret(o.Session),
		AccountID: o.AccountID, Expires: o.Expires,
	}
	a.options.timeout, a.options.NoInput = o.Timeout, true
	request := pinned(o.Pins, "")
	request.By = "exec --server"
	renew := func(ctx context.Context) (creds.Credentials, time.Time, error) {
		handed, err := a.credentials(request)
		if err != nil {
			a.keep(request, err)
			return creds.Credentials{}, time.Time{}, err
		}
		return handed.Credentials, handed.Expiration, nil
	}
	server, err := endpoint.Listen(first, o.Told, creds.NewSecret(o.Token), renew, a.now, a.log)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, server.Close)
	return []byte(server.URL()), nil
}

// pinned is the request that a session's helper makes, whose process stands in at.
func pinned(p launch.Pins, at string) broker.Request {
	if p.Environment != "" { // by --env, whatever a directory says
		at = ""
	}
	r := broker.Request{
		Pinned: &broker.Pin{Environment: p.Decided, Captures: p.Captures, At: at}, Dir: p.Dir, Environment: p.Environment, EnvironmentVariable: p.EnvironmentVariable, Set: p.Set, Operation: p.Operation,
		Workspace: p.Workspace, DestBranch: p.DestBranch,
	}
	if p.Approved {
		r.MapFlag = p.Map
	} else {
		r.MapVariable = p.Map
	}
	return r
}
