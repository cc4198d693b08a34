package credcache

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"time"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// Do gives credentials that may be handed out: the stored ones if they are fresh, else what mint brings, which is stored. Of
// the processes that ask at the same time one mints, and the others get what it got: the credentials, or its failure. Where
// AWS can't be reached or throttles (problem.Unreachable), what is left of the stored ones is given instead of the failure.
func (c *Cache) Do(ctx context.Context, w Want, mint func(context.Context) (*Entry, error)) (*Entry, error) {
	looked := c.Now()
	stored, freshness, why := c.Get(ctx, w)
	if freshness == Fresh {
		c.Log("from the cache: %s, minted %s", w.RoleARN, stored.Minted.Format(time.RFC3339))
		return stored, nil
	}
	c.Log("not from the cache: %s", why)
	entry, err := c.once(ctx, w, looked, mint)
	if problem.CodeOf(err) == problem.Unreachable && freshness == Usable && Servable(stored.Credentials.Expires, c.Now()) {
		c.Log("AWS could not be reached (%v): what is left is served", err)
		return stored, nil
	}
	return entry, err
}

// once renews, or takes what another process got that was renewing already. looked is when this process looked into the
// store.
func (c *Cache) once(ctx context.Context, w Want, looked time.Time, mint func(context.Context) (*Entry, error)) (*Entry, error) {
	var own *Entry
	raw, led, err := c.Flight.Do(ctx, w.meeting(), looked, func(ctx context.Context, again bool) (raw []byte, err error) {
		if again { // somebody may have stored fresh ones since
			var freshness Freshness
			if own, freshness, _ = c.Get(ctx, w); freshness == Fresh {
				return encode(w, *own)
			}
		}
		own, raw, err = c.renew(ctx, w, mint)
		return raw, err
	})
	if err != nil {
		return nil, err
	}
	if led {
		return own, nil
	}
	got, freshness, why := c.read(raw, w)
	if freshness == Fresh {
		c.Log("another process got them: minted %s", got.Minted.Format(time.RFC3339))
		return got, nil
	}
	c.Log("what another process got is of no use: %s", why)
	own, _, err = c.renew(ctx, w, mint)
	return own, err
}

// Renew mints without a look at what is stored, which it replaces: for what a person asked to have anew. Unlike in Do, what
// can't be stored is a failure, and the entry is there all the same.
func (c *Cache) Renew(ctx context.Context, w Want, mint func(context.Context) (*Entry, error)) (*Entry, error) {
	e, err := mint(ctx)
	if err != nil {
		return nil, err
	}
	if _, err = c.Put(ctx, w, *e); err != nil {
		c.Store.Delete(ctx, w.Key.ID()) // what may be there is not listed, and would outlive each clear and logout
	}
	return e, err
}

// Probe tells why nothing can be kept and listed here, or nil: for who is about to ask a person for what can be used only once.
// It may have a keyring ask to be unlocked.
func (c *Cache) Probe(ctx context.Context) error {
	name := rand.Text()
	if c.listing() {
		file := filepath.Join(c.Dir, ".new-"+name)
		if err := paths.WritePrivate(file, nil); err != nil {
			return err
		}
		os.Remove(file)
	}
	id := KeyOf(F("probe", name)).ID()
	if err := c.Store.Set(ctx, id, []byte("probe"), c.Now().Add(time.Minute)); err != nil {
		return err
	}
	if _, err := c.Store.Get(ctx, id); err != nil { // a store that takes everything and keeps nothing
		return err
	}
	return c.Store.Delete(ctx, id)
}

// renew mints and stores. raw is what others may take; it is nothing where the credentials can't be encoded, which is no
// reason not to hand them out here.
func (c *Cache) renew(ctx context.Context, w Want, mint func(context.Context) (*Entry, error)) (e *Entry, raw []byte, err error) {
	began := c.Now()
	if e, err = mint(ctx); err != nil {
		return nil, nil, err
	}
	if c.loggedOutSince(w.Login, began) {
		c.Log("not cached: somebody has logged out meanwhile")
		return e, nil, nil
	}
	raw, failure := c.Put(ctx, w, *e)
	if failure != nil {
		c.Log("not cached: %v", failure) // a failed write never costs good credentials
	}
	return e, raw, nil
}

// meeting is where those meet who want the same and reach AWS in the same way.
func (w Want) meeting() string { return KeyOf(F("key", w.Key.ID()), F("way", w.Way)).ID() }
