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
}

// PassedOver tells which stores s does without, and why: for explain and doctor.
func PassedOver(s Store) []*Unavailable {
	c, ok := s.(*chain)
	if !ok {
		return nil
	}
	passed := append([]*Unavailable(nil), c.passed...)
	for _, member := range c.stores {
		if u := deadReason(member); u != nil {
			passed = append(passed, u)
		}
	}
	return passed
}

// Places tells where a value that s takes may lie: "keyring", or the absolute path of a directory.
func Places(s Store) (list []string) {
	switch s := s.(type) {
	case *chain:
		for _, member := range s.stores {
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

func (c *chain) all() []Store { return slices.Concat(c.stores, c.removing) }

func (c *chain) Name() string {
	for _, s := range c.stores {
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

// Get returns the first value found. Where there is none, the first store's error stands: a keyring that failed just
// now is not made "empty" by an empty file behind it.
func (c *chain) Get(ctx context.Context, id string) ([]byte, error) {
	result := c.nothingLeft()
	for i, s := range c.stores {
		value, err := s.Get(ctx, id)
		if err == nil {
			return value, nil
		}
		if i == 0 {
			result = err
		}
	}
	return nil, result
}

// Set gives the value to the first store that is there; one that is too big for it is for the caller to hear of.
func (c *chain) Set(ctx context.Context, id string, value []byte, expires time.Time) error {
	result := c.nothingLeft()
	for i, s := range c.stores {
		err := s.Set(ctx, id, value, expires)
		if _, unavailable := errors.AsType[*Unavailable](err); !unavailable {
			return err
		}
		if i == 0 {
			result = err
		}
	}
	return result
}

// Delete asks all stores: what was put into the file while the keyring was locked must go too.
func (c *chain) Delete(ctx context.Context, id string) error {
	if len(c.all()) == 0 {
		return c.nothingLeft()
	}
	return fromAll(c.all(), func(s Store) error { return s.Delete(ctx, id) })
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
	for _, u := range c.passed {
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

// Without is a store that keeps nothing, and gives u as the reason: for one that was asked for and cannot be used.
func Without(u *Unavailable) Store { return &chain{passed: []*Unavailable{u}} }

// nothingLeft is the error of a chain without stores: all reasons in one line.
func (c *chain) nothingLeft() error {
	u := &Unavailable{Store: "none", Class: Absent}
	var reasons []string
	for _, p := range c.passed {
		if p.Store == "none" {
			return p
		}
		reasons = append(reasons, p.Error())
	}
	u.Detail = strings.Join(reasons, "; ")
	return u
}
