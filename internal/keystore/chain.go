package keystore

import (
	"context"
	"errors"
	"strings"
	"time"
)

// chain is several stores, best first: a value goes to the first that can take it, and is found wherever it is.
type chain struct {
	stores []Store
	passed []*Unavailable // those that could not be opened
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

// Reaches tells whether a Delete through s would reach the store of that name. A value in a store that is locked or
// absent just now is not gone because another store does not have it.
func Reaches(s Store, name string) bool {
	c, ok := s.(*chain)
	if !ok {
		return s.Name() == name
	}
	for _, member := range c.stores {
		if member.Name() == name {
			return true
		}
	}
	return false
}

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
	if len(c.stores) == 0 {
		return c.nothingLeft()
	}
	result, failure := ErrNotFound, error(nil)
	for _, s := range c.stores {
		switch err := s.Delete(ctx, id); {
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
