package broker

import (
	"context"
	"time"

	"whichrole/internal/credcache"
	"whichrole/internal/keystore"
	"whichrole/internal/problem"
	"whichrole/internal/source"
)

// Session is what a login got.
type Session struct {
	What  string    // of which source, in words
	Until time.Time // zero where there was nothing to log in to
	Kept  string    // where: keyring, kernel, file, or a path
}

// loginName is what a person logs in to, in words.
func (f First) loginName() string {
	switch {
	case f.SSO != nil:
		return f.SSO.Session.String()
	case f.MFA != nil:
		return f.Entry.String() + ", MFA device " + f.MFA.Serial
	}
	return f.Description
}

// loginPatience is how long a keyring may take that asks the person at the terminal to unlock it.
const loginPatience = time.Minute

// loginSource is the source of the request's directory or, where a profile is named, that one, wherever we are.
func (b *Broker) loginSource(r Request, profile string) (d *Decision, first First, err error) {
	if profile == "" {
		if d, err = b.Decide(r); err != nil {
			return d, first, err
		}
		first, err = b.Source(d)
		return d, first, err
	}
	d = &Decision{}
	if err := b.user(d); err != nil {
		return d, first, err
	}
	first, err = b.choose(d, []source.Entry{{Kind: "profile", Name: profile}})
	return d, first, err
}

// Login gets a new session of the source: a code of its MFA device, or a sign-in to IAM Identity Center. A source that holds
// what it needs is no failure: its Session has no end.
func (b *Broker) Login(ctx context.Context, r Request, profile string, ui source.UI) (*Session, error) {
	d, first, err := b.loginSource(r, profile)
	if err != nil {
		return nil, err
	}
	cache, err := b.loginCache(d)
	if err != nil {
		return nil, err
	}
	switch {
	case first.SSO != nil:
		until, file, err := first.SignIn(ctx, b.outside(), ui)
		return &Session{What: first.loginName(), Until: until, Kept: file}, err
	case first.MFA != nil:
		return b.loginMFA(ctx, d, first, cache)
	}
	return &Session{What: first.Description}, nil
}

// loginCache is the store, whose keyring may ask to be unlocked now, and what failed a moment ago is tried again.
func (b *Broker) loginCache(d *Decision) (*credcache.Cache, error) {
	options := b.storeOptions()
	options.MayPrompt, options.Timeout = true, loginPatience
	keystore.Revive(options)
	cache, err := b.open(d.User.Cache, options)()
	if err == nil {
		err = cache.Flight.Lift()
	}
	return cache, err
}

func (b *Broker) loginMFA(ctx context.Context, d *Decision, first First, cache *credcache.Cache) (*Session, error) {
	w := &walk{Broker: b, cache: cache, first: first, ask: b.Person.Terminal, terminal: b.Person.Terminal != nil}
	if d.User.Prompt == "dialog" && b.Person.Dialog != nil {
		w.ask = b.Person.Dialog
	}
	if w.ask == nil && first.MFA.Process == "" {
		return nil, problem.New(problem.LoginNeeded, "%s needs a code of the MFA device %s, and there is no terminal to ask on", first.Entry, first.MFA.Serial).
			WithHint("run it in a terminal, or set mfa_process in the AWS config file")
	}
	if err := cache.Probe(ctx); err != nil { // before a code is used up
		return nil, problem.New(problem.Failure, "nothing here can keep the session: %v", err).WithHint("whichrole --verbose cache list; with cache: none every call would need a code").Because(err)
	}
	entry, err := cache.Renew(ctx, w.wantMFA(), w.mintMFA)
	if entry == nil {
		return nil, err
	}
	if err != nil {
		return nil, problem.New(problem.Failure, "the session is there, but cannot be kept: %v", err).Because(err)
	}
	return &Session{What: first.loginName(), Until: entry.Credentials.Expires, Kept: cache.Store.Name()}, nil
}

// LoggedIn is until when a person is logged in to the source, as far as metadata and files say; the keyring is left alone.
// Needed is false where there is nothing to log in to; renews tells that what has ended is renewed without a person.
func (b *Broker) LoggedIn(first First) (until time.Time, renews, needed bool) {
	switch {
	case first.SSO != nil:
		until, renews = first.SignedIn(b.outside())
	case first.MFA != nil:
		w := &walk{Broker: b, first: first}
		id := w.wantMFA().Key.ID()
		list, _ := b.Cached()
		for _, m := range list {
			if m.ID == id {
				until = m.Expires
			}
		}
	}
	return until, renews, first.Login != ""
}

// Logout forgets the source's session and all credentials that came of it; removed counts those. A source without one is
// left alone: found is false.
func (b *Broker) Logout(ctx context.Context, r Request, profile string) (what string, removed int, found bool, err error) {
	_, first, err := b.loginSource(r, profile)
	if err != nil || first.Login == "" {
		return first.description(), 0, false, err
	}
	id := credcache.LoginID(first.Login)
	removed, err = b.Forget(ctx, func(m credcache.Meta) bool { return m.Login == id })
	found = removed > 0
	if first.SSO != nil {
		signedOut, failure := first.SignOut(ctx, b.outside())
		found = found || signedOut
		if err == nil {
			err = failure
		}
	}
	return first.loginName(), removed, found, err
}
