package credcache

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"whichrole/internal/paths"
)

const (
	accountDigits = 12
	accountSuffix = ".account"

	// rememberFor is how long the account of a key is known that nobody asks for: temporary keys are gone by then.
	rememberFor = 7 * 24 * time.Hour
)

// Account is the account (12 digits) that the access key of w.Key belongs to, as ask said: a key stays in its account for life
// (IAM user guide, "IAM identifiers"), so AWS is asked once, by one process for all that want to know. It lies in Dir; what
// lies there and is not believed is asked for again.
func (c *Cache) Account(ctx context.Context, w Want, believed func(string) bool, ask func(context.Context) (string, error)) (string, error) {
	if account := c.known(w.Key); account != "" && believed(account) {
		return account, nil
	}
	raw, _, err := c.Flight.Do(ctx, w.meeting(), c.Now(), func(ctx context.Context, again bool) ([]byte, error) {
		if account := c.known(w.Key); again && account != "" && believed(account) {
			return []byte(account), nil
		}
		account, err := ask(ctx)
		if err == nil {
			c.remember(w.Key, account)
		}
		return []byte(account), err
	})
	if err == nil && !isAccount(string(raw)) { // another process handed over something else
		return "", fmt.Errorf("%q is no account", string(raw))
	}
	return string(raw), err
}

func (c *Cache) accountPath(k Key) string { return filepath.Join(c.Dir, k.ID()+accountSuffix) }

func (c *Cache) known(k Key) string {
	if !c.listing() {
		return ""
	}
	data, _, err := paths.ReadRegular(c.accountPath(k), accountDigits)
	if err != nil || !isAccount(string(data)) {
		return ""
	}
	return string(data)
}

func (c *Cache) remember(k Key, account string) {
	if !c.listing() {
		return
	}
	if err := paths.WritePrivate(c.accountPath(k), []byte(account)); err != nil {
		c.Log("AWS will be asked again whose these credentials are: %v", err)
	}
	c.forgetNotes(func(written time.Time) bool { return c.Now().Sub(written) > rememberFor })
}

// forgetNotes removes what is no entry's: accounts of keys and the times of logouts.
func (c *Cache) forgetNotes(drop func(written time.Time) bool) {
	if !c.listing() {
		return
	}
	entries, _ := os.ReadDir(c.Dir)
	for _, e := range entries {
		info, err := e.Info()
		note := strings.HasSuffix(e.Name(), accountSuffix) || strings.HasSuffix(e.Name(), logoutSuffix)
		if err == nil && note && drop(info.ModTime()) {
			os.Remove(filepath.Join(c.Dir, e.Name()))
		}
	}
}

func isAccount(s string) bool { return len(s) == accountDigits && strings.Trim(s, "0123456789") == "" }
