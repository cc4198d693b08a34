package keystore

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

// chain is several stores, best first: a value goes to the first that can take it, and is found wherever it is.
type chain struct {
	stores   []Store
	passed   []*Unavailable // those that could not be opened
	removing []Store        // those of them that can remove all the same
	standIns func() *chain  // what comes after them, opened by the first call; nil where nothing does
}

// add takes what one of the open functions returned.
func (c *chain) add(s Store, err error) {
	if u, ok := errors.AsType[*Unavailable](err); ok {
		c.passed = append(c.passed, u)
		return
	}
	c.stores = append(c.stores, s)
}

// each goes through the stores, best first. It is where stand-ins are opened, and whoever has his answer before does
// without: each cached credential in the OS keyring is such a case.
func (c *chain) each(yield func(Store) bool) {
	for _, s := range c.stores {
		if !yield(s) {
			return
		}
	}
	if c.standIns != nil {
		c.standIns().each(yield)
	}
}

// all are the stores, and those that can only remove.
func (c *chain) all() []Store {
	list := append(slices.Collect(c.each), c.removing...)
	if c.standIns != nil {
		list = append(list, c.standIns().removing...)
	}
	return list
}

// without are the reasons for those that could not be opened.
func (c *chain) without() []*Unavailable {
	if c.standIns == nil {
		return c.passed
	}
	return slices.Concat(c.passed, c.standIns().passed)
}

// PassedOver tells which stores s does without, and why: for explain and doctor.
func PassedOver(s Store) []*Unavailable {
	c, ok := s.(*chain)
	if !ok {
		return nil
	}
	passed := slices.Clone(c.without())
	for member := range c.each {
		if u := deadReason(member); u != nil {
			passed = append(passed, u)
		}
	}
	return passed
}

// Places tells where a value that s takes may lie: "keyring", "kernel", or the absolute path of a directory.
func Places(s Store) (list []string) {
	switch s := s.(type) {
	case *chain:
		for member := range s.each {
			list = append(list, Places(member)...)
		}
		return list
	case *file:
		return []string{s.path()}
	}
	return []string{s.Name()}
}

// Reaches tells whether a Delete through s would reach that place (one of Places), or the store of that name. A value in
// a store that is locked or absent just now is not gone because another store does not have it.
func Reaches(s Store, place string) bool {
	switch s := s.(type) {
	case *chain:
		return slices.ContainsFunc(s.all(), func(member Store) bool { return Reaches(member, place) })
	case *file:
		return place == s.Name() || s.reaches(place)
	}
	return s.Name() == place
}

func (c *chain) Name() string {
	for s := range c.each {
		if deadReason(s) == nil {
			return s.Name()
		}
	}
	return "none"
}

// deadReason is why s answers no more in this process, or nil.
func deadReason(s Store) *Unavailable {
	if k, ok := s.(*keyring); ok {
		return k.deadReason()
	}
	return nil
}

// Get returns the first value found.
func (c *chain) Get(ctx context.Context, id string) (value []byte, err error) {
	err = Find(ctx, c, id, func(found []byte) bool { value = found; return true })
	return value, err
}

// Find shows the values that lie in s under an id to good, best store first, until it takes one: what was kept elsewhere
// while the keyring was away is newer than what the keyring has. Where there is no value at all, the first store's error
// stands: a keyring that failed just now is not made "empty" by an empty file behind it.
func Find(ctx context.Context, s Store, id string, good func(value []byte) bool) error {
	c, several := s.(*chain)
	if !several {
		c = &chain{stores: []Store{s}}
	}
	var first error
	found := false
	for s := range c.each {
		value, err := s.Get(ctx, id)
		if err == nil {
			found = true
			if good(value) {
				return nil
			}
		}
		if first == nil {
			first = err
		}
	}
	if found {
		return nil
	}
	return c.or(first)
}

// Set gives the value to the first store that is there and has room for it. One that had no room may hold an older value,
// which would be found first and goes when the new one is safe.
func (c *chain) Set(ctx context.Context, id string, value []byte, expires time.Time) error {
	var first error
	var full []Store
	for s := range c.each {
		err := s.Set(ctx, id, value, expires)
		_, unavailable := errors.AsType[*Unavailable](err)
		switch {
		case err == nil:
			for _, before := range full {
				before.Delete(ctx, id)
			}
			return nil
		case errors.Is(err, ErrTooBig):
			full = append(full, s)
		case !unavailable:
			return err
		}
		if first == nil {
			first = err
		}
	}
	return c.or(first)
}

// Delete asks all stores: what was put into the file while the keyring was locked must go too.
func (c *chain) Delete(ctx context.Context, id string) error {
	all := c.all()
	if len(all) == 0 {
		return c.nothingLeft()
	}
	return fromAll(all, func(s Store) error { return s.Delete(ctx, id) })
}

// Clear fails for a store that was passed over too, unless it is absent: a keyring that is locked just now will serve
// again what it holds.
func (c *chain) Clear(ctx context.Context) (n int, err error) {
	for _, s := range c.all() {
		gone, failure := s.Clear(ctx)
		n += gone
		if err == nil {
			err = failure
		}
	}
	for _, u := range c.without() {
		if u.Class != Absent && err == nil {
			err = u
		}
	}
	return n, err
}

// fromAll removes from each, also after a failure. The first failure is the error; ErrNotFound is that of all alone.
func fromAll[T any](list []T, remove func(T) error) error {
	result, failure := ErrNotFound, error(nil)
	for _, one := range list {
		switch err := remove(one); {
		case err == nil:
			result = nil
		case !errors.Is(err, ErrNotFound) && failure == nil:
			failure = err
		}
	}
	if failure != nil {
		return failure
	}
	return result
}

// InOrder is a store made of several, best first.
func InOrder(stores ...Store) Store { return &chain{stores: stores} }

// Without is a store that keeps nothing, and gives u as the reason: for one that was asked for and cannot be used.
func Without(u *Unavailable) Store { return &chain{passed: []*Unavailable{u}} }

// or is the error of the first store, or that there is none.
func (c *chain) or(first error) error {
	if first == nil {
		return c.nothingLeft()
	}
	return first
}

// nothingLeft is the error of a chain without stores: all reasons in one line.
func (c *chain) nothingLeft() error {
	u := &Unavailable{Store: "none", Class: Absent}
	var reasons []string
	for _, p := range c.without() {
		if p.Store == "none" {
			return p
		}
		reasons = append(reasons, p.Error())
	}
	u.Detail = strings.Join(reasons, "; ")
	return u
}
