package credcache

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"time"

	"whichrole/internal/keystore"
	"whichrole/internal/paths"
)

// Meta is what may be told about an entry: no secret, and no access key id.
type Meta struct {
	ID          string    `json:"id"`
	Environment string    `json:"environment"`
	Operation   string    `json:"operation"`
	RoleARN     string    `json:"role_arn"`
	Account     string    `json:"account"`
	Minted      time.Time `json:"minted"`
	Expires     time.Time `json:"expires"` // as STS said
	Store       string    `json:"store"`   // the name of the keystore.Store that took it
}

const (
	maxMetaSize   = 16 << 10 // bytes
	sweepLooks    = 32       // metadata files that one Put reads
	sweepRemovals = 2        // entries that one Put removes; in the keyring a removal costs five D-Bus calls
)

func metaOf(w Want, e Entry, store string) Meta {
	return Meta{
		ID: w.Key.ID(), Environment: e.Environment, Operation: e.Operation, RoleARN: w.RoleARN, Account: w.Account,
		Minted: e.Minted.UTC().Truncate(time.Second), Expires: e.Credentials.Expires.UTC(), Store: store,
	}
}

// List tells what is cached and not expired, by environment and operation. It reads metadata alone, never the store.
func (c *Cache) List() ([]Meta, error) {
	ids, err := c.ids()
	if err != nil {
		return nil, err
	}
	var list []Meta
	for _, id := range ids {
		if m, ok := c.readMeta(id); ok && !c.expired(m) {
			list = append(list, m)
		}
	}
	slices.SortFunc(list, func(a, b Meta) int {
		return strings.Compare(a.Environment+"\x00"+a.Operation+"\x00"+a.ID, b.Environment+"\x00"+b.Operation+"\x00"+b.ID)
	})
	return list, nil
}

// Clear removes the entries that filter chooses (nil: all) from the store, then their metadata, and tells how many.
// What is expired or has unreadable metadata goes too, without being counted. An entry whose store can't be reached
// stays listed, and is the error: it may still be there. Use it with a store that reaches all (keystore.Auto).
func (c *Cache) Clear(ctx context.Context, filter func(Meta) bool) (n int, err error) {
	ids, err := c.ids()
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		m, ok := c.readMeta(id)
		wanted := ok && (filter == nil || filter(m))
		if !wanted && ok && !c.expired(m) {
			continue
		}
		failure := c.forget(ctx, m)
		switch {
		case wanted && failure == nil:
			n++
		case wanted && err == nil:
			err = fmt.Errorf("the entry for %s %s stays: %w", m.Environment, m.Operation, failure)
		}
	}
	c.sweepTemporary()
	return n, err
}

// forget deletes the item first: metadata without an item is harmless, an item that nobody lists is not forgotten.
func (c *Cache) forget(ctx context.Context, m Meta) error {
	if m.Store != "" && !keystore.Reaches(c.Store, m.Store) {
		for _, u := range keystore.PassedOver(c.Store) {
			if u.Store == m.Store {
				return u
			}
		}
		return &keystore.Unavailable{Store: m.Store, Class: keystore.Absent, Detail: "not in use here"}
	}
	if err := c.Store.Delete(ctx, m.ID); err != nil && !errors.Is(err, keystore.ErrNotFound) {
		return err
	}
	if err := os.Remove(c.metaPath(m.ID)); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
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
		if !ok || m.ID == own || !c.expired(m) || !keystore.Reaches(c.Store, m.Store) {
			continue
		}
		if c.forget(ctx, m) != nil {
			return
		}
		removed++
	}
}

// sweepTemporary removes what writers left behind that died between writing and renaming.
func (c *Cache) sweepTemporary() {
	entries, _ := os.ReadDir(c.Dir)
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && strings.HasPrefix(e.Name(), ".new-") && c.Now().Sub(info.ModTime()) > time.Hour {
			os.Remove(filepath.Join(c.Dir, e.Name()))
		}
	}
}

// ids are those of the metadata files, sorted. A directory that is not there is no error.
func (c *Cache) ids() ([]string, error) {
	entries, err := os.ReadDir(c.Dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	var ids []string
	for _, e := range entries {
		id, isJSON := strings.CutSuffix(e.Name(), ".json")
		if isJSON && len(id) == 32 && strings.Trim(id, "0123456789abcdef") == "" {
			ids = append(ids, id)
		}
	}
	return ids, err
}

// readMeta returns the metadata, or only the ID where the file is not what writeMeta wrote.
func (c *Cache) readMeta(id string) (Meta, bool) {
	var m Meta
	raw, _, err := paths.ReadRegular(c.metaPath(id), maxMetaSize)
	lifetime := time.Duration(-1)
	if err == nil && json.Unmarshal(raw, &m) == nil && m.ID == id {
		lifetime = m.Expires.Sub(m.Minted)
	}
	if lifetime <= 0 || lifetime > maxLifetime {
		return Meta{ID: id}, false
	}
	return m, true
}

func (c *Cache) writeMeta(m Meta) error {
	raw, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return paths.WritePrivate(c.metaPath(m.ID), append(raw, '\n'))
}

func (c *Cache) metaPath(id string) string { return filepath.Join(c.Dir, id+".json") }

func (c *Cache) expired(m Meta) bool { return !m.Expires.After(c.Now()) }
