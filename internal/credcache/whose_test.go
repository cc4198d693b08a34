package credcache

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func anything(string) bool { return true }

// Each call of an SDK that got the source's own keys asked AWS whose they are, and twenty at once asked twenty times.
func TestAWSIsAskedOnceWhoseAKeyIs(t *testing.T) {
	c, _, _ := setup(t)
	w := Want{Key: KeyOf(F("whose", "AKIA1"))}
	asked := 0
	ask := func(context.Context) (string, error) {
		asked++
		return "111111111111", nil
	}
	for range 3 {
		if account, err := c.Account(t.Context(), w, anything, ask); err != nil || account != "111111111111" {
			t.Fatalf("%s %v", account, err)
		}
	}
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
	if account, _ := c.Account(t.Context(), Want{Key: KeyOf(F("whose", "AKIA2"))}, anything, func(context.Context) (string, error) { return "222222222222", nil }); account != "222222222222" {
		t.Errorf("another key: %s", account)
	}
	never := func(string) bool { return false } // a damaged file would be wrong for ever
	if account, err := c.Account(t.Context(), w, never, ask); err != nil || account != "111111111111" || asked != 2 {
		t.Errorf("not believed: %s %v, asked %d times", account, err, asked)
	}
	_, err := c.Account(t.Context(), Want{Key: KeyOf(F("whose", "AKIA3"))}, anything, func(context.Context) (string, error) { return "", errors.New("no") })
	if err == nil || c.known(KeyOf(F("whose", "AKIA3"))) != "" {
		t.Errorf("a failure is remembered: %v", err)
	}
}

// A damaged file must not become an account that nothing belongs to.
func TestWhatIsNoAccountIsNotKnown(t *testing.T) {
	for _, text := range []string{"", "11111111111", "1111111111111", "11111111111x", "111111111111\n"} {
		c, _, _ := setup(t)
		k := KeyOf(F("whose", "AKIA1"))
		if err := os.MkdirAll(c.Dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(c.accountPath(k), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := c.known(k); got != "" {
			t.Errorf("%q: %s", text, got)
		}
	}
}

// One file for each temporary key was left for ever.
func TestAccountsAreForgottenInTimeAndByClear(t *testing.T) {
	c, _, _ := setup(t)
	learn := func(name string) {
		t.Helper()
		if _, err := c.Account(t.Context(), Want{Key: KeyOf(F("whose", name))}, anything, func(context.Context) (string, error) { return "111111111111", nil }); err != nil {
			t.Fatal(err)
		}
	}
	left := func() (n int) {
		entries, _ := os.ReadDir(c.Dir)
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), accountSuffix) {
				n++
			}
		}
		return n
	}
	learn("old")
	old := c.Now().Add(-8 * 24 * time.Hour)
	if err := os.Chtimes(filepath.Join(c.Dir, KeyOf(F("whose", "old")).ID()+accountSuffix), old, old); err != nil {
		t.Fatal(err)
	}
	learn("new")
	if left() != 1 {
		t.Errorf("%d are left", left())
	}
	if _, err := c.Clear(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if left() != 0 {
		t.Errorf("%d are left after a clear", left())
	}
}
