package broker

import (
	"slices"
	"strings"

	"whichrole/internal/credcache"
	"whichrole/internal/keystore"
	"whichrole/internal/rolemap"
	"whichrole/internal/survey"
)

// Listed is one role of an environment as the map says it: variables stand in it as they are written.
type Listed struct {
	survey.Role
	Environment      string
	Dirs, Workspaces []string
	Query            string           // instead of both, where Terrateam's configuration decides
	Accounts         int              // of the map that a variable in Account may become; 0 where it is one, or where the map lists none
	Cached           []credcache.Meta // by their records: the keyring is left alone
	Trusted          bool
}

// Listing is what a role map grants.
type Listing struct {
	Decision *Decision // as far as the map
	Rows     []Listed  // in the map's order
}

// List tells what the map of the request's directory grants, whether it is trusted or not. An environment or operation that
// is asked for narrows it. It uses no network and no keyring.
func (b *Broker) List(r Request) (*Listing, error) {
	d, err := b.examined(r)
	if err != nil {
		return nil, err
	}
	records := b.records(d)
	l := &Listing{Decision: d}
	for _, e := range d.Map.Entries() {
		if r.Environment != "" && r.Environment != e.Name {
			continue
		}
		for _, role := range survey.Serving(e, rolemap.Operation(r.Operation)) {
			row := Listed{
				Role: role, Environment: e.Name, Dirs: e.Dirs, Workspaces: e.Workspaces, Query: e.Query,
				Trusted: d.Trust.Allows([]string{e.Name}, "") == nil,
			}
			if strings.Contains(role.Account, "{account") {
				row.Accounts = len(d.Map.Accounts())
			}
			for _, m := range records {
				if m.Environment == e.Name && madeOf(role, m) {
					row.Cached = append(row.Cached, m)
				}
			}
			l.Rows = append(l.Rows, row)
		}
	}
	return l, nil
}

// examined is a map that was found, read and judged; the environment and captures that are
// asked for exist in it.
func (b *Broker) examined(r Request) (*Decision, error) {
	d, err := b.Examine(r)
	if err != nil {
		return d, err
	}
	return d, d.Map.Knows(r.Environment, r.Set)
}

// records are what the metadata lists in the store that is chosen now.
func (b *Broker) records(d *Decision) []credcache.Meta {
	choice, err := b.cacheChoice(d.User.Cache)
	if err != nil || choice == keystore.None {
		return nil
	}
	list, _ := b.Cached() // without metadata nothing is known to be cached
	return slices.DeleteFunc(list, func(m credcache.Meta) bool { return choice != keystore.Auto && string(choice) != m.Store })
}

// madeOf tells whether a record of the environment can be of this role. Where no role was assumed, only the operation tells.
func madeOf(r survey.Role, m credcache.Meta) bool {
	if r.RoleARN == "" {
		return m.RoleARN == "" && slices.Contains(r.Operations, rolemap.Operation(m.Operation))
	}
	return fits(r.RoleARN, m.RoleARN)
}

// fits tells whether text is what a template can become: whatever stands for its variables.
func fits(template, text string) bool {
	literal, rest, more := strings.Cut(template, "{")
	if !more {
		return text == literal
	}
	text, ok := strings.CutPrefix(text, literal)
	_, rest, closed := strings.Cut(rest, "}")
	if !ok || !closed {
		return false
	}
	next, _, more := strings.Cut(rest, "{")
	if !more {
		return strings.HasSuffix(text, next)
	}
	_, after, found := strings.Cut(text, next)
	return found && fits(rest[len(next):], after)
}
