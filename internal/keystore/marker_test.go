package keystore_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"whichrole/internal/keystore"
	"whichrole/internal/paths"
)

// machine is one that has a keyring, which answers or does not, and a clock.
type machine struct {
	*items
	o     keystore.Options
	now   time.Time
	probe func(context.Context, keystore.Options) error
	asked int // how often the keyring was
}

func newMachine(t *testing.T) *machine {
	m := &machine{items: windows(), now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	m.o = keystore.Options{Timeout: 50 * time.Millisecond, Env: paths.Env{"DBUS_SESSION_BUS_ADDRESS": "unix:path=/one"}}
	m.o.Now = func() time.Time { return m.now }
	m.o.Dirs.State = filepath.Join(t.TempDir(), "new", "state")
	m.answers()
	return m
}

func (m *machine) answers() {
	m.probe = func(context.Context, keystore.Options) error { m.asked++; return nil }
}

func (m *machine) hangs() {
	m.probe = func(context.Context, keystore.Options) error { m.asked++; return keystore.ErrTimedOut }
}

func (m *machine) open() (keystore.Store, error) {
	return keystore.OpenOn(m, 2560, func(ctx context.Context, o keystore.Options) error { return m.probe(ctx, o) }, m.o)
}

// spared tells whether an Open leaves the keyring alone, and why.
func (m *machine) spared(t *testing.T) (reason string) {
	t.Helper()
	before := m.asked
	_, err := m.open()
	if m.asked > before {
		return ""
	}
	return wantUnavailable(t, err, "keyring", keystore.TimedOut).Detail
}

// dies has the keyring hang once, and then answer again.
func (m *machine) dies(t *testing.T) {
	t.Helper()
	m.hangs()
	_, err := m.open()
	wantUnavailable(t, err, "keyring", keystore.TimedOut)
	m.answers()
}

func (m *machine) marker(t *testing.T) string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(m.o.Dirs.State, "run", "keyring-dead-*"))
	if err != nil || len(list) != 1 {
		t.Fatalf("markers: %v", list)
	}
	return list[0]
}

func TestDeadKeyringIsLeftAloneForAMinute(t *testing.T) {
	m := newMachine(t)
	m.dies(t)
	for after, want := range map[time.Duration]string{
		0:                              "gave no answer 0s ago; asked again in 1m0s, or after: whichrole cache clear --expired",
		12*time.Second + 999999999:     "gave no answer 12s ago; asked again in 48s, or after: whichrole cache clear --expired",
		time.Minute - time.Nanosecond:  "gave no answer 59s ago; asked again in 1s, or after: whichrole cache clear --expired",
		time.Minute:                    "",
		24 * 365 * time.Hour:           "",
		-time.Nanosecond - time.Second: "", // a clock that was set back
	} {
		start := m.now
		m.now = m.now.Add(after)
		if got := m.spared(t); got != want {
			t.Errorf("%v later: %q", after, got)
		}
		m.now = start
	}
}

func TestOperationThatHangsMarksTheKeyring(t *testing.T) {
	for name, op := range operations {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			release := make(chan bool)
			defer close(release)
			s, err := m.open()
			okay(t, err)
			m.accident = func(int, string) fate { <-release; return fails }
			wantUnavailable(t, op(t.Context(), s), "keyring", keystore.TimedOut)
			if m.spared(t) == "" {
				t.Error("the next process waits too")
			}
		})
	}
}

var operations = map[string]func(context.Context, keystore.Store) error{
	"Get": func(ctx context.Context, s keystore.Store) error { _, err := s.Get(ctx, id); return err },
	"Set": func(ctx context.Context, s keystore.Store) error {
		return s.Set(ctx, id, []byte(text("x", 5000)), soon)
	},
	"Delete": func(ctx context.Context, s keystore.Store) error { return s.Delete(ctx, id) },
	"Clear":  func(ctx context.Context, s keystore.Store) error { _, err := s.Clear(ctx); return err },
}

// What is left behind after a timeout must not write, minutes later, over what others have written meanwhile.
func TestAbandonedOperationMakesNoMoreCalls(t *testing.T) {
	for name, op := range operations {
		for n := 1; ; n++ {
			m := newMachine(t)
			s, err := m.open()
			okay(t, err)
			stored := process(t, "windows", m.items)
			okay(t, stored.Set(t.Context(), id, []byte(text("x", 5000)), soon))
			m.calls = nil
			var hanging atomic.Bool
			release := make(chan bool)
			m.accident = func(call int, _ string) fate {
				if call == n {
					hanging.Store(true)
					<-release
				}
				return happens
			}
			err = op(t.Context(), s)
			if !hanging.Load() {
				break
			}
			wantUnavailable(t, err, "keyring", keystore.TimedOut)
			close(release)
			time.Sleep(2 * time.Millisecond)
			m.mu.Lock()
			if len(m.calls) != n {
				t.Errorf("%s goes on after its call %d: %q", name, n, m.calls)
			}
			m.mu.Unlock()
		}
	}
}

// Ctrl-C, or the deadline of the whole call: neither says anything about the keyring.
func TestCallerWhoLeavesDoesNotMarkTheKeyring(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	caused, cancelCause := context.WithCancelCause(t.Context())
	cancelCause(errors.New("the caller's own"))
	for name, op := range operations {
		for what, ctx := range map[string]context.Context{"cancelled": cancelled, "late": late, "caused": caused} {
			m := newMachine(t)
			m.o.Timeout = time.Minute
			release := make(chan bool)
			s, err := m.open()
			okay(t, err)
			m.accident = func(int, string) fate { <-release; return happens }
			u := wantUnavailable(t, op(ctx, s), "keyring", keystore.TimedOut)
			close(release)
			if u.Detail != "the caller could not wait longer" {
				t.Errorf("%s, %s: %v", name, what, u)
			}
			if reason := m.spared(t); reason != "" {
				t.Errorf("%s, %s: it was blamed: %s", name, what, reason)
			}
			if err := op(t.Context(), s); err != nil && !errors.Is(err, keystore.ErrNotFound) {
				t.Errorf("%s, %s: it counts as dead: %v", name, what, err)
			}
		}
	}
}

func TestWhatIsNoTimeoutMarksNothing(t *testing.T) {
	m := newMachine(t)
	for _, class := range []keystore.Class{keystore.Absent, keystore.Locked, keystore.Denied} {
		m.probe = func(context.Context, keystore.Options) error {
			m.asked++
			return &keystore.Unavailable{Store: "keyring", Class: class, Detail: "x"}
		}
		_, err := m.open()
		wantUnavailable(t, err, "keyring", class)
	}
	m.answers()
	s, err := m.open()
	okay(t, err)
	m.accident = func(int, string) fate { return panics }
	if u := wantUnavailable(t, operations["Set"](t.Context(), s), "keyring", keystore.Absent); u.Detail != "the keyring library panicked: the bus died meanwhile" {
		t.Error(u)
	}
	if reason := m.spared(t); reason != "" {
		t.Error(reason)
	}
	if _, err := os.Stat(m.o.Dirs.State); err == nil {
		t.Error("a directory was made for it")
	}
}

func TestMarkerOfOneSessionDoesNotBlameAnother(t *testing.T) {
	m := newMachine(t)
	m.dies(t)
	for _, address := range []string{"", "unix:path=/two"} {
		other := m.o.Env
		m.o.Env = paths.Env{"DBUS_SESSION_BUS_ADDRESS": address}
		if reason := m.spared(t); reason != "" {
			t.Errorf("%q: %s", address, reason)
		}
		m.o.Env = other
	}
}

func TestReviveHasTheKeyringAskedAgain(t *testing.T) {
	m := newMachine(t)
	keystore.Revive(m.o)
	if _, err := os.Stat(m.o.Dirs.State); err == nil {
		t.Error("a directory was made for it")
	}
	m.dies(t)
	keystore.Revive(m.o)
	if reason := m.spared(t); reason != "" {
		t.Error(reason)
	}
	if left, _ := os.ReadDir(filepath.Join(m.o.Dirs.State, "run")); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	m.dies(t) // and again
	if m.spared(t) == "" {
		t.Error("it is marked only once")
	}
}

// A process that asked before the first died of it is the last to wait, and from then on a minute counts.
func TestSecondDeathCountsFromItsOwnTime(t *testing.T) {
	m := newMachine(t)
	early, err := m.open()
	okay(t, err)
	m.dies(t)
	m.now = m.now.Add(30 * time.Second)
	release := make(chan bool)
	defer close(release)
	m.accident = func(int, string) fate { <-release; return fails }
	wantUnavailable(t, operations["Get"](t.Context(), early), "keyring", keystore.TimedOut)
	m.now = m.now.Add(59 * time.Second)
	if m.spared(t) == "" {
		t.Error("the old time stands")
	}
}

// Each login has a bus of its own: its marker is of no use to the next.
func TestMarkersDoNotPileUp(t *testing.T) {
	m := newMachine(t)
	m.dies(t)
	run := filepath.Dir(m.marker(t))
	put := func(name string, age time.Duration) {
		okay(t, os.WriteFile(filepath.Join(run, name), nil, 0o600))
		okay(t, os.Chtimes(filepath.Join(run, name), m.now.Add(-age), m.now.Add(-age)))
	}
	put("keyring-dead-00000000", 2*time.Minute)
	put("keyring-dead-11111111", 30*time.Second)
	put("key.lock", time.Hour)
	keystore.Revive(m.o)
	m.dies(t)
	var left []string
	list, _ := os.ReadDir(run)
	for _, e := range list {
		left = append(left, e.Name())
	}
	if slices.Contains(left, "keyring-dead-00000000") || !slices.Contains(left, "keyring-dead-11111111") || !slices.Contains(left, "key.lock") || len(left) != 3 {
		t.Errorf("left: %v", left)
	}
}

func TestWhatIsNoMarkerSparesNothing(t *testing.T) {
	for name, put := range map[string]func(t *testing.T, m *machine, path string){
		"a directory": func(t *testing.T, m *machine, path string) {
			okay(t, os.Mkdir(path, 0o700))
			okay(t, os.Chtimes(path, m.now, m.now))
		},
		"a link to a file": func(t *testing.T, m *machine, path string) {
			target := filepath.Join(t.TempDir(), "file")
			okay(t, os.WriteFile(target, nil, 0o600))
			okay(t, os.Chtimes(target, m.now, m.now))
			if err := os.Symlink(target, path); err != nil && runtime.GOOS != "windows" { // there it takes a privilege
				t.Fatal(err)
			}
		},
		"somebody else's file": func(t *testing.T, m *machine, path string) {
			okay(t, os.WriteFile(path, nil, 0o600))
			if os.Getuid() != 0 {
				okay(t, os.Remove(path)) // only root can give it away
				return
			}
			okay(t, os.Chown(path, 54321, 54321))
			okay(t, os.Chtimes(path, m.now, m.now))
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			m.dies(t)
			path := m.marker(t)
			okay(t, os.Remove(path))
			put(t, m, path)
			if reason := m.spared(t); reason != "" {
				t.Error(reason)
			}
		})
	}
}

func TestWithoutAClockOrAPlaceEachProcessWaitsByItself(t *testing.T) {
	m := newMachine(t)
	now := m.o.Now
	m.o.Now = nil
	m.dies(t)
	m.o.Now = now
	if reason := m.spared(t); reason != "" {
		t.Error(reason)
	}
	m.dies(t)
	m.o.Now = nil
	if reason := m.spared(t); reason != "" {
		t.Error(reason)
	}
	m.o.Now, m.o.Dirs = now, paths.Dirs{}
	m.dies(t)
	if reason := m.spared(t); reason != "" {
		t.Error(reason)
	}
	keystore.Revive(m.o)
}

// What the probe took is no longer there for the call that it serves.
func TestProbeAndFirstOperationShareOneBound(t *testing.T) {
	m := newMachine(t)
	m.o.Timeout, m.o.Now = 1500*time.Millisecond, time.Now
	release := make(chan bool)
	defer close(release)
	m.accident = func(int, string) fate { <-release; return fails }
	m.probe = func(context.Context, keystore.Options) error { time.Sleep(700 * time.Millisecond); return nil }
	start := time.Now()
	s, err := m.open()
	okay(t, err)
	wantUnavailable(t, operations["Get"](t.Context(), s), "keyring", keystore.TimedOut)
	if took := time.Since(start); took > 2*time.Second || took < time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestProbeAndLaterOperationShareOneBound(t *testing.T) {
	m := newMachine(t)
	m.o.Timeout = time.Minute
	s, err := m.open()
	okay(t, err)
	operations["Get"](t.Context(), s)
	var bound time.Time
	m.probe = func(ctx context.Context, _ keystore.Options) error { bound, _ = ctx.Deadline(); return nil }
	operations["Get"](t.Context(), s)
	if left := time.Until(bound); left > time.Minute || left < 0 {
		t.Errorf("it had %v", left)
	}
}
