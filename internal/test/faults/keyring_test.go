//go:build linux

package faults

import (
	"testing"
	"time"

	"whichrole/internal/test/fakests"
	"whichrole/internal/test/keyringtest"
)

// After the first has waited for a keyring in vain, the next ones do without it: a marker tells them.
func TestDeadKeyringIsWaitedForOnce(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]func(*testing.T, *world){"bus": silentBus, "service": onBus(keyringtest.Hanging)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			fault(t, w)
			first := w.ask("qa").begin()
			first.served(keyringWaits + slack)
			if first.took < time.Second {
				t.Errorf("it took only %s: the keyring was not waited for, and this test shows nothing", first.took)
			}
			fastest := time.Hour
			for range 3 { // one may be unlucky on a busy machine
				next := w.ask("qa").begin()
				next.served(slack)
				fastest = min(fastest, next.took)
			}
			if fastest > 900*time.Millisecond { // looking for the keyring alone takes 1 s
				t.Errorf("the next ones took %s or more", fastest)
			}
			w.calls(1, 1)
		})
	}
}

// Each waits for the keyring and then for STS, and neither makes the whole longer than it may be.
func TestTwentyWhileNothingAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.env["WHICHROLE_TIMEOUT"] = shortTemper.String()
	silentBus(t, w)
	plays(fakests.Hang)(w)
	w.begin(many, "qa").fails(8, shortTemper+time.Second+slack)
}

func onKeyring(t *testing.T) (*world, *keyringtest.Keyring) {
	t.Helper()
	w, k := newWorld(t), keyringtest.Start(t)
	w.auto()
	w.env["DBUS_SESSION_BUS_ADDRESS"] = k.Address
	return w, k
}

// The keyring crashes and comes back: its place is taken meanwhile, and what it holds is served afterwards.
func TestKeyringDiesBetweenTwoCalls(t *testing.T) {
	t.Parallel()
	w, k := onKeyring(t)
	first := w.ask("qa").begin().served(slack)
	k.KillDaemon()
	w.begin(many, "qa").served(keyringWaits + slack)
	w.begin(many, "qa").served(keyringWaits + slack)
	w.calls(2, 2)
	k.StartDaemon(t)
	if ids := w.begin(many, "qa").served(slack); len(ids) != 1 || ids[0] != first {
		t.Errorf("%v were served, and the keyring had %s", ids, first)
	}
	w.calls(2, 2)
}

func TestKeyringDiesWhileTwentyRun(t *testing.T) {
	t.Parallel()
	for what, kill := range map[string]func(*keyringtest.Keyring){"daemon": (*keyringtest.Keyring).KillDaemon, "bus": (*keyringtest.Keyring).KillBus} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w, k := onKeyring(t)
			w.slow(time.Second)
			crowd := w.begin(many, "qa")
			w.asked(1) // by one that has looked into the keyring, and will put there what it gets
			kill(k)
			if ids := crowd.served(keyringWaits + time.Second + slack); len(ids) != 1 {
				t.Errorf("%d sessions were handed out", len(ids))
			}
			w.ask("qa").begin().served(keyringWaits + slack)
			w.calls(1, 1)
		})
	}
}
