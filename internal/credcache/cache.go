// Package credcache gives the credentials of a key, from the store while they are fresh, and newly minted once for all
// processes that ask at the same time.
//
// Those that wait get what the one got from its own hands and not from the store (package flight). So where the store could
// not be written, or there is none, twenty that ask at once still cost one call; who comes after them costs another.
package credcache

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"whichrole/internal/creds"
	"whichrole/internal/flight"
	"whichrole/internal/keystore"
)

// Cache keeps credentials in Store, and what may be listed about them in Dir.
type Cache struct {
	Store  keystore.Store
	Dir    string // absolute: the state directory's cache/, one <id>.json of metadata per entry; without it nothing is listed
	Flight *flight.Group
	Now    func() time.Time
	Log    func(format string, args ...any) // --verbose: never a secret
}

// Want says which credentials are asked for. Role and account are compared with what is stored under Key: a swapped
// item is a miss, not somebody else's credentials. RoleARN is empty for what is not a role (an MFA session).
type Want struct {
	Key     Key
	RoleARN string
	Account string
	Way     string // how AWS is reached: who reaches it otherwise is not waited for; it decides nothing about what is stored

	// The rest is no part of what is stored.
	Label    string // what it is, for lists, where RoleARN does not say it: MFA session of profile corp
	Login    string // the identity of what a person logged in to, from which this came; "" where nobody had to
	ToTheEnd bool   // only a person can renew it: it is Fresh as long as it may be served at all
}

// Entry is one set of credentials and where it comes from. RoleARN and Account are filled in by Get.
type Entry struct {
	Credentials creds.Credentials
	RoleARN     string
	Account     string
	Minted      time.Time // to the second, UTC; Put takes now where it is zero
	RequestID   string    // of the STS call
	Environment string
	Operation   string
}

// Get looks the credentials up: one Store.Get, and nothing else on the way to a hit. Usable ones are good only where
// STS can't be reached. The reason says why it is not Fresh; it may quote hostile text, never a secret.
func (c *Cache) Get(ctx context.Context, w Want) (best *Entry, freshness Freshness, reason string) {
	err := keystore.Find(ctx, c.Store, w.Key.ID(), func(raw []byte) bool {
		e, f, why := c.read(raw, w)
		if reason == "" || f > freshness || f == freshness && best != nil && e.Credentials.Expires.After(best.Credentials.Expires) {
			best, freshness, reason = e, f, why
		}
		return f == Fresh
	})
	if err != nil {
		return nil, Miss, c.missReason(err)
	}
	return best, freshness, reason
}

// read judges what was stored, or handed over by another process.
func (c *Cache) read(raw []byte, w Want) (*Entry, Freshness, string) {
	e, reason := decode(raw, w)
	if e == nil {
		return nil, Miss, reason
	}
	freshness, reason := judge(e.Minted, e.Credentials.Expires, c.Now())
	switch {
	case freshness == Miss:
		return nil, Miss, reason
	case freshness == Usable && w.ToTheEnd:
		return e, Fresh, ""
	}
	return e, freshness, reason
}

// missReason tells an empty store from one that can't be read, and from one that stands in for it.
func (c *Cache) missReason(err error) string {
	if !errors.Is(err, keystore.ErrNotFound) {
		return err.Error()
	}
	reasons := []string{"nothing stored (" + c.Store.Name() + ")"}
	for _, u := range keystore.PassedOver(c.Store) {
		reasons = append(reasons, u.Error())
	}
	return strings.Join(reasons, "; ")
}

// Put stores e, replacing what is there, and its metadata; then it removes a few expired entries. An error is for the
// record only: the credentials are as good as before, and the caller hands them out. raw is what was to be stored, also where
// it could not be; it is nothing where e can't be encoded.
func (c *Cache) Put(ctx context.Context, w Want, e Entry) (raw []byte, err error) {
	if e.Minted.IsZero() {
		e.Minted = c.Now()
	}
	raw, err = encode(w, e)
	if err != nil {
		return nil, err
	}
	meta := metaOf(w, e, c.Store)
	_, old := c.readMeta(meta.ID)
	if !old { // before the entry: one that nobody lists would stay when its environment is cleared
		err = c.writeMeta(meta)
	}
	if err := c.Store.Set(ctx, meta.ID, raw, e.Credentials.Expires); err != nil {
		if !old {
			c.unlist(meta.ID)
		}
		return raw, err
	}
	if now := c.Store.Name(); old || now != meta.Store {
		meta.Store = now
		err = c.writeMeta(meta)
	}
	if err != nil {
		return raw, fmt.Errorf("the entry is stored, but not listed: %w", err)
	}
	c.sweep(ctx, meta.ID)
	return raw, nil
}
