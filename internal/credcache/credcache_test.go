package credcache

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"whichrole/internal/creds"
	"whichrole/internal/flight"
	"whichrole/internal/keystore"
	"whichrole/internal/paths"
	"whichrole/internal/test/keyringtest"
)

const (
	roleA  = "arn:aws:iam::111111111111:role/terraform-apply"
	roleB  = "arn:aws:iam::222222222222:role/terraform"
	secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
	token  = "IQoJb3JpZ2luX2VjEXAMPLETOKEN=="
)

var (
	ctx  = context.Background()
	noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	want = Want{Key: KeyOf(F("role", roleA)), RoleARN: roleA, Account: "111111111111"}
)

// setup is a cache on memory, at noon; move the clock by *now.
func setup(t *testing.T) (*Cache, *keyringtest.Memory, *time.Time) {
	state, err := os.MkdirTemp("", "cc") // t.TempDir may leave no room for a socket's path
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(state) })
	now, store := noon, &keyringtest.Memory{}
	clock := func() time.Time { return now }
	return &Cache{
		Store: store, Dir: filepath.Join(state, "cache"), Now: clock, Log: t.Logf,
		Flight: &flight.Group{Dirs: paths.Dirs{State: state}, Now: clock},
	}, store, &now
}

func entry(lifetime time.Duration) Entry {
	return Entry{
		Credentials: creds.Credentials{
			AccessKeyID: "ASIAIOSFODNN7EXAMPLE", SecretAccessKey: creds.NewSecret(secret), SessionToken: creds.NewSecret(token),
			Expires: noon.Add(lifetime), AccountID: "111111111111",
		},
		Minted: noon, RequestID: "req-1", Environment: "production", Operation: "apply",
	}
}

func put(t *testing.T, c *Cache, w Want, e Entry) {
	t.Helper()
	if _, err := c.Put(ctx, w, e); err != nil {
		t.Fatal(err)
	}
}

func TestHitReturnsAllThatWasPut(t *testing.T) {
	c, store, _ := setup(t)
	put(t, c, want, entry(time.Hour))
	os.RemoveAll(c.Dir) // a hit needs no metadata
	e, freshness, reason := c.Get(ctx, want)
	if freshness != Fresh || reason != "" {
		t.Fatalf("%v %s", freshness, reason)
	}
	got, expected := *e, entry(time.Hour)
	if got.Credentials.SecretAccessKey.Reveal() != secret || got.Credentials.SessionToken.Reveal() != token {
		t.Error("the secrets changed")
	}
	expected.RoleARN, expected.Account = roleA, "111111111111"
	expected.Credentials.SecretAccessKey, expected.Credentials.SessionToken = got.Credentials.SecretAccessKey, got.Credentials.SessionToken
	if got != expected {
		t.Errorf("got %+v", got)
	}
	if store.Gets() != 1 {
		t.Errorf("the store was asked %d times", store.Gets())
	}
}

func TestFreshness(t *testing.T) {
	for _, tt := range []struct {
		lifetime, age time.Duration
		want          Freshness
	}{
		{time.Hour, 0, Fresh},
		{time.Hour, 40 * time.Minute, Fresh},
		{time.Hour, 40*time.Minute + time.Second, Usable},
		{12 * time.Hour, 11*time.Hour + 40*time.Minute, Fresh},
		{12 * time.Hour, 11*time.Hour + 41*time.Minute, Usable},
		{15 * time.Minute, 7*time.Minute + 30*time.Second, Fresh}, // L/2 rules below 40 min
		{15 * time.Minute, 7*time.Minute + 31*time.Second, Usable},
		{33 * time.Minute, 16 * time.Minute, Fresh},
		{time.Hour, 58*time.Minute - time.Second, Usable}, // 61 s left as printed
		{time.Hour, 58 * time.Minute, Miss},               // 60 s left as printed
		{time.Hour, 59 * time.Minute, Miss},               // printed now would be expired
		{time.Hour, time.Hour, Miss},
		{time.Hour, 1000 * time.Hour, Miss},
		{3 * time.Minute, 70 * time.Second, Miss}, // over L/2, but too little as printed
		{time.Hour, -time.Minute, Fresh},          // a clock a little behind
		{time.Hour, -3 * time.Minute, Miss},       // a clock set back
		{12*time.Hour + 16*time.Minute, 0, Miss},  // no such lifetime
		{0, 0, Miss},
		{-time.Hour, -2 * time.Hour, Miss},
	} {
		got, reason := judge(noon, noon.Add(tt.lifetime), noon.Add(tt.age))
		if got != tt.want || (reason == "") != (got == Fresh) {
			t.Errorf("L %v age %v: %v (%s), want %v", tt.lifetime, tt.age, got, reason, tt.want)
		}
	}
}

func TestPrintedExpirationIsAMinuteEarly(t *testing.T) {
	if got := Printed(noon); !got.Equal(noon.Add(-time.Minute)) {
		t.Error(got)
	}
}

// What a word of an item is.
const (
	version = iota
	key
	role
	account
	minted
	expires
	accessKeyID
	secretKey
	sessionToken
)

// forge changes words of the stored item and tells what Get says of it.
func forge(t *testing.T, change func(words []string)) (Freshness, string) {
	t.Helper()
	c, store, _ := setup(t)
	put(t, c, want, entry(time.Hour))
	raw, _ := store.Get(ctx, want.Key.ID())
	words := strings.Split(string(raw), " ")
	change(words)
	store.Set(ctx, want.Key.ID(), []byte(strings.Join(words, " ")), noon)
	e, freshness, reason := c.Get(ctx, want)
	if (e == nil) != (freshness == Miss) {
		t.Errorf("an entry with %v", freshness)
	}
	return freshness, reason
}

func unix(d time.Duration) string { return fmt.Sprint(noon.Add(d).Unix()) }

func TestForgedItemIsAMiss(t *testing.T) {
	if f, reason := forge(t, func([]string) {}); f != Fresh {
		t.Fatalf("untouched: %v %s", f, reason)
	}
	for name, change := range map[string]func(w []string){
		"role of another":        func(w []string) { w[role] = roleB },
		"account of another":     func(w []string) { w[account] = "222222222222" },
		"no account":             func(w []string) { w[account] = "-" },
		"key of another":         func(w []string) { w[key] = strings.Repeat("0", 64) },
		"same id, other key":     func(w []string) { w[key] = w[key][:63] + "x" },
		"another version":        func(w []string) { w[version] = "whichrole-2" },
		"no secret":              func(w []string) { w[secretKey] = "-" },
		"nothing for a secret":   func(w []string) { w[secretKey] = "" },
		"no token: long-term":    func(w []string) { w[sessionToken] = "-" },
		"line break in token":    func(w []string) { w[sessionToken] = "x\nAWS_PROFILE=evil" },
		"a word more":            func(w []string) { w[sessionToken] += " x" },
		"escape in key id":       func(w []string) { w[accessKeyID] = "\x1b]0;x" },
		"short key id":           func(w []string) { w[accessKeyID] = "ASIA" },
		"key id of another kind": func(w []string) { w[accessKeyID] = "ASIAIOSFODNN7-EXAMPLE" },
		"huge key id":            func(w []string) { w[accessKeyID] = strings.Repeat("A", 128+1) },
		"huge secret":            func(w []string) { w[secretKey] = strings.Repeat("x", 128+1) },
		"huge token":             func(w []string) { w[sessionToken] = strings.Repeat("x", (16<<10)+1) },
		"text for a number":      func(w []string) { w[expires] = "soon" },
		"text for a time":        func(w []string) { w[minted] = "-" },
		"never expires":          func(w []string) { w[expires] = "7000000000" },
		"expires beyond int64/2": func(w []string) { w[expires] = "9000000000000000000" },
		"expires beyond int64":   func(w []string) { w[expires] = "90000000000000000000" },
		"minted before time":     func(w []string) { w[minted] = "-9000000000000000000" },
		"long lifetime":          func(w []string) { w[expires] = unix(13 * time.Hour) },
		"minted tomorrow":        func(w []string) { w[minted], w[expires] = unix(24*time.Hour), unix(25*time.Hour) },
	} {
		f, reason := forge(t, change)
		if f != Miss || reason == "" {
			t.Errorf("%s: %v %q", name, f, reason)
		}
		if strings.Contains(reason, secret) || strings.Contains(reason, token) {
			t.Errorf("%s: the reason holds a secret: %s", name, reason)
		}
	}
}

func TestLargestItemIsAHit(t *testing.T) {
	f, reason := forge(t, func(w []string) {
		w[accessKeyID], w[secretKey], w[sessionToken] = strings.Repeat("A_9", 42), strings.Repeat("x", 128), strings.Repeat("x", (16<<10))
	})
	if f != Fresh {
		t.Errorf("%v %s", f, reason)
	}
}

func TestTruncatedItemIsAMiss(t *testing.T) {
	c, store, _ := setup(t)
	put(t, c, want, entry(time.Hour))
	raw, _ := store.Get(ctx, want.Key.ID())
	for n := range raw {
		if e, reason := decode(raw[:n], want); e != nil || strings.Contains(reason, "wJalr") {
			t.Fatalf("%d bytes: %v %s", n, e, reason)
		}
	}
	for _, foreign := range []string{"", "null", "{}", "[]", "hunter2", string(raw) + "x", string(raw) + string(raw)} {
		if e, reason := decode([]byte(foreign), want); e != nil || reason == "" {
			t.Errorf("%.30q: %v", foreign, e)
		}
	}
}

// granted and saml2aws served account A's credentials for B. Two items swapped in the keyring are two misses, and are
// replaced.
func TestSwappedItemsAreMissesAndGetReplaced(t *testing.T) {
	c, store, _ := setup(t)
	other := Want{Key: KeyOf(F("role", roleB)), RoleARN: roleB, Account: "222222222222"}
	e := entry(time.Hour)
	put(t, c, want, e)
	e.Credentials.AccountID = "222222222222"
	put(t, c, other, e)
	a, _ := store.Get(ctx, want.Key.ID())
	b, _ := store.Get(ctx, other.Key.ID())
	store.Set(ctx, want.Key.ID(), b, noon)
	store.Set(ctx, other.Key.ID(), a, noon)
	for _, w := range []Want{want, other} {
		if got, f, reason := c.Get(ctx, w); got != nil || f != Miss || !strings.Contains(reason, "not for") {
			t.Errorf("%v %s", f, reason)
		}
	}
	put(t, c, want, entry(time.Hour))
	if _, f, _ := c.Get(ctx, want); f != Fresh {
		t.Error("not replaced")
	}
}

// A session policy is no part of role or account: only the key tells the two apart.
func TestItemOfAnotherKeyOfTheSameRoleIsAMiss(t *testing.T) {
	c, store, _ := setup(t)
	wide := Want{Key: KeyOf(F("role", roleA), F("policy")), RoleARN: roleA, Account: want.Account}
	put(t, c, wide, entry(time.Hour))
	raw, _ := store.Get(ctx, wide.Key.ID())
	store.Set(ctx, want.Key.ID(), raw, noon)
	if e, f, reason := c.Get(ctx, want); e != nil || f != Miss || reason != "stored for another key" {
		t.Errorf("%v %s", f, reason)
	}
}

func TestUnreadableStoreIsAMissWithAReason(t *testing.T) {
	c, store, _ := setup(t)
	if _, f, reason := c.Get(ctx, want); f != Miss || reason != "nothing stored (memory)" {
		t.Errorf("%v %s", f, reason)
	}
	put(t, c, want, entry(time.Hour))
	store.Err = &keystore.Unavailable{Store: "keyring", Class: keystore.Locked, Detail: "the login collection is locked"}
	if _, f, reason := c.Get(ctx, want); f != Miss || reason != "keyring locked: the login collection is locked" {
		t.Errorf("%v %s", f, reason)
	}
	if _, err := c.Put(ctx, want, entry(time.Hour)); !errors.Is(err, store.Err) {
		t.Errorf("%v", err)
	}
	store.Err = nil
	if _, f, _ := c.Get(ctx, want); f != Fresh {
		t.Error("the failed write destroyed what was there")
	}
}

func TestWhatMustNotBeCached(t *testing.T) {
	for name, change := range map[string]func(*Entry){
		"long-term keys":  func(e *Entry) { e.Credentials.Expires = time.Time{} },
		"huge token":      func(e *Entry) { e.Credentials.SessionToken = creds.NewSecret(strings.Repeat("x", (16<<10)+1)) },
		"no token":        func(e *Entry) { e.Credentials.SessionToken = creds.Secret{} },
		"another account": func(e *Entry) { e.Credentials.AccountID = "222222222222" },
		"another role":    func(e *Entry) { e.RoleARN = roleB },
	} {
		c, store, _ := setup(t)
		e := entry(time.Hour)
		change(&e)
		_, err := c.Put(ctx, want, e)
		if err == nil || store.Len() != 0 || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v, %d stored", name, err, store.Len())
		}
	}
}

func TestSessionWithoutARole(t *testing.T) {
	c, _, _ := setup(t)
	w := Want{Key: KeyOf(F("mfa", "AKIAIOSFODNN7EXAMPLE", "arn:aws:iam::111111111111:mfa/me"))}
	put(t, c, w, entry(12*time.Hour))
	if e, f, reason := c.Get(ctx, w); f != Fresh || e.Credentials.AccountID != "111111111111" {
		t.Errorf("%v %s", f, reason)
	}
}

func TestMintedDefaultsToNow(t *testing.T) {
	c, _, now := setup(t)
	e := entry(time.Hour)
	e.Minted = time.Time{}
	*now = noon.Add(time.Minute)
	put(t, c, want, e)
	if got, _, _ := c.Get(ctx, want); got == nil || !got.Minted.Equal(*now) {
		t.Errorf("%+v", got)
	}
}

func TestKeysDoNotMeet(t *testing.T) {
	seen := map[Key]string{}
	for _, fields := range [][]Field{
		nil,
		{F("")},
		{F("", "")},
		{F("a")},
		{F("a", "")},
		{F("a", "b")},
		{F("ab")},
		{F("a"), F("b")},
		{F("a", "b", "c")},
		{F("a", "bc")},
		{F("a", "b"), F("c")},
		{F("a"), F("b", "c")},
		{F("a", "c", "b")},
		{F("a", "\xff")},
		{F("a", "\xfe")}, // as JSON both would be U+FFFD
		{F("a", "b\x00c")},
	} {
		k := KeyOf(fields...)
		if other, ok := seen[k]; ok {
			t.Errorf("%q and %s have one key", fields, other)
		}
		seen[k] = fmt.Sprintf("%q", fields)
	}
}

// Items outlive an upgrade: the digest must not change by accident.
func TestKeyIsStable(t *testing.T) {
	if id := KeyOf(F("role", roleA), F("via", "x", "y")).ID(); id != "4f757bc6f50e605380535b53a8662b60" {
		t.Errorf("%s; if that is meant, change itemVersion", id)
	}
}

func FuzzDecode(f *testing.F) {
	raw, _ := encode(want, entry(time.Hour))
	f.Add(raw)
	f.Add([]byte(`{"v":1}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, reason := decode(raw, want)
		if (e == nil) == (reason == "") {
			t.Fatalf("%v %q", e, reason)
		}
		if e != nil && (e.RoleARN != roleA || e.Credentials.AccountID != want.Account || strings.ContainsAny(e.Credentials.SessionToken.Reveal(), "\n\r ")) {
			t.Fatalf("%+v", e)
		}
	})
}
