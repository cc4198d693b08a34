package endpoint

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"whichrole/internal/creds"
	"whichrole/internal/problem"
)

func TestRenewedAtHalfOfTheirLife(t *testing.T) {
	w := newWorld(t)
	s := w.serve()
	w.forward(30 * time.Minute)
	w.settles()
	if w.count() != 0 {
		t.Fatal("renewed before half of the hour was over")
	}
	for n, key := range []string{"ASIAENDPOINTTEST0001", "ASIAENDPOINTTEST0002", "ASIAENDPOINTTEST0003"} {
		w.forward(time.Second)
		w.eventually("the next ones", func() bool { return w.ask(s).fields["AccessKeyId"] == key })
		w.settles()
		if w.count() != n+1 {
			t.Fatalf("%d calls", w.count())
		}
		w.forward(30 * time.Minute)
	}
}

// The cache gives others only below 20 minutes.
func TestSameCredentialsAgainAreAskedForAgainNearerToTheirEnd(t *testing.T) {
	w := newWorld(t)
	s := w.serve()
	old := s.held.c
	w.gives(func() (creds.Credentials, time.Time, error) { return old, old.Expires.Add(-time.Minute), nil })
	w.forward(30*time.Minute + time.Second)
	w.eventually("the first try", func() bool { return w.count() == 1 })
	w.forward(14 * time.Minute)
	w.settles()
	if n := w.count(); n != 1 {
		t.Errorf("%d tries by 44 minutes", n)
	}
	w.gives(nil)
	w.forward(2 * time.Minute)
	w.eventually("others", func() bool { return w.ask(s).fields["AccessKeyId"] == "ASIAENDPOINTTEST0002" })
}

// Another process may have been quicker, and the source then gives older ones.
func TestOlderOnesDoNotReplaceThoseThatLastLonger(t *testing.T) {
	w := newWorld(t)
	s := w.serve()
	w.life = 10 * time.Minute
	w.forward(31 * time.Minute)
	w.eventually("the try", func() bool { return w.count() == 1 })
	w.settles()
	if a := w.ask(s); a.fields["AccessKeyId"] != "ASIAENDPOINTTEST0000" {
		t.Error(a.text)
	}
}

func TestFailedRenewalServesWhatIsLeftAndTriesAgain(t *testing.T) {
	w := newWorld(t)
	s := w.serve()
	w.gives(func() (creds.Credentials, time.Time, error) {
		return creds.Credentials{}, time.Time{}, problem.New(problem.Unreachable, "sts.example.test cannot be reached")
	})
	w.forward(31 * time.Minute)
	for n := 1; n <= 5; n++ {
		w.eventually("a try", func() bool { return w.count() == n })
		w.settles()
		if a := w.ask(s); w.count() != n || a.fields["AccessKeyId"] != "ASIAENDPOINTTEST0000" {
			t.Fatalf("%d tries: %s", w.count(), a.text)
		}
		w.forward(seldom)
	}
	w.gives(nil)
	w.forward(seldom)
	w.eventually("new ones", func() bool { return w.ask(s).fields["AccessKeyId"] != "ASIAENDPOINTTEST0000" })
	if !strings.Contains(w.said(), "cannot be renewed: sts.example.test") {
		t.Error(w.said())
	}
}

func TestExpiredCredentialsAreNeverServed(t *testing.T) {
	w := newWorld(t)
	s := w.serve()
	w.gives(func() (creds.Credentials, time.Time, error) {
		return creds.Credentials{}, time.Time{}, problem.New(problem.LoginNeeded, "the session \x1b[31mof corp\u202e has ended").WithHint("whichrole login --profile corp")
	})
	w.forward(59 * time.Minute) // what SDKs are told as the end; STS's is a minute away
	a := w.ask(s)
	if a.status != 503 || a.fields["code"] != "CredentialsUnavailable" || strings.Contains(a.text, "ASIA") ||
		a.fields["message"] != `whichrole: the session \x1b[31mof corp\xe2\x80\xae has ended; hint: whichrole login --profile corp` {
		t.Errorf("%d %s", a.status, a.text)
	}
	// Every SDK asks several times at once; nobody asks in the background any more.
	asked := w.count()
	for range 3 {
		if a := w.ask(s); a.status != 503 || !strings.Contains(a.fields["message"], "whichrole login") {
			t.Errorf("%d %s", a.status, a.text)
		}
	}
	w.settles()
	if w.count() != asked {
		t.Errorf("%d tries, and then %d", asked, w.count())
	}
	w.forward(48 * time.Hour)
	w.settles()
	if w.count() != asked {
		t.Error("tried on for nobody")
	}
	w.gives(nil)
	if a := w.ask(s); a.status != 200 || a.fields["Expiration"] != "2026-11-24T10:58:00Z" {
		t.Errorf("%d %s", a.status, a.text)
	}
}

// A machine that slept wakes up with credentials that have ended: whoever asks first gets new ones all the same.
func TestAfterSleepOneTryServesAllThatAsk(t *testing.T) {
	w := newWorld(t)
	s := w.serve()
	release := make(chan struct{})
	w.gives(func() (creds.Credentials, time.Time, error) {
		<-release
		c := w.session(77)
		return c, c.Expires.Add(-time.Minute), nil
	})
	w.forward(10 * time.Hour)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if a := w.ask(s); a.fields["AccessKeyId"] != "ASIAENDPOINTTEST0077" {
				t.Errorf("%d %s", a.status, a.text)
			}
		})
	}
	w.eventually("a try", func() bool { return w.count() == 1 })
	w.settles()
	close(release)
	all.Wait()
	if w.count() != 1 {
		t.Errorf("%d tries", w.count())
	}
}

func TestWhoAsksIsNotHeldUpForLong(t *testing.T) {
	w := newWorld(t)
	s := w.serve()
	w.gives(func() (creds.Credentials, time.Time, error) {
		<-s.held.ctx.Done()
		return creds.Credentials{}, time.Time{}, s.held.ctx.Err()
	})
	w.forward(2 * time.Hour)
	start := time.Now()
	a := w.ask(s)
	if a.status != 503 || !strings.Contains(a.fields["message"], "still being fetched") || time.Since(start) > 15*time.Second {
		t.Errorf("%d %s after %v", a.status, a.text, time.Since(start))
	}
}

func TestWhatRunsNeverFindsItselfInAnotherAccount(t *testing.T) {
	w := newWorld(t)
	s := w.serve()
	w.gives(func() (creds.Credentials, time.Time, error) {
		c := w.session(1)
		c.AccountID = "222222222222"
		return c, c.Expires.Add(-time.Minute), nil
	})
	w.forward(40 * time.Minute)
	w.eventually("the try", func() bool { return strings.Contains(w.said(), "222222222222") })
	if a := w.ask(s); a.fields["AccountId"] != "111111111111" {
		t.Error(a.text)
	}
	w.forward(time.Hour)
	if a := w.ask(s); a.status != 503 || strings.Contains(a.text, "ASIA") {
		t.Error(a.text)
	}
}

// An error of a library's may hold anything, and be of any length.
func TestLongErrorIsCut(t *testing.T) {
	w := newWorld(t)
	s := w.serve()
	w.gives(func() (creds.Credentials, time.Time, error) {
		return creds.Credentials{}, time.Time{}, errors.New(strings.Repeat("é", 100_000))
	})
	w.forward(2 * time.Hour)
	if a := w.ask(s); a.status != 503 || len(a.text) > 8<<10 {
		t.Errorf("%d %d", a.status, len(a.text))
	}
}

// After a clock was put back the next try is not a year away.
func TestClockThatWasPutBackHoldsNobodyUp(t *testing.T) {
	w := newWorld(t)
	s := w.serve()
	fails := func() (creds.Credentials, time.Time, error) {
		return creds.Credentials{}, time.Time{}, errors.New("no")
	}
	w.gives(fails)
	w.forward(365 * 24 * time.Hour)
	w.ask(s)
	w.forward(-364 * 24 * time.Hour)
	w.gives(nil)
	if a := w.ask(s); a.status != 200 {
		t.Errorf("%d %s", a.status, a.text)
	}
}

func TestManyAskWhileItRenews(t *testing.T) {
	w := newWorld(t)
	s := w.serve()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 20 {
				if a := w.ask(s); a.status != 200 {
					t.Errorf("%d %s", a.status, a.text)
				}
			}
		})
	}
	for range 20 {
		w.forward(31 * time.Minute)
		w.settles()
	}
	all.Wait()
	if w.count() == 0 {
		t.Error("never renewed")
	}
}
