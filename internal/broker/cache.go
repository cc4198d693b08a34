package broker

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"whichrole/internal/credcache"
	"whichrole/internal/flight"
	"whichrole/internal/keystore"
	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
	"whichrole/internal/source"
)

// openCache begins to open the store that the user wants, and gives what waits for it: the way to the keyring costs as much
// as the map's, so both are gone at once. Nothing is looked up on it. A store that cannot be used is as good as none: a
// miss, with a reason.
func (b *Broker) openCache(user string) func() (*credcache.Cache, error) {
	return b.open(user, b.storeOptions())
}

func (b *Broker) open(user string, options keystore.Options) func() (*credcache.Cache, error) {
	choice, err := b.cacheChoice(user)
	if err != nil {
		return func() (*credcache.Cache, error) { return nil, err }
	}
	type result struct {
		store keystore.Store
		err   error
	}
	opened := make(chan result, 1)
	go func() {
		store, err := keystore.Open(choice, options)
		opened <- result{store, err}
	}()
	return func() (*credcache.Cache, error) {
		r := <-opened
		if unavailable, ok := errors.AsType[*keystore.Unavailable](r.err); ok {
			b.Log("no cache: %v", r.err)
			r = result{store: keystore.Without(unavailable)}
		}
		cache := b.metadata()
		cache.Store = r.store
		return cache, r.err
	}
}

// cacheChoice is the store that is asked for: by the variable, else by the user's file.
func (b *Broker) cacheChoice(user string) (keystore.Choice, error) {
	return keystore.ParseChoice(cmp.Or(b.Env["WHICHROLE_CACHE"], user))
}

// want is what to look for: a key that digests everything that decides the credentials, and what must stand inside.
func (b *Broker) want(g *rolemap.Grant, first First, s session) credcache.Want {
	fields := append([]credcache.Field{
		credcache.F("environment", g.Environment), // which it is cleared by
		credcache.F("source", first.Identity), credcache.F("account", g.Account),
	}, s.fields()...)
	return credcache.Want{Key: credcache.KeyOf(fields...), RoleARN: g.RoleARN(), Account: g.Account, Way: b.way(first.Choice), Login: first.Login}
}

// way is how AWS is reached from here. What one process can't reach, another may whose proxy or certificates are others: they
// share credentials, but neither failures nor the wait.
func (b *Broker) way(c *source.Choice) string {
	list := []string{"ca_bundle=" + c.Settings.CABundle}
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR"} {
		list = append(list, name+"="+b.Env[name])
	}
	return strings.Join(list, "\n")
}

// Cached lists what the metadata says is cached; the keyring is left alone.
func (b *Broker) Cached() ([]credcache.Meta, error) { return b.metadata().List() }

// CachedFor is what the metadata says of a decision's credentials, in the store that is chosen now. The keyring is left
// alone, so it may be wrong: what lies in memory is gone after a reboot.
func (b *Broker) CachedFor(d *Decision, first First) (credcache.Meta, bool) {
	choice, err := b.cacheChoice(d.User.Cache)
	if err != nil || choice == keystore.None {
		return credcache.Meta{}, false
	}
	var want credcache.Want
	if len(d.Grant.Hops) > 0 {
		want = b.want(d.Grant, first, b.session(d.Grant, first))
	} else { // the source's own
		want = (&walk{Broker: b, grant: d.Grant, first: first}).wantStart()
	}
	m, found := b.listed(want)
	return m, found && (choice == keystore.Auto || string(choice) == m.Store)
}

// listed is the metadata of what is wanted.
func (b *Broker) listed(w credcache.Want) (credcache.Meta, bool) {
	list, _ := b.Cached() // without metadata nothing is known to be cached
	i := slices.IndexFunc(list, func(m credcache.Meta) bool { return m.ID == w.Key.ID() })
	if i < 0 {
		return credcache.Meta{}, false
	}
	return list[i], true
}

// Forget removes the cached credentials that drop selects (nil: all, listed or not), and tells how many there were. It also
// ends the cool-down of failures, and the minute in which a keyring that did not answer is left alone.
// What has these ids goes in any case.
func (b *Broker) Forget(ctx context.Context, drop func(credcache.Meta) bool, ids ...string) (int, error) {
	cache := b.metadata()
	var err error
	options := b.storeOptions()
	keystore.Revive(options)
	lifted := cache.Flight.Lift()
	// Every store that this machine has, whichever is chosen now: an entry may lie where an earlier choice put it.
	options.Places = cache.Places()
	if cache.Store, err = keystore.Open(keystore.Auto, options); err != nil {
		return 0, err
	}
	n, err := cache.Clear(ctx, drop)
	for _, id := range ids {
		if gone := cache.Store.Delete(ctx, id); gone == nil {
			n++
		} else if err == nil && !errors.Is(gone, keystore.ErrNotFound) {
			err = gone
		}
	}
	if err == nil && lifted != nil {
		err = problem.New(problem.Failure, "removed %d, but the last failures cannot be forgotten: %v", n, lifted).Because(lifted)
	}
	return n, err
}

func (b *Broker) storeOptions() keystore.Options {
	return keystore.Options{Dirs: b.Dirs, Env: b.Env, Now: b.Now}
}

// metadata is a cache whose store is never asked. Without a state directory there is none: "cache" alone would be a
// directory of whatever repository we stand in.
func (b *Broker) metadata() *credcache.Cache {
	c := &credcache.Cache{Now: b.Now, Log: b.Log, Flight: &flight.Group{Dirs: b.Dirs, Now: b.Now, Log: b.Log}}
	if b.Dirs.State != "" {
		c.Dir = filepath.Join(b.Dirs.State, "cache")
	}
	return c
}
