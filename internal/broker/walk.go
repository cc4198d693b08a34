package broker

import (
	"cmp"
	"context"

	"whichrole/internal/assume"
	"whichrole/internal/audit"
	"whichrole/internal/credcache"
	"whichrole/internal/partition"
	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
	"whichrole/internal/source"
)

// walk is the way from a source to the credentials of one request.
type walk struct {
	*Broker
	cache *credcache.Cache
	grant *rolemap.Grant // nil for a login: then it is all about the source
	first First

	ask      Ask  // puts a question to a person; nil: nobody may be asked
	terminal bool // another program may ask on the terminal as well
}

// limit is how long the call may take in all.
func (w *walk) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if !w.mayAsk() {
		return context.WithTimeout(ctx, w.Timeout)
	}
	w.Longer(withPerson)
	return context.WithTimeout(ctx, withPerson)
}

// mayAsk tells whether a person may be asked, by us or by the program that gives the credentials.
func (w *walk) mayAsk() bool { return w.ask != nil || w.terminal && w.first.Process != nil }

// step is how long AWS may take, whatever time a person took before.
func (w *walk) step(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, w.Timeout)
}

// mint gets first credentials and walks the chain. What comes out belongs to the grant's account, or nothing does.
func (w *walk) mint(ctx context.Context, s session) (*credcache.Entry, error) {
	g := w.grant
	start, err := w.start(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := w.step(ctx)
	defer cancel()
	minted, err := w.client(s).Chain(ctx, start, s.Hops)
	if err != nil {
		return nil, err
	}
	if err := guard(g, minted.Credentials.AccountID, "the role "+minted.RoleARN); err != nil {
		return nil, err
	}
	w.Log("assumed %s, request id %s", minted.AssumedRoleARN, minted.RequestID)
	return &credcache.Entry{
		Credentials: minted.Credentials, RoleARN: g.RoleARN(), Account: g.Account, RequestID: minted.RequestID,
		Environment: g.Environment, Operation: string(g.Operation),
	}, nil
}

// start is what the map's chain begins with: what the source holds or, where its profile names roles of its own, the last of
// them. That one is kept, for it serves every environment.
func (w *walk) start(ctx context.Context) (assume.Start, error) {
	c := w.first.Choice
	if len(c.Hops) == 0 {
		return w.bottom(ctx)
	}
	s := w.sourceSession(c)
	want := w.apart(w.wantStart())
	entry, err := w.cache.Do(ctx, want, func(ctx context.Context) (*credcache.Entry, error) {
		bottom, err := w.bottom(ctx)
		if err != nil {
			return nil, err
		}
		ctx, cancel := w.step(ctx)
		defer cancel()
		minted, err := w.client(s).Chain(ctx, bottom, s.Hops)
		if err != nil {
			return nil, err
		}
		w.Log("assumed %s of %s, request id %s", minted.AssumedRoleARN, c.Entry, minted.RequestID)
		return w.entry(credcache.Entry{Credentials: minted.Credentials, RoleARN: want.RoleARN, RequestID: minted.RequestID}), nil
	})
	if err != nil {
		return assume.Start{}, err
	}
	return assume.Start{Signer: c.Description, Credentials: entry.Credentials}, nil
}

// bottom is what the source itself holds. What another program or a login gave is kept, and had once for all that ask.
func (w *walk) bottom(ctx context.Context) (assume.Start, error) {
	c := w.first.Choice
	if c.MFA != nil {
		return w.mfaSession(ctx)
	}
	if c.SSO == nil && c.Process == nil {
		base, err := w.retrieve(ctx)
		return w.startOf(base), err
	}
	// Not wantStart: where the profile has roles, start waits for this at that key.
	entry, err := w.cache.Do(ctx, w.apart(w.wantSource(c.StartIdentity, session{})), func(ctx context.Context) (*credcache.Entry, error) {
		base, err := w.retrieve(ctx)
		return w.entry(credcache.Entry{Credentials: base.Credentials}), err
	})
	if err != nil {
		return assume.Start{}, err
	}
	return assume.Start{Signer: c.Description, Credentials: entry.Credentials}, nil
}

func (w *walk) retrieve(ctx context.Context) (source.Base, error) {
	if !w.mayAsk() {
		limited, cancel := w.step(ctx)
		defer cancel()
		ctx = limited
	}
	outside := w.outside()
	outside.Terminal = w.terminal
	return w.first.Retrieve(ctx, outside)
}

func (w *walk) startOf(b source.Base) assume.Start {
	return assume.Start{
		Signer: w.first.Description, Credentials: b.Credentials, Token: b.Token,
		Issuer: b.Claims.Issuer, Subject: b.Claims.Subject, Audience: b.Claims.Audience,
	}
}

// outside is what a source needs beyond files and variables.
func (b *Broker) outside() source.Outside {
	return source.Outside{Env: b.Env.BeforeExec(), Dirs: b.Dirs, Now: b.Now, Log: b.Log}
}

// handsOutStart tells whether what start gives is handed out itself: it then belongs to the environment, to be listed with it
// and cleared with it.
func (w *walk) handsOutStart() bool {
	return w.grant != nil && len(w.grant.Hops) == 0 && w.first.MFA == nil
}

func (w *walk) entry(e credcache.Entry) *credcache.Entry {
	if w.handsOutStart() {
		e.Environment, e.Operation = w.grant.Environment, string(w.grant.Operation)
	}
	return &e
}

// wantStart is for what start gives, as far as it is kept.
func (w *walk) wantStart() credcache.Want {
	c := w.first.Choice
	switch {
	case len(c.Hops) > 0:
		want := w.wantSource(c.Identity, w.sourceSession(c))
		want.RoleARN = c.Hops[len(c.Hops)-1].RoleARN
		return want
	case c.MFA != nil:
		return w.wantMFA()
	}
	return w.wantSource(c.StartIdentity, session{})
}

// wantSource is for what a source gives, by the identity of what gives it and, where roles are assumed on the way, how.
func (w *walk) wantSource(identity string, s session) credcache.Want {
	c := w.first.Choice
	fields := append([]credcache.Field{credcache.F("source", identity)}, s.fields()...)
	if w.handsOutStart() {
		fields = append(fields, credcache.F("environment", w.grant.Environment))
	}
	return credcache.Want{
		Key: credcache.KeyOf(fields...), Way: w.way(c), Login: c.Login, Label: c.Description,
	}
}

// sourceSession is how the roles of a profile are assumed.
func (w *walk) sourceSession(c *source.Choice) session {
	s := w.sts(partition.OfARN(c.Hops[0].RoleARN), "", c)
	for _, h := range c.Hops {
		s.Hops = append(s.Hops, assume.Hop{
			RoleARN: h.RoleARN, SessionName: cmp.Or(h.SessionName, rolemap.FitSessionName(osAccount())),
			Duration: h.Duration, ExternalID: h.ExternalID,
		})
	}
	return s
}

// own hands out the source's own credentials, for an environment that names no role, once it is known whose they are.
func (w *walk) own(ctx context.Context) (*Handed, error) {
	g := w.grant
	start, err := w.start(ctx)
	if err != nil {
		return nil, err
	}
	if !start.Token.Empty() {
		return nil, problem.New(problem.LoginNeeded, "environment %s names no role, and %s is a token: only a role can be got for it", g.Environment, w.first.Entry).
			WithHint("give the environment a role_arn")
	}
	account, whose := start.Credentials.AccountID, start.Signer
	if w.first.SSO == nil && len(w.first.Hops) == 0 { // what a helper or a file says of it is not what AWS says
		if account, err = w.accountOf(ctx, start); err != nil {
			return nil, err
		}
	}
	if err := guard(g, account, whose); err != nil {
		return nil, err
	}
	start.Credentials.AccountID = account
	h := &Handed{Credentials: start.Credentials, from: audit.FromSource}
	if !h.Credentials.Expires.IsZero() {
		if !credcache.Servable(h.Credentials.Expires, w.Now()) {
			return nil, problem.New(problem.LoginNeeded, "the credentials of %s end at %s", w.first.Description, h.Credentials.Expires.Format("15:04:05 MST"))
		}
		h.Expiration = credcache.Printed(h.Credentials.Expires)
	}
	return h, nil
}

// accountOf is the account that the start's credentials belong to, as AWS says.
func (w *walk) accountOf(ctx context.Context, start assume.Start) (string, error) {
	s := w.sts(w.grant.Partition, w.grant.Region, w.first.Choice)
	want := credcache.Want{
		Key: credcache.KeyOf(append(s.fields(), credcache.F("whose", start.Credentials.AccessKeyID))...), Way: w.way(w.first.Choice),
	}
	believed := func(account string) bool { return account == w.grant.Account }
	return w.cache.Account(ctx, want, believed, func(ctx context.Context) (string, error) {
		ctx, cancel := w.step(ctx)
		defer cancel()
		account, arn, err := w.client(s).Identity(ctx, start)
		if err == nil {
			w.Log("%s is %s", start.Signer, arn)
		}
		return account, err
	})
}

// guard is the last line: credentials of another account are never handed out.
func guard(g *rolemap.Grant, account, whose string) error {
	if account == g.Account {
		return nil
	}
	return problem.New(problem.Refused, "environment %s is account %s, but %s belongs to account %s: nothing is handed out",
		g.Environment, g.Account, whose, account).WithHint("whichrole explain")
}
