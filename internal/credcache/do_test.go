package credcache

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"whichrole/internal/keystore"
	"whichrole/internal/problem"
)

// minting is a mint that counts its calls, and takes so long.
func minting(calls *atomic.Int32, takes time.Duration, e Entry, err error) func(context.Context) (*Entry, error) {
	return func(context.Context) (*Entry, error) {
		calls.Add(1)
		time.Sleep(takes)
		if err != nil {
			return nil, err
		}
		return &e, nil
	}
}

var (
	refused     = problem.New(problem.Refused, "AWS said no").WithHint("ask for it")
	unreachable = problem.New(problem.Unreachable, "AWS did not answer")
)

func TestWhatIsFreshIsNotMintedAgain(t *testing.T) {
	c, _, now := setup(t)
	var calls atomic.Int32
	for range 3 {
		e, err := c.Do(ctx, want, minting(&calls, 0, entry(time.Hour), nil))
		if err != nil || e.Credentials.SessionToken.Reveal() != token {
			t.Fatalf("%v %v", e, err)
		}
	}
	if calls.Load() != 1 {
		t.Errorf("%d calls", calls.Load())
	}
	*now = noon.Add(45 * time.Minute)
	if _, err := c.Do(ctx, want, minting(&calls, 0, entry(2*time.Hour), nil)); err != nil || calls.Load() != 2 {
		t.Errorf("what is nearly over was not renewed: %d calls, %v", calls.Load(), err)
	}
}

func TestManyAtOnceCostOneCallAlsoWhereNothingIsKept(t *testing.T) {
	for name, store := range map[string]keystore.Store{
		"kept": nil, "not kept": keystore.Without(&keystore.Unavailable{Store: "none", Class: keystore.Absent, Detail: "switched off"}),
	} {
		t.Run(name, func(t *testing.T) {
			c, _, _ := setup(t)
			if store != nil {
				c.Store = store
			}
			var calls atomic.Int32
			var wg sync.WaitGroup
			for range 20 {
				wg.Go(func() {
					e, err := c.Do(ctx, want, minting(&calls, 300*time.Millisecond, entry(time.Hour), nil))
					if err != nil || e.Credentials.SessionToken.Reveal() != token || e.Credentials.AccountID != "111111111111" {
						t.Errorf("%v %v", e, err)
					}
				})
			}
			wg.Wait()
			if calls.Load() != 1 {
				t.Errorf("%d calls", calls.Load())
			}
		})
	}
}

func TestAFailureIsSharedAndLosesNothing(t *testing.T) {
	c, store, now := setup(t)
	put(t, c, want, entry(time.Hour))
	*now = noon.Add(50 * time.Minute)
	var calls atomic.Int32
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			_, err := c.Do(ctx, want, minting(&calls, 300*time.Millisecond, Entry{}, refused))
			if p, ok := errors.AsType[*problem.Error](err); !ok || p.Code != problem.Refused || p.Hint != "ask for it" {
				t.Errorf("%v", err)
			}
		})
	}
	wg.Wait()
	if calls.Load() != 1 || store.Len() != 1 {
		t.Errorf("%d calls, %d entries", calls.Load(), store.Len())
	}
}

func TestWhatIsLeftIsServedWhereAWSCannotBeReached(t *testing.T) {
	for name, tt := range map[string]struct {
		passed time.Duration
		err    error
		served bool
	}{
		"unreachable":              {50 * time.Minute, unreachable, true},
		"refused":                  {50 * time.Minute, refused, false},
		"61 s as printed":          {time.Hour - 121*time.Second, unreachable, true},
		"60 s as printed":          {time.Hour - 120*time.Second, unreachable, false},
		"expired":                  {time.Hour, unreachable, false},
		"another kind of failure":  {50 * time.Minute, errors.New("no"), false},
		"the caller's time was up": {50 * time.Minute, context.DeadlineExceeded, false},
	} {
		t.Run(name, func(t *testing.T) {
			c, _, now := setup(t)
			put(t, c, want, entry(time.Hour))
			*now = noon.Add(tt.passed)
			var calls atomic.Int32
			e, err := c.Do(ctx, want, minting(&calls, 0, Entry{}, tt.err))
			if (err == nil) != tt.served || (e != nil) != tt.served || calls.Load() != 1 {
				t.Errorf("%v %v, %d calls", e, err, calls.Load())
			}
		})
	}
}

// What is left must still be good when the wait for AWS is over.
func TestWhatRanOutDuringTheWaitIsNotServed(t *testing.T) {
	c, _, now := setup(t)
	put(t, c, want, entry(time.Hour))
	*now = noon.Add(57 * time.Minute)
	if _, f, _ := c.Get(ctx, want); f != Usable {
		t.Fatal(f)
	}
	e, err := c.Do(ctx, want, func(context.Context) (*Entry, error) {
		*now = noon.Add(59 * time.Minute)
		return nil, unreachable
	})
	if e != nil || problem.CodeOf(err) != problem.Unreachable {
		t.Errorf("%v %v", e, err)
	}
}

func TestAFailedWriteNeverCostsGoodCredentials(t *testing.T) {
	c, store, _ := setup(t)
	store.Err = &keystore.Unavailable{Store: "keyring", Class: keystore.Locked, Detail: "it is locked"}
	var calls atomic.Int32
	if e, err := c.Do(ctx, want, minting(&calls, 0, entry(time.Hour), nil)); err != nil || e.Credentials.SessionToken.Reveal() != token {
		t.Errorf("%v %v", e, err)
	}
	odd := entry(time.Hour)
	odd.Credentials.AccessKeyID = "odd" // can't be encoded, so nothing can be kept of it or handed on
	if e, err := c.Do(ctx, want, minting(&calls, 0, odd, nil)); err != nil || e.Credentials.AccessKeyID != "odd" {
		t.Errorf("%v %v", e, err)
	}
}

// Where processes meet nobody else can listen: but what comes from there is judged as what comes from the keyring is.
func TestHandedOverForAnotherRoleIsNotTaken(t *testing.T) {
	c, _, _ := setup(t)
	other := Want{Key: want.Key, RoleARN: roleB, Account: "222222222222"}
	begun, finish := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		foreign := entry(time.Hour)
		foreign.Credentials.AccountID = "222222222222"
		c.Do(ctx, other, func(context.Context) (*Entry, error) {
			close(begun)
			<-finish
			return &foreign, nil
		})
	})
	<-begun
	wg.Go(func() {
		var calls atomic.Int32
		e, err := c.Do(ctx, want, minting(&calls, 0, entry(time.Hour), nil))
		if err != nil || e.Credentials.AccountID != "111111111111" || calls.Load() != 1 {
			t.Errorf("%v %v, %d calls", e, err, calls.Load())
		}
	})
	time.Sleep(200 * time.Millisecond)
	close(finish)
	wg.Wait()
}

func TestWithoutAPlaceToMeetEachMints(t *testing.T) {
	c, _, _ := setup(t)
	c.Flight.Dirs.State = filepath.Join("/proc", "none")
	var calls atomic.Int32
	if _, err := c.Do(ctx, want, minting(&calls, 0, entry(time.Hour), nil)); err != nil || calls.Load() != 1 {
		t.Errorf("%d calls, %v", calls.Load(), err)
	}
}

func TestFailureOfAnotherWayIsNotShared(t *testing.T) {
	c, _, _ := setup(t)
	var calls atomic.Int32
	proxied := want
	proxied.Way = "HTTPS_PROXY=http://127.0.0.1:1"
	if _, err := c.Do(ctx, proxied, minting(&calls, 0, Entry{}, unreachable)); err == nil {
		t.Fatal("no failure")
	}
	if _, err := c.Do(ctx, want, minting(&calls, 0, entry(time.Hour), nil)); err != nil {
		t.Error(err)
	}
	if _, err := c.Do(ctx, proxied, minting(&calls, 0, Entry{}, unreachable)); err != nil || calls.Load() != 2 {
		t.Errorf("what is stored is for all: %v, %d calls", err, calls.Load())
	}
}
