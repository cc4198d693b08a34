package credcache

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
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
	Label       string    `json:"label,omitempty"` // what it is, where it is no role's
	Login       string    `json:"login,omitempty"` // LoginID of what a person logged in to, from which it came
	Account     string    `json:"account"`
	Minted      time.Time `json:"minted"`
	Expires     time.Time `json:"expires"`          // as STS said
	Store       string    `json:"store"`            // the name of the keystore.Store that took it
	Places      []string  `json:"places,omitempty"` // keystore.Places of all stores in which it, or the entry that it replaced, may lie
}

func (m Meta) places() []string {
	if len(m.Places) == 0 && m.Store != "" {
		return []string{m.Store}
	}
	return m.Places
}

// LoginID is how the metadata names what a person logged in to: a digest of its identity, "" for none.
func LoginID(identity string) string {
	if identity == "" {
		return ""
	}
	return KeyOf(F("login", identity)).ID()
}

const maxMetaSize = 16 << 10 // bytes

func metaOf(w Want, e Entry, store keystore.Store) Meta {
	return Meta{
		ID: w.Key.ID(), Environment: e.Environment, Operation: e.Operation, RoleARN: w.RoleARN, Label: w.Label, Login: LoginID(w.Login), Account: w.Account,
		Minted: e.Minted.UTC().Truncate(time.Second), Expires: e.Credentials.Expires.UTC(), Store: store.Name(), Places: keystore.Places(store),
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

// Places are the directories that the metadata names, for keystore.Options: files may lie where no process would look
// whose XDG_RUNTIME_DIR is another.
func (c *Cache) Places() (dirs []string) {
	ids, _ := c.ids()
	for _, id := range ids {
		m, _ := c.readMeta(id)
		for _, place := range m.places() {
			if filepath.IsAbs(place) && !slices.Contains(dirs, place) {
				dirs = append(dirs, place)
			}
		}
	}
	return dirs
}

// sweepTemporary removes what writers left behind that died between writing and renaming.
func (c *Cache) sweepTemporary() {
	if !c.listing() {
		return
	}
	entries, _ := os.ReadDir(c.Dir)
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && strings.HasPrefix(e.Name(), ".new-") && c.Now().Sub(info.ModTime()) > time.Hour {
			os.Remove(filepath.Join(c.Dir, e.Name()))
		}
	}
}

// listing tells whether there is metadata at all: without a home there is no Dir, and a relative one would be any
// directory that the process happens to stand in.
func (c *Cache) listing() bool { return filepath.IsAbs(c.Dir) }

// ids are those of the metadata files, sorted. A directory that is not there is no error.
func (c *Cache) ids() ([]string, error) {
	if !c.listing() {
		return nil, nil
	}
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

// writeMeta keeps the places of the entry that it replaces: a keyring that was locked this time still holds that.
func (c *Cache) writeMeta(m Meta) error {
	if !c.listing() {
		return nil
	}
	if old, ok := c.readMeta(m.ID); ok && !c.expired(old) {
		for _, place := range old.places() {
			if !slices.Contains(m.Places, place) {
				m.Places = append(m.Places, place)
			}
		}
	}
	raw, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return paths.WritePrivate(c.metaPath(m.ID), append(raw, '\n'))
}

// unlist removes the metadata; that there is none is no error.
func (c *Cache) unlist(id string) error {
	if !c.listing() {
		return nil
	}
	if err := os.Remove(c.metaPath(id)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

func (c *Cache) metaPath(id string) string { return filepath.Join(c.Dir, id+".json") }

func (c *Cache) expired(m Meta) bool { return !m.Expires.After(c.Now()) }
