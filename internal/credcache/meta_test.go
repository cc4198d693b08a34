package credcache

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"whichrole/internal/keystore"
	"whichrole/internal/test/keyringtest"
)

// many puts n entries env-0, env-1, …, each with that lifetime.
func many(t *testing.T, c *Cache, n int, lifetime time.Duration) (wants []Want) {
	t.Helper()
	for i := range n {
		w := want
		w.Key = KeyOf(F("i", fmt.Sprint(i), lifetime.String()))
		e := entry(lifetime)
		e.Environment = fmt.Sprintf("env-%d", i)
		put(t, c, w, e)
		wants = append(wants, w)
	}
	return wants
}

func environments(t *testing.T, c *Cache) (names []string) {
	t.Helper()
	list, err := c.List()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		names = append(names, m.Environment)
	}
	return names
}

func TestListReadsMetadataAlone(t *testing.T) {
	c, store, now := setup(t)
	if list, err := c.List(); err != nil || len(list) != 0 {
		t.Errorf("%v %v", list, err)
	}
	put(t, c, want, entry(time.Hour))
	store.Err = errors.New("touched")
	list, err := c.List()
	expected := Meta{
		ID: want.Key.ID(), Environment: "production", Operation: "apply", RoleARN: roleA, Account: "111111111111",
		Minted: noon, Expires: noon.Add(time.Hour), Store: "memory", Places: []string{"memory"},
	}
	if err != nil || !reflect.DeepEqual(list, []Meta{expected}) {
		t.Errorf("%+v %v", list, err)
	}
	*now = noon.Add(time.Hour)
	if list, _ := c.List(); len(list) != 0 {
		t.Errorf("expired: %+v", list)
	}
}

func TestMetadataHoldsNoSecretAndIsPrivate(t *testing.T) {
	c, _, _ := setup(t)
	put(t, c, want, entry(time.Hour))
	path := filepath.Join(c.Dir, want.Key.ID()+".json")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, forbidden := range []string{secret, token, "ASIA"} {
		if strings.Contains(string(raw), forbidden) {
			t.Errorf("%s in %s", forbidden, raw)
		}
	}
	if info, _ := os.Stat(path); runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}

func TestBadMetadataIsSkippedAndClearedAway(t *testing.T) {
	c, _, _ := setup(t)
	many(t, c, 1, time.Hour)
	name := func(i int) string { return filepath.Join(c.Dir, fmt.Sprintf("%032x.json", i)) }
	good, _ := os.ReadFile(filepath.Join(c.Dir, KeyOf(F("i", "0", "1h0m0s")).ID()+".json"))
	must(t, os.WriteFile(name(1), []byte("{"), 0o600))
	must(t, os.WriteFile(name(2), good, 0o600)) // names another id
	must(t, os.WriteFile(name(3), make([]byte, maxMetaSize+1), 0o600))
	must(t, os.WriteFile(name(4), []byte(fmt.Sprintf(`{"id":"%032x","expires":"9999-01-01T00:00:00Z"}`, 4)), 0o600))
	must(t, os.Mkdir(name(5), 0o700))
	must(t, os.WriteFile(filepath.Join(c.Dir, "notes.json"), []byte("mine"), 0o600))
	if got := environments(t, c); !slices.Equal(got, []string{"env-0"}) {
		t.Errorf("%v", got)
	}
	if n, err := c.Clear(ctx, func(Meta) bool { return false }); n != 0 || err != nil {
		t.Errorf("%d %v", n, err)
	}
	left, _ := os.ReadDir(c.Dir)
	if len(left) != 2 || environments(t, c) == nil {
		t.Errorf("%v", left)
	}
}

func TestClearRemovesItemAndMetadata(t *testing.T) {
	c, store, _ := setup(t)
	many(t, c, 3, time.Hour)
	n, err := c.Clear(ctx, func(m Meta) bool { return m.Environment == "env-1" })
	if n != 1 || err != nil || store.Len() != 2 || !slices.Equal(environments(t, c), []string{"env-0", "env-2"}) {
		t.Errorf("%d %v, %d in store, %v", n, err, store.Len(), environments(t, c))
	}
	if n, err := c.Clear(ctx, nil); n != 2 || err != nil || store.Len() != 0 || len(environments(t, c)) != 0 {
		t.Errorf("%d %v, %d in store", n, err, store.Len())
	}
}

func TestClearOfAnItemThatIsGone(t *testing.T) {
	c, store, _ := setup(t)
	put(t, c, want, entry(time.Hour))
	must(t, store.Delete(ctx, want.Key.ID()))
	if n, err := c.Clear(ctx, nil); n != 0 || err != nil || len(environments(t, c)) != 0 {
		t.Errorf("%d %v", n, err)
	}
}

// logout must not claim to have forgotten what lies in a keyring that is locked just now.
func TestClearKeepsWhatItCanNotReach(t *testing.T) {
	c, store, _ := setup(t)
	put(t, c, want, entry(time.Hour))
	store.Err = &keystore.Unavailable{Store: "memory", Class: keystore.TimedOut, Detail: "no answer in time"}
	if n, err := c.Clear(ctx, nil); n != 0 || !errors.Is(err, store.Err) || len(environments(t, c)) != 1 {
		t.Errorf("%d %v", n, err)
	}
	none, err := keystore.Open(keystore.None, keystore.Options{})
	must(t, err)
	c.Store = none // the user switched the store meanwhile
	n, err := c.Clear(ctx, nil)
	if u, ok := errors.AsType[*keystore.Unavailable](err); n != 0 || !ok || u.Store != "memory" || len(environments(t, c)) != 1 {
		t.Errorf("%d %v", n, err)
	}
}

func TestPutSweepsExpiredEntriesALittleAtATime(t *testing.T) {
	c, store, now := setup(t)
	many(t, c, 6, 15*time.Minute)
	*now = noon.Add(time.Hour)
	e := entry(2 * time.Hour)
	put(t, c, want, e)
	if store.Len() != 6+1-sweepRemovals {
		t.Errorf("%d items after one Put", store.Len())
	}
	for range 3 {
		put(t, c, want, e)
	}
	if ids, _ := c.ids(); store.Len() != 1 || len(ids) != 1 {
		t.Errorf("%d items, %d metadata", store.Len(), len(ids))
	}
}

func TestSweepLeavesWhatLiesInAnotherStore(t *testing.T) {
	c, _, now := setup(t)
	many(t, c, 1, 15*time.Minute)
	*now = noon.Add(time.Hour)
	c.Store = renamed{&keyringtest.Memory{}}
	put(t, c, want, entry(2*time.Hour))
	if ids, _ := c.ids(); len(ids) != 2 {
		t.Errorf("%v", ids)
	}
}

type renamed struct{ *keyringtest.Memory }

func (renamed) Name() string { return "another" }

func TestClearSweepsWhatDeadWritersLeft(t *testing.T) {
	c, _, now := setup(t)
	put(t, c, want, entry(12*time.Hour))
	old, young := filepath.Join(c.Dir, ".new-1"), filepath.Join(c.Dir, ".new-2")
	must(t, os.WriteFile(old, nil, 0o600))
	must(t, os.WriteFile(young, nil, 0o600))
	must(t, os.Chtimes(old, noon, noon))
	*now = noon.Add(2 * time.Hour)
	must(t, os.Chtimes(young, *now, *now))
	if _, err := c.Clear(ctx, func(Meta) bool { return false }); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(old); err == nil {
		t.Error("the old one is still there")
	}
	if _, err := os.Stat(young); err != nil {
		t.Error("the young one is gone")
	}
}

// A read-only home: the credentials are cached all the same, and the reason is told.
func TestMetadataThatCanNotBeWritten(t *testing.T) {
	c, _, _ := setup(t)
	must(t, os.WriteFile(c.Dir, nil, 0o600)) // a file where the directory should be
	if _, err := c.Put(ctx, want, entry(time.Hour)); err == nil || !strings.Contains(err.Error(), "not listed") {
		t.Errorf("%v", err)
	}
	if _, f, _ := c.Get(ctx, want); f != Fresh {
		t.Errorf("%v", f)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// dying is a store whose process is killed right after a value was written.
type dying struct{ *keyringtest.Memory }

func (d dying) Set(ctx context.Context, id string, value []byte, expires time.Time) error {
	d.Memory.Set(ctx, id, value, expires)
	panic("killed")
}

// What is served must be listed, or clearing its environment would leave it, and everybody would find it fresh.
func TestKilledAfterTheEntryWasWrittenItIsListedAllTheSame(t *testing.T) {
	c, store, _ := setup(t)
	c.Store = dying{store}
	func() {
		defer func() { recover() }()
		c.Put(ctx, want, entry(time.Hour))
	}()
	c.Store = store
	list, err := c.List()
	if err != nil || len(list) != 1 || list[0].Environment != "production" {
		t.Fatalf("%+v %v", list, err)
	}
	if n, err := c.Clear(ctx, func(m Meta) bool { return m.Environment == "production" }); n != 1 || err != nil || store.Len() != 0 {
		t.Errorf("%d %v, %d entries", n, err, store.Len())
	}
}

func TestWhatCouldNotBeStoredIsNotListed(t *testing.T) {
	c, store, _ := setup(t)
	store.Err = &keystore.Unavailable{Store: "keyring", Class: keystore.Denied, Detail: "no"}
	c.Put(ctx, want, entry(time.Hour))
	if list, err := c.List(); len(list) != 0 || err != nil {
		t.Errorf("%+v %v", list, err)
	}
	store.Err = nil
	put(t, c, want, entry(time.Hour))
	store.Err = &keystore.Unavailable{Store: "keyring", Class: keystore.Denied, Detail: "no"}
	c.Put(ctx, want, entry(2*time.Hour))
	if list, err := c.List(); len(list) != 1 || err != nil || !list[0].Expires.Equal(noon.Add(time.Hour)) {
		t.Errorf("the entry that stays is listed as %+v %v", list, err)
	}
}
