// Package broker takes a request to credentials: find the map, trust it, match the directory, look into the cache, and
// otherwise get first credentials and assume the role, hop by hop.
package broker

import (
	"context"
	"time"

	"whichrole/internal/audit"
	"whichrole/internal/credcache"
	"whichrole/internal/creds"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
	"whichrole/internal/process"
)

// Broker is what every request shares: the environment, our directories and the clock.
type Broker struct {
	Env  paths.Env
	Dirs paths.Dirs
	Now  func() time.Time
	// Version is whichrole's own, for the user agent that CloudTrail records. It is asked only where AWS is.
	Version func() string
	Log     func(format string, args ...any)                      // --verbose: one step a call, never a secret
	Callers func(enough func(process.Process) bool) process.Chain // the processes above this one, see process.Callers

	Timeout time.Duration       // of a call, and of each step of one that waits for a person in between
	Person  Person              // who may be asked
	Longer  func(time.Duration) // tells who watches over the call that it may take that long from now on, for a person is asked
}

// Request is the question, after flags and variables were read.
type Request struct {
	Dir                 string // absolute; the directory that is asked about
	MapFlag             string // --map: named by hand, so approved; "" for none
	MapVariable         string // WHICHROLE_MAP: named, not approved
	Environment         string // --env
	EnvironmentVariable string // WHICHROLE_ENV
	Set                 map[string]string
	Operation           string   // plan, apply, state or "" for what Terraform is doing
	Chosen              []string // the names of the flags and variables that were said in place of what the directory says, for the trail
	By                  string   // the command that asks, for the audit trail
	Pinned              *Pin     // exec's helper asks: what was chosen by hand is in exec's own line of the trail; nil for all others
	SDK                 bool     // an AWS SDK asks, by credential_process: that may be Terraform itself, for its state
	Workspace           string
	Untrusted           bool     // a map that is not trusted is resolved all the same, for explain: it may take its time
	Command             []string // what exec is about to run, which then decides the operation; nil: the processes that called us do
	DestBranch          string   // --dest-branch: where a pull request would go, for Terrateam's queries; "" for the default branch
}

// Handed is what is handed out.
type Handed struct {
	Credentials creds.Credentials
	Expiration  time.Time // what the SDKs are told: STS's expiry minus 60 s; zero for long-term keys
	Decision    *Decision // by which they were
	First       First     // what they began with

	from, requestID string // for the audit trail
}

// Credentials answers a request with credentials for exactly the role that it decides, or with an error; never with
// others. Only a cached answer needs neither network nor AWS client. Either goes into the audit trail.
func (b *Broker) Credentials(ctx context.Context, r Request) (*Handed, error) {
	d := &Decision{}
	handed, err := b.credentials(ctx, r, d)
	b.audit(r, d, handed, err)
	return handed, err
}

// credentials leaves in d how far it came.
func (b *Broker) credentials(ctx context.Context, r Request, d *Decision) (*Handed, error) {
	if err := b.user(d); err != nil {
		return nil, err
	}
	opened := b.openCache(d.User.Cache)
	if err := b.findMap(r, d); err != nil {
		return nil, err
	}
	if err := b.decide(r, d); err != nil {
		return nil, err
	}
	if err := r.Pinned.holds(b, d); err != nil {
		return nil, err
	}
	d.asker = b.lookUp(r, d)
	cache, err := opened()
	if err != nil {
		return nil, err
	}
	first, err := b.Source(d)
	if err != nil {
		return nil, err
	}
	w := &walk{Broker: b, cache: cache, grant: d.Grant, first: first}
	w.invite(d.User.Prompt)
	ctx, cancel := w.limit(ctx)
	defer cancel()
	handed, err := w.hand(ctx)
	if err == nil {
		handed.Decision, handed.First = d, first
		b.failures().Forget(d.asked(), string(d.Grant.Operation))
	}
	return handed, w.withLogin(err, r, d)
}

// hand gives the grant's credentials, from the cache if they are there.
func (w *walk) hand(ctx context.Context) (*Handed, error) {
	if len(w.grant.Hops) == 0 {
		return w.own(ctx)
	}
	s := w.session(w.grant, w.first)
	from := audit.FromCache
	entry, err := w.cache.Do(ctx, w.apart(w.want(w.grant, w.first, s)), func(ctx context.Context) (*credcache.Entry, error) {
		from = audit.FromSTS
		return w.mint(ctx, s)
	})
	if err != nil {
		return nil, err
	}
	if !credcache.Servable(entry.Credentials.Expires, w.Now()) { // this process was stopped, or the machine slept
		return nil, problem.New(problem.Unreachable, "the credentials have ended while they were fetched").WithHint("try again")
	}
	return &Handed{
		Credentials: entry.Credentials, Expiration: credcache.Printed(entry.Credentials.Expires), from: from, requestID: entry.RequestID,
	}, nil
}
