package credcache

import (
	"context"
	"errors"
	"slices"
	"sort"
	"time"

	"whichrole/internal/keystore"
	"whichrole/internal/problem"
)

const (
	sweepLooks    = 32 // metadata files that one Put reads
	sweepRemovals = 2  // entries that one Put removes; in the keyring a removal costs five D-Bus calls
)

// Clear removes the entries that filter chooses, then their metadata; a nil filter removes all that the stores hold of
// ours, listed or not. What is expired or has unreadable metadata goes too. n is how many were there, as far as the
// stores can tell. Where a place could not be reached, what may lie there stays listed, and after all the rest the
// error is a *problem.Error that says so. Use it with a store that reaches all (keystore.Auto, with Places).
func (c *Cache) Clear(ctx context.Context, filter func(Meta) bool) (n int, err error) {
	ids, err := c.ids()
	if err != nil {
		err = problem.New(problem.Failure, "what is cached cannot be listed: %v", err).Because(err)
	}
	for _, id := range ids {
		m, ok := c.readMeta(id)
		wanted := !ok || filter == nil || filter(m) // the unreadable may be what is wanted
		if !wanted && !c.expired(m) {
			continue
		}
		there, failure := c.forget(ctx, m)
		if there && wanted {
			n++
		}
		if wanted && err == nil {
			err = failure
		}
	}
	c.sweepTemporary()
	if filter != nil {
		return n, err
	}
	c.forgetNotes(func(time.Time) bool { return true })
	unlisted, failure := c.Store.Clear(ctx)
	if err == nil && failure != nil {
		err = stays(failure)
	}
	return n + unlisted, err
}

// forget deletes the item first: metadata without an item is harmless, an item that nobody lists is not forgotten.
func (c *Cache) forget(ctx context.Context, m Meta) (there bool, err error) {
	unreached := c.unreached(m)
	err = c.Store.Delete(ctx, m.ID)
	there = err == nil
	switch {
	case unreached != nil:
		return there, stays(unreached)
	case err != nil && !errors.Is(err, keystore.ErrNotFound):
		return there, stays(err)
	}
	if err := c.unlist(m.ID); err != nil {
		return there, problem.New(problem.Failure, "it is forgotten, but stays listed: %v", err).Because(err)
	}
	return there, nil
}

// unreached is a store in which the entry may lie though the Cache's store does not reach it, or nil. What has
// unreadable metadata may lie in any.
func (c *Cache) unreached(m Meta) error {
	passed := keystore.PassedOver(c.Store)
	for _, place := range m.places() {
		if keystore.Reaches(c.Store, place) {
			continue
		}
		if i := slices.IndexFunc(passed, func(u *keystore.Unavailable) bool { return u.Store == place }); i >= 0 {
			return passed[i]
		}
		return &keystore.Unavailable{Store: place, Class: keystore.Absent, Detail: "not in use"}
	}
	if len(m.places()) > 0 {
		return nil
	}
	for _, u := range passed {
		if u.Class != keystore.Absent {
			return u
		}
	}
	return nil
}

// stays turns the error of a removal into what the user must know of it: that is no time to claim completeness.
func stays(err error) error {
	const again = "whichrole cache clear"
	u, ok := errors.AsType[*keystore.Unavailable](err)
	if !ok {
		return problem.New(problem.Failure, "%v: what is cached stays", err).Because(err)
	}
	store := "the " + u.Store
	switch u.Store {
	case "file":
		store += " store"
	case "kernel":
		store += "'s keyring"
	}
	message, hint := store+" refuses: "+u.Detail, "mend that, then run: "+again
	switch u.Class {
	case keystore.Locked:
		message, hint = store+" is locked", "unlock it, then run: "+again
	case keystore.TimedOut:
		message, hint = store+" did not answer in time", "restart it, then run: "+again
	case keystore.Absent:
		message, hint = store+" is out of reach: "+u.Detail, "in the session that has it, run: "+again
	}
	return problem.New(problem.Failure, "%s: what it holds stays", message).WithHint("%s", hint).Because(u)
}

// sweep removes a few of the expired entries that follow own in the order of ids, so that in the long run each gets its
// turn. Another process may be renewing one of them at this moment: it then loses its copy, and mints once more.
func (c *Cache) sweep(ctx context.Context, own string) {
	ids, err := c.ids()
	if err != nil {
		return
	}
	start, removed := sort.SearchStrings(ids, own), 0
	for i := 1; i < min(len(ids), sweepLooks) && removed < sweepRemovals; i++ {
		m, ok := c.readMeta(ids[(start+i)%len(ids)])
		if !ok || m.ID == own || !c.expired(m) || c.unreached(m) != nil {
			continue
		}
		if _, err := c.forget(ctx, m); err != nil {
			return
		}
		removed++
	}
}
