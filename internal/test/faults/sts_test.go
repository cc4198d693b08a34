//go:build linux

package faults

import (
	"testing"
	"time"

	"whichrole/internal/test/fakests"
)

// stsFaults are what STS can do to us, with what becomes of a caller who has nothing and of one who has something left, and
// how many calls twenty callers may make of it in all: one process's, with the SDK's retries; and a few, where each may find
// for itself that there is no answer in its own time.
var stsFaults = map[string]struct {
	before, fault func(*world)
	cold, left    int
	most          int
}{
	"refuses":              {fault: plays(fakests.Refuse), cold: 7, left: 7, most: 1},
	"throttles":            {fault: plays(fakests.Throttle), cold: 8, most: 3},
	"is unwell":            {fault: plays(fakests.Internal), cold: 8, most: 3},
	"hangs":                {fault: plays(fakests.Hang), cold: 8, most: 5},
	"hangs in its answer":  {fault: plays(fakests.HangBody), cold: 8, most: 5},
	"cuts the connection":  {fault: plays(fakests.Cut), cold: 8, most: 3},
	"cuts its answer":      {fault: plays(fakests.CutBody), cold: 8, most: 3},
	"is a captive portal":  {fault: plays(fakests.Garbage), cold: 8, most: 3},
	"refuses connections":  {fault: func(w *world) { w.endSTS() }, cold: 8},
	"has no name any more": {before: behindName, fault: withoutName, cold: 8},
}

func plays(kind string) func(*world) {
	return func(w *world) { w.faults(fakests.Fault{Kind: kind}) }
}

// behindName calls STS by a name that only a proxy can resolve. Go asks no name server for an onion (RFC 7686), so nothing
// leaves this machine without the proxy; the dot at the end keeps it from being asked with a search domain.
func behindName(w *world) {
	w.env["AWS_ENDPOINT_URL_STS"], w.env["HTTP_PROXY"] = "http://sts.whichrole.onion.", w.sts.URL
}

func withoutName(w *world) { delete(w.env, "HTTP_PROXY") }

const shortTemper = 3 * time.Second

func TestTwentyWithNothingWhileSTS(t *testing.T) {
	t.Parallel()
	for name, f := range stsFaults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.env["WHICHROLE_TIMEOUT"] = shortTemper.String()
			if f.before != nil {
				f.before(w)
			}
			f.fault(w)
			w.begin(many, "qa").fails(f.cold, shortTemper+time.Second+slack)
			w.calls(0, f.most)
		})
	}
}

// A quarter of an hour is left of what is cached: it is to be renewed, but good enough where it can't be. It stays in the
// store whatever STS says.
func TestTwentyWithSomethingLeftWhileSTS(t *testing.T) {
	t.Parallel()
	for name, f := range stsFaults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if f.before != nil {
				f.before(w)
			}
			first := w.ask("qa").begin().served(15 * time.Second)
			w.age(45 * time.Minute)
			kept := w.kept()
			w.env["WHICHROLE_TIMEOUT"] = shortTemper.String()
			f.fault(w)
			crowd := w.begin(many, "qa")
			if f.left != 0 {
				crowd.fails(f.left, shortTemper+time.Second+slack)
			} else if ids := crowd.served(shortTemper + time.Second + slack); len(ids) != 1 || ids[0] != first {
				t.Errorf("%v were served, and %s was left", ids, first)
			}
			w.calls(1, 1+f.most)
			if w.kept() != kept {
				t.Error("what was left is not in the store any more")
			}
		})
	}
}

// One of them asks again until STS is well, and all get what it gets.
func TestTwentyThroughTroubleThatPasses(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{fakests.Throttle, fakests.Internal, fakests.Cut, fakests.CutBody} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.faults(fakests.Fault{Kind: kind, Times: 2})
			if ids := w.begin(many, "qa").served(3*time.Second + slack); len(ids) != 1 {
				t.Errorf("%d sessions were handed out, want one", len(ids))
			}
			w.calls(3, 3)
		})
	}
}

func TestTwentyColdMakeOneCall(t *testing.T) {
	t.Parallel()
	for _, delay := range []time.Duration{0, 20 * time.Millisecond, 150 * time.Millisecond} { // some come too late to wait for the first
		t.Run(delay.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.slow(delay)
			if ids := w.begin(many, "qa").served(slack); len(ids) != 1 {
				t.Errorf("%d sessions were handed out, want one", len(ids))
			}
			w.begin(many, "qa").served(slack)
			w.calls(1, 1)
		})
	}
}

// What is left of a session is renewed once, however many want that.
func TestTwentyRenewWithOneCall(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.ask("qa").begin().served(slack)
	w.age(45 * time.Minute)
	w.slow(150 * time.Millisecond)
	if ids := w.begin(many, "qa").served(slack); len(ids) != 1 || ids[0] == first {
		t.Errorf("%v were handed out, want one that is not %s", ids, first)
	}
	w.calls(2, 2)
}
