package credcache

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"whichrole/internal/keystore"
	"whichrole/internal/problem"
	"whichrole/internal/test/keyringtest"
)

// stands is what every failure of Clear must be: something for the user to read, and to paste.
func stands(t *testing.T, err error, words string) {
	t.Helper()
	p, ok := errors.AsType[*problem.Error](err)
	if !ok || p.Code != problem.Failure || p.Message != words || !strings.Contains(p.Hint, "whichrole cache clear") {
		t.Errorf("%#v, want %q", err, words)
	}
}

// The state directory was deleted, or could never be written: clear said "removed 0", and the item was served again.
func TestClearRemovesWhatIsNotListed(t *testing.T) {
	c, store, _ := setup(t)
	many(t, c, 2, time.Hour)
	must(t, os.RemoveAll(c.Dir))
	if n, err := c.Clear(ctx, nil); n != 2 || err != nil || store.Len() != 0 {
		t.Errorf("%d %v, %d stay", n, err, store.Len())
	}
}

func TestFilteredClearLeavesWhatIsNotListed(t *testing.T) {
	c, store, _ := setup(t)
	many(t, c, 1, time.Hour)
	must(t, os.RemoveAll(c.Dir))
	if n, err := c.Clear(ctx, func(Meta) bool { return true }); n != 0 || err != nil || store.Len() != 1 {
		t.Errorf("%d %v, %d stay", n, err, store.Len())
	}
}

// Damaged metadata told nothing, so that nothing was wanted, and a store out of reach was no failure.
func TestDamagedMetadataIsNoReasonToClaimCompleteness(t *testing.T) {
	for name, filter := range map[string]func(Meta) bool{"full": nil, "filtered": func(Meta) bool { return false }} {
		t.Run(name, func(t *testing.T) {
			c, store, _ := setup(t)
			put(t, c, want, entry(time.Hour))
			must(t, os.WriteFile(c.metaPath(want.Key.ID()), []byte("{"), 0o600))
			store.Err = &keystore.Unavailable{Store: "keyring", Class: keystore.Locked, Detail: "x"}
			n, err := c.Clear(ctx, filter)
			if ids, _ := c.ids(); n != 0 || len(ids) != 1 {
				t.Errorf("removed %d, %v listed", n, ids)
			}
			stands(t, err, "the keyring is locked: what it holds stays")
			store.Err = nil
			if n, err := c.Clear(ctx, filter); n != 1 || err != nil || store.Len() != 0 {
				t.Errorf("%d %v", n, err)
			}
		})
	}
}

// The keyring took it, then was locked; the next call's file store overwrote the metadata. What the keyring holds is
// served as soon as it is unlocked.
func TestEntryThatMovedIsNotForgottenWhereItWas(t *testing.T) {
	for name, filter := range map[string]func(Meta) bool{"full": nil, "filtered": func(m Meta) bool { return m.Store == "another" }} {
		t.Run(name, func(t *testing.T) {
			c, first, now := setup(t)
			put(t, c, want, entry(time.Hour))
			c.Store = renamed{&keyringtest.Memory{}}
			put(t, c, want, entry(time.Hour))
			n, err := c.Clear(ctx, filter)
			if n != 1 || len(environments(t, c)) != 1 {
				t.Errorf("removed %d, %v listed", n, environments(t, c))
			}
			stands(t, err, "the memory is out of reach: not in use: what it holds stays")
			*now = noon.Add(time.Hour) // and what has expired there is nobody's worry
			put(t, c, want, entry(3*time.Hour))
			if _, err := c.Clear(ctx, filter); err != nil || first.Len() != 1 {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestWordsForAStoreThatWasNotReached(t *testing.T) {
	for class, words := range map[keystore.Class]string{
		keystore.Locked:   "the keyring is locked: what it holds stays",
		keystore.TimedOut: "the keyring did not answer in time: what it holds stays",
		keystore.Denied:   "the keyring refuses: why: what it holds stays",
		keystore.Absent:   "the keyring is out of reach: why: what it holds stays",
	} {
		stands(t, stays(&keystore.Unavailable{Store: "keyring", Class: class, Detail: "why"}), words)
	}
}

// The list is gone for another reason than that there is none: the stores are emptied all the same, and it is told.
func TestListThatCanNotBeReadIsToldAfterTheRest(t *testing.T) {
	c, store, _ := setup(t)
	put(t, c, want, entry(time.Hour))
	must(t, os.RemoveAll(c.Dir))
	must(t, os.WriteFile(c.Dir, nil, 0o600))
	if n, err := c.Clear(ctx, nil); n != 1 || problem.CodeOf(err) != problem.Failure || store.Len() != 0 {
		t.Errorf("%d %v", n, err)
	}
}

// Without a home the directory was the relative "cache", and clear deleted whatever lay there in the working directory.
func TestNoHomeIsNotTheWorkingDirectory(t *testing.T) {
	for _, dir := range []string{"", "cache", "."} {
		t.Run("dir "+dir, func(t *testing.T) {
			t.Chdir(t.TempDir())
			must(t, os.Mkdir("cache", 0o700))
			theirs := []string{strings.Repeat("a", 32) + ".json", filepath.Join("cache", strings.Repeat("a", 32)+".json"), ".new-1", "cache/.new-1"}
			for _, name := range theirs {
				must(t, os.WriteFile(name, []byte("{}"), 0o600))
				must(t, os.Chtimes(name, noon.Add(-24*time.Hour), noon.Add(-24*time.Hour)))
			}
			c, store, _ := setup(t)
			c.Dir = dir
			put(t, c, want, entry(time.Hour))
			if list, err := c.List(); len(list) != 0 || err != nil {
				t.Errorf("%v %v", list, err)
			}
			if n, err := c.Clear(ctx, nil); n != 1 || err != nil || store.Len() != 0 || c.Places() != nil {
				t.Errorf("%d %v", n, err)
			}
			for _, name := range theirs {
				if _, err := os.Stat(name); err != nil {
					t.Error(err)
				}
			}
			top, _ := os.ReadDir(".")
			below, _ := os.ReadDir("cache")
			if len(top) != 3 || len(below) != 2 {
				t.Errorf("written: %v %v", top, below)
			}
		})
	}
}

func TestPlacesAreTheDirectoriesThatMetadataNames(t *testing.T) {
	c, _, _ := setup(t)
	for i, places := range [][]string{{"keyring", "/run/user/1/whichrole"}, {"/run/user/1/whichrole", "/x/whichrole"}, {"relative"}} {
		m := metaOf(want, entry(time.Hour), c.Store)
		m.ID, m.Places = strings.Repeat(string(rune('a'+i)), 32), places
		must(t, c.writeMeta(m))
	}
	if got := strings.Join(c.Places(), " "); got != "/run/user/1/whichrole /x/whichrole" {
		t.Error(got)
	}
}
