package credcache

import (
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"whichrole/internal/keystore"
	"whichrole/internal/paths"
	"whichrole/internal/test/keyringtest"
)

// The whole accident on a real keyring: it takes the credentials, is locked, the next call writes a file and new
// metadata, and cache clear says that it removed one. This test is the only one here that may use the bus: the D-Bus
// library takes it from the environment once.
func TestClearWhileTheKeyringIsLocked(t *testing.T) {
	k := keyringtest.Start(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", k.Address)
	env := paths.EnvOf(k.Env())
	open := func() keystore.Store {
		s, err := keystore.Open(keystore.Auto, keystore.Options{Env: env, Dirs: paths.Find(env, "linux")})
		must(t, err)
		return s
	}
	c := &Cache{Store: open(), Dir: filepath.Join(k.Dir, "state", "cache"), Now: func() time.Time { return noon }}
	put(t, c, want, entry(time.Hour))
	lock := exec.Command("dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.secrets", "/org/freedesktop/secrets",
		"org.freedesktop.Secret.Service.Lock", "array:objpath:/org/freedesktop/secrets/collection/login")
	lock.Env = k.Env()
	if out, err := lock.CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	for name, filter := range map[string]func(Meta) bool{"full": nil, "filtered": func(m Meta) bool { return m.Environment == "production" }} {
		c.Store = open()
		put(t, c, want, entry(time.Hour))
		if list, _ := c.List(); len(list) != 1 || list[0].Store != "file" {
			t.Fatalf("%s: %+v", name, list)
		}
		n, err := c.Clear(ctx, filter)
		if n != 1 || len(environments(t, c)) != 1 {
			t.Errorf("%s: removed %d, %v listed", name, n, environments(t, c))
		}
		stands(t, err, "the keyring is locked: what it holds stays")
		if _, f, reason := c.Get(ctx, want); f != Miss {
			t.Errorf("%s: the file is served: %s", name, reason)
		}
	}
}
