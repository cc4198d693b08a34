package credcache

import (
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"whichrole/internal/paths"
)

const logoutSuffix = ".logout"

// LoggedOut notes that what came of that login (Want.Login) is to be forgotten now. Who is fetching something of it at this
// moment will not keep it: it would outlive the logout by its whole life.
func (c *Cache) LoggedOut(login string) error {
	if login == "" || !c.listing() {
		return nil
	}
	return paths.WritePrivate(c.logoutPath(login), []byte(strconv.FormatInt(c.Now().UnixNano(), 10)))
}

func (c *Cache) logoutPath(login string) string {
	return filepath.Join(c.Dir, LoginID(login)+logoutSuffix)
}

// loggedOutSince tells whether somebody logged out after then.
func (c *Cache) loggedOutSince(login string, then time.Time) bool {
	if login == "" || !c.listing() {
		return false
	}
	data, _, err := paths.ReadRegular(c.logoutPath(login), 32)
	at, invalid := strconv.ParseInt(strings.TrimSpace(string(data)), 10, 64)
	logout := time.Unix(0, at) // one from the future is none: the clock was set back
	return err == nil && invalid == nil && !logout.Before(then) && !logout.After(c.Now())
}
