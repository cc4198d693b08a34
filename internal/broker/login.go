package broker

import (
	"context"
	"errors"
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
	Kept  string    // where, in words: the keyring, or a path
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

// loginSource is the source of the request's directory or, where a profile is named, that one, wherever we are. A directory
// without an environment has the map's own source: one login serves them all.
func (b *Broker) loginSource(r Request, profile string) (d *Decision, first First, err error) {
	if profile != "" {
		d = &Decision{}
		if err := b.user(d); err != nil {
			return d, first, err
		}
		d.User.Profiles = nil // what is typed is the profile's own name
		first, err = b.choose(d, []source.Entry{{Kind: "profile", Name: profile}})
		return d, first, profileProblem(err, profile, first)
	}
	d, err = b.Decide(r)
	switch {
	case errors.Is(err, problem.ErrNowhere) && d.Map != nil && d.Trust.How != "": // a typo or a tie is no "nowhere"
		first, err = b.choose(d, entries(d.Map.Sources()), entries(d.User.Sources))
	case problem.CodeOf(err) == problem.NoEnvironment && d.File == nil:
		p, _ := errors.AsType[*problem.Error](err)
		return d, first, p.WithHint("go to the repository, or name a profile: whichrole login --profile NAME")
	case err == nil:
		first, err = b.Source(d)
	}
	return d, first, err
}

// profileProblem words the failure of a profile that was named on the command line.
func profileProblem(err error, profile string, first First) error {
	p, ok := errors.AsType[*problem.Error](err)
	switch {
	case !ok:
		return err
	case len(first.Notes) > 0:
		return problem.New(p.Code, "there is no profile %s: %s", profile, first.Notes[0].Text).WithHint("aws configure list-profiles")
	case errors.Is(err, source.ErrLeadsBack):
		return p.WithHint("to log in to the source of a directory, run there: whichrole login")
	}
	return err
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
	defer cache.Flight.Lift() // helpers may have failed while a person was busy
	if first.Login != "" && b.Person.Terminal == nil && (first.MFA == nil || first.MFA.Process == "") {
		return nil, problem.New(problem.LoginNeeded, "%s needs a person, and --no-input (WHICHROLE_NO_INPUT) says that there is none", first.loginName()).
			WithHint("run it without --no-input")
	}
	if until, _, _ := b.LoggedIn(first); until.After(b.Now()) {
		ui.Say("logged in already until %s, by its record; this login replaces it", until.Local().Format("2006-01-02 15:04"))
	}
	switch {
	case first.SSO != nil:
		return b.loginSSO(ctx, first, ui)
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

// loginSSO also forgets what came of the login before: another person may have signed in now, and what AWS has revoked would
// be served on.
func (b *Broker) loginSSO(ctx context.Context, first First, ui source.UI) (*Session, error) {
	until, dir, err := first.SignIn(ctx, b.outside(), ui)
	if err != nil {
		return nil, err
	}
	err = b.metadata().LoggedOut(first.Login)
	if _, failure := b.Forget(ctx, cameOf(first)); failure != nil {
		err = failure
	}
	if err != nil {
		ui.Say("what came of the login before may still be served: %s; whichrole cache clear ends that", err.Error())
	}
	return &Session{What: first.loginName(), Until: until, Kept: dir}, nil
}

// cameOf selects what came of a source's login.
func cameOf(first First) func(credcache.Meta) bool {
	id := credcache.LoginID(first.Login)
	return func(m credcache.Meta) bool { return m.Login == id }
}

func (b *Broker) loginMFA(ctx context.Context, d *Decision, first First, cache *credcache.Cache) (*Session, error) {
	w := &walk{Broker: b, cache: cache, first: first, ask: open(b.Person.Terminal)}
	w.terminal = w.ask != nil
	if w.ask == nil && d.User.Prompt == "dialog" {
		w.ask = open(b.Person.Dialog)
	}
	if w.ask == nil && first.MFA.Process == "" {
		return nil, problem.New(problem.LoginNeeded, "%s needs a code of the MFA device %s, and there is no terminal to ask on", first.Entry, first.MFA.Serial).
			WithHint("run it in a terminal, or set mfa_process in the AWS config file")
	}
	if err := w.findKeeper(ctx, d); err != nil { // before a code is used up
		return nil, err
	}
	if first.MFA.Process != "" { // which gives the same code again
		w.ask = nil
	}
	entry, err := w.cache.Renew(ctx, w.wantMFA(), w.mintMFA)
	if entry == nil {
		return nil, err
	}
	if err != nil {
		return nil, problem.New(problem.Failure, "the session is there, but cannot be kept: %v", err).Because(err)
	}
	return &Session{What: first.loginName(), Until: entry.Credentials.Expires, Kept: storeWords(w.cache.Store.Name())}, nil
}

// findKeeper makes sure that the store keeps a session. A keyring that stays locked is left alone then: helpers do without it
// as well.
func (w *walk) findKeeper(ctx context.Context, d *Decision) error {
	err := w.cache.Probe(ctx)
	if u, ok := errors.AsType[*keystore.Unavailable](err); ok && u.Class == keystore.Locked {
		if w.cache, err = w.openCache(d.User.Cache)(); err == nil {
			err = w.cache.Probe(ctx)
		}
	}
	if err == nil {
		return nil
	}
	if choice, _ := w.cacheChoice(d.User.Cache); choice == keystore.None {
		return problem.New(problem.Failure, "nothing here can keep the session: the cache is switched off").WithHint("%s", w.nothingKept(d)).Because(err)
	}
	return problem.New(problem.Failure, "nothing here can keep the session: %v", err).WithHint("whichrole --verbose credential-process >/dev/null").Because(err)
}

// storeWords is where something is kept.
func storeWords(store string) string {
	switch store {
	case "keyring":
		return "the keyring"
	case "kernel":
		return "the kernel's keyring"
	case "file":
		return "a file in memory"
	}
	return store
}

// LoggedIn is until when a person is logged in to the source, as far as metadata and files say; the keyring is left alone.
// Needed is false where there is nothing to log in to; renews tells that what has ended is renewed without a person.
func (b *Broker) LoggedIn(first First) (until time.Time, renews, needed bool) {
	switch {
	case first.SSO != nil:
		until, renews = first.SignedIn(b.outside())
	case first.MFA != nil:
		m, _ := b.listed((&walk{Broker: b, first: first}).wantMFA())
		until = m.Expires
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
	noted := b.metadata().LoggedOut(first.Login) // first: helpers may be fetching more of it
	var session []string                         // also where nobody lists it
	if first.MFA != nil {
		session = append(session, (&walk{Broker: b, first: first}).wantMFA().Key.ID())
	}
	removed, err = b.Forget(ctx, cameOf(first), session...)
	found = removed > 0
	if first.SSO != nil {
		signedOut, failure := first.SignOut(ctx, b.outside())
		found = found || signedOut
		if err == nil {
			err = failure
		}
	}
	if err == nil && noted != nil {
		err = problem.New(problem.Failure, "all is forgotten, but what is being fetched at this moment may be kept: %v", noted).Because(noted)
	}
	return first.loginName(), removed, found, err
}
