package credcache

import (
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"whichrole/internal/keystore"
	"whichrole/internal/paths"
)

// A session that is renewed while the keyring is away lies in a stand-in. When the keyring is back it has the old one, which
// must not hide the new one: that would cost a call each time until it has expired.
func TestWhatWasRenewedElsewhereIsNotHiddenByTheOldOne(t *testing.T) {
	c, keyring, now := setup(t)
	run := filepath.Join(t.TempDir(), "run")
	if err := os.Mkdir(run, 0o700); err != nil {
		t.Fatal(err)
	}
	file, err := keystore.Open(keystore.File, keystore.Options{Dirs: paths.Dirs{Runtime: filepath.Join(run, "whichrole"), RuntimeIsVolatile: true}})
	if err != nil {
		t.Fatal(err)
	}
	put(t, c, want, entry(time.Hour))
	*now = noon.Add(50 * time.Minute)
	renewed := entry(2 * time.Hour)
	renewed.Minted = *now
	c.Store = file
	put(t, c, want, renewed)
	var calls atomic.Int32
	c.Store = keystore.InOrder(keyring, file)
	e, err := c.Do(ctx, want, minting(&calls, 0, entry(time.Hour), nil))
	if err != nil || calls.Load() != 0 || !e.Credentials.Expires.Equal(noon.Add(2*time.Hour)) {
		t.Errorf("%v %v, %d calls", e, err, calls.Load())
	}
	keyring.Err = &keystore.Unavailable{Store: "keyring", Class: keystore.Locked, Detail: "it is locked"}
	if _, err := c.Do(ctx, want, minting(&calls, 0, entry(time.Hour), nil)); err != nil || calls.Load() != 0 {
		t.Errorf("%v, %d calls", err, calls.Load())
	}
}

// Of two that are nearly over, the one that ends last is what is left.
func TestWhatIsLeftIsTheLatest(t *testing.T) {
	c, keyring, now := setup(t)
	other, otherStore, _ := setup(t)
	put(t, c, want, entry(time.Hour))
	put(t, other, want, entry(time.Hour+time.Minute))
	*now = noon.Add(55 * time.Minute)
	for _, stores := range [][]keystore.Store{{keyring, otherStore}, {otherStore, keyring}} {
		c.Store = keystore.InOrder(stores...)
		e, freshness, _ := c.Get(ctx, want)
		if freshness != Usable || !e.Credentials.Expires.Equal(noon.Add(61*time.Minute)) {
			t.Errorf("%v %v", e, freshness)
		}
	}
}
