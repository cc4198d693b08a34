package credcache

import (
	"context"
	"testing"
	"time"
)

// A helper that was asking AWS while its person logged out kept a role for another hour.
func TestWhatIsFetchedDuringALogoutIsNotKept(t *testing.T) {
	c, _, now := setup(t)
	w := want
	w.Login = "alice"
	mint := func(context.Context) (*Entry, error) {
		e := entry(time.Hour)
		e.RoleARN = roleA
		return &e, nil
	}
	logsOut := func(login string) func(context.Context) (*Entry, error) {
		return func(ctx context.Context) (*Entry, error) {
			if err := c.LoggedOut(login); err != nil {
				t.Error(err)
			}
			return mint(ctx)
		}
	}
	if e, err := c.Do(ctx, w, logsOut("alice")); err != nil || e == nil {
		t.Fatalf("the caller itself gets nothing: %v", err)
	}
	if _, freshness, _ := c.Get(ctx, w); freshness != Miss {
		t.Errorf("it is kept: %v", freshness)
	}
	*now = now.Add(time.Second)
	if _, err := c.Do(ctx, w, logsOut("bob")); err != nil {
		t.Fatal(err)
	}
	if _, freshness, _ := c.Get(ctx, w); freshness != Fresh {
		t.Errorf("another's logout costs the entry: %v", freshness)
	}
}

// A clock that was a year ahead for a moment switched the cache off for a year.
func TestALogoutOfTheFutureIsNone(t *testing.T) {
	c, _, now := setup(t)
	*now = noon.Add(365 * 24 * time.Hour)
	if err := c.LoggedOut("alice"); err != nil {
		t.Fatal(err)
	}
	*now = noon
	if c.loggedOutSince("alice", noon) {
		t.Error("nothing of that login is kept until then")
	}
}

// An MFA session of which ten minutes were left asked for a new code, though it was as good as before.
func TestWhatOnlyAPersonRenewsIsServedToItsEnd(t *testing.T) {
	c, _, now := setup(t)
	w := want
	w.ToTheEnd = true
	put(t, c, w, entry(12*time.Hour))
	*now = now.Add(12*time.Hour - 3*time.Minute)
	if _, freshness, why := c.Get(ctx, w); freshness != Fresh {
		t.Errorf("3 minutes before the end: %v, %s", freshness, why)
	}
	if _, freshness, _ := c.Get(ctx, want); freshness != Usable {
		t.Errorf("what renews itself: %v", freshness)
	}
	*now = now.Add(2 * time.Minute)
	if _, freshness, _ := c.Get(ctx, w); freshness != Miss {
		t.Errorf("a minute before the end: %v", freshness)
	}
}
