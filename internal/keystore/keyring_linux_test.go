package keystore_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	gokeyring "github.com/zalando/go-keyring"

	"whichrole/internal/keystore"
	"whichrole/internal/test/keyringtest"
)

func TestContractOnGnomeKeyring(t *testing.T) {
	if onKeyring(t) {
		keyringtest.Contract(t, open(t, keystore.Keyring))
	}
}

func TestContractOnAuto(t *testing.T) {
	if onKeyring(t) {
		s := open(t, keystore.Auto)
		if s.Name() != "keyring" || len(keystore.PassedOver(s)) != 0 {
			t.Errorf("%s, passed over %v", s.Name(), keystore.PassedOver(s))
		}
		keyringtest.Contract(t, s)
	}
}

func TestLockedKeyringIsSkippedWithoutAPrompt(t *testing.T) {
	if !onKeyring(t) {
		return
	}
	before := open(t, keystore.Keyring)
	must(t, before.Set(ctx, id, []byte("value"), soon))
	lock(t)
	made := calls(t, func() {
		within(t, 500*time.Millisecond, func() {
			_, err := keystore.Open(keystore.Keyring, here())
			wantUnavailable(t, err, "keyring", keystore.Locked)
			_, err = before.Get(ctx, id) // a long-lived process: the screen was locked meanwhile
			wantUnavailable(t, err, "keyring", keystore.Locked)
			wantUnavailable(t, before.Set(ctx, id, nil, soon), "keyring", keystore.Locked)
			wantUnavailable(t, before.Delete(ctx, id), "keyring", keystore.Locked)
		})
	})
	for _, forbidden := range []string{"Unlock", "Prompt"} {
		if slices.Contains(made, forbidden) {
			t.Errorf("%s was called: %v", forbidden, made)
		}
	}
}

func TestAutoGoesOnWithTheFile(t *testing.T) {
	if !onKeyring(t) {
		return
	}
	unlocked := open(t, keystore.Auto)
	must(t, unlocked.Set(ctx, id, []byte("in the keyring"), soon))
	lock(t)
	s := open(t, keystore.Auto)
	if s.Name() != "file" || keystore.Reaches(s, "keyring") || !keystore.Reaches(s, "file") || !keystore.Reaches(unlocked, "keyring") {
		t.Errorf("name %q, reaches the keyring %v", s.Name(), keystore.Reaches(s, "keyring"))
	}
	if passed := keystore.PassedOver(s); len(passed) != 1 || passed[0].Class != keystore.Locked {
		t.Errorf("passed over %v", passed)
	}
	if _, err := s.Get(ctx, id); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("%v", err)
	}
	must(t, s.Set(ctx, id, []byte("in the file"), soon))
	value, err := unlocked.Get(ctx, id) // locked, and the file behind it has one
	if err != nil || string(value) != "in the file" {
		t.Errorf("%q %v", value, err)
	}
}

// cache clear must not leave in the file what was put there while the keyring was locked.
func TestDeleteReachesEveryStore(t *testing.T) {
	if !onKeyring(t) {
		return
	}
	s, file := open(t, keystore.Auto), open(t, keystore.File)
	must(t, file.Set(ctx, id, []byte("left behind"), soon))
	must(t, s.Set(ctx, id, []byte("value"), soon))
	must(t, s.Delete(ctx, id))
	if value, err := s.Get(ctx, id); !errors.Is(err, keystore.ErrNotFound) {
		t.Errorf("%q %v", value, err)
	}
	must(t, s.Set(ctx, id, []byte("value"), soon))
	lock(t)
	wantUnavailable(t, s.Delete(ctx, id), "keyring", keystore.Locked)
}

// noBusEnv is an environment without a bus, and with a dbus-launch that leaves a trace.
func noBusEnv(t *testing.T, address string) ([]string, string) {
	dir := t.TempDir()
	trace := filepath.Join(dir, "started")
	script := "#!/bin/sh\necho x > " + trace + "\n"
	must(t, os.WriteFile(filepath.Join(dir, "dbus-launch"), []byte(script), 0o700))
	return []string{"PATH=" + dir + ":/usr/bin:/bin", "HOME=" + dir, "XDG_RUNTIME_DIR=" + dir, "DBUS_SESSION_BUS_ADDRESS=" + address}, trace
}

func TestNoBusIsAbsentAndStartsNoDbusLaunch(t *testing.T) {
	for _, address := range []string{"", "autolaunch:"} {
		trace := ""
		child := inChild(t, func() (env []string) { env, trace = noBusEnv(t, address); return env })
		if child {
			within(t, 500*time.Millisecond, func() {
				_, err := keystore.Open(keystore.Keyring, here())
				wantUnavailable(t, err, "keyring", keystore.Absent)
				if s := open(t, keystore.Auto); s.Name() != "file" {
					t.Errorf("auto is %s", s.Name())
				}
			})
			return
		}
		if _, err := os.Stat(trace); err == nil {
			t.Errorf("dbus-launch was started for %q", address)
		}
	}
}

// The trap above must be able to spring: go-keyring by itself does start dbus-launch.
func TestBareGoKeyringStartsDbusLaunch(t *testing.T) {
	trace := ""
	if inChild(t, func() (env []string) { env, trace = noBusEnv(t, ""); return env }) {
		gokeyring.Get("whichrole", id)
		return
	}
	if _, err := os.Stat("/run/user/" + uid() + "/bus"); err == nil {
		return // there is a bus to be found
	}
	if _, err := os.Stat(trace); err != nil {
		t.Error("it did not: the check in noBus may have become needless")
	}
}

func uid() string { return strings.TrimPrefix(shmName, "whichrole-") }

func TestBusWithoutSecretServiceIsAbsent(t *testing.T) {
	if onKeyring(t, keyringtest.BusOnly) {
		within(t, 500*time.Millisecond, func() {
			_, err := keystore.Open(keystore.Keyring, here())
			wantUnavailable(t, err, "keyring", keystore.Absent)
		})
	}
}

func TestServiceThatNeverComesUpIsTimedOut(t *testing.T) {
	if onKeyring(t, keyringtest.Hanging) {
		within(t, 2*time.Second, func() {
			_, err := keystore.Open(keystore.Keyring, here())
			wantUnavailable(t, err, "keyring", keystore.TimedOut)
		})
	}
}

func TestBusThatNeverAnswersIsTimedOut(t *testing.T) {
	socket := filepath.Join(shortDir(t), "bus")
	child := inChild(t, func() []string {
		l, err := net.Listen("unix", socket)
		must(t, err)
		t.Cleanup(func() { l.Close() })
		go func() {
			for conn, err := l.Accept(); err == nil; conn, err = l.Accept() {
				defer conn.Close()
			}
		}()
		return []string{"DBUS_SESSION_BUS_ADDRESS=unix:path=" + socket, "XDG_RUNTIME_DIR=" + shortDir(t)}
	})
	if child {
		within(t, 2*time.Second, func() {
			s := open(t, keystore.Auto)
			if passed := keystore.PassedOver(s); len(passed) != 1 || passed[0].Class != keystore.TimedOut {
				t.Errorf("passed over %v", passed)
			}
			must(t, s.Set(ctx, id, []byte("x"), soon))
		})
	}
}

func TestSocketThatIsGoneIsAbsent(t *testing.T) {
	if inChild(t, func() []string { return []string{"DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere/bus"} }) {
		_, err := keystore.Open(keystore.Keyring, here())
		wantUnavailable(t, err, "keyring", keystore.Absent)
	}
}

// It passes the probe and never answers the rest. The process waits for it once.
func TestKeyringThatHangsIsWaitedForOnce(t *testing.T) {
	if !onKeyring(t, keyringtest.BusOnly) {
		return
	}
	f := &fake{onUnlock: func() dbus.ObjectPath { select {} }}
	f.serve(t)
	o := here()
	o.Timeout = 200 * time.Millisecond
	s, err := keystore.Open(keystore.Keyring, o)
	must(t, err)
	within(t, time.Second, func() {
		_, err = s.Get(ctx, id)
		wantUnavailable(t, err, "keyring", keystore.TimedOut)
	})
	within(t, 50*time.Millisecond, func() {
		wantUnavailable(t, s.Set(ctx, id, []byte("x"), soon), "keyring", keystore.TimedOut)
		wantUnavailable(t, s.Delete(ctx, id), "keyring", keystore.TimedOut)
	})
	if n := f.unlocks.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

// go-keyring waits for the prompt's signal on a channel that the library closes, and panics.
func TestBusThatDiesUnderAPromptIsNoPanic(t *testing.T) {
	if !onKeyring(t, keyringtest.BusOnly) {
		return
	}
	f := &fake{onUnlock: func() dbus.ObjectPath { return fakePrompt }}
	f.onPrompt = func() {
		time.AfterFunc(50*time.Millisecond, func() {
			conn, _ := dbus.SessionBus()
			conn.Close()
		})
	}
	f.serve(t)
	_, err := open(t, keystore.Keyring).Get(ctx, id)
	u := wantUnavailable(t, err, "keyring", keystore.Absent)
	if !strings.Contains(u.Detail, "panicked") {
		t.Errorf("it did not panic: %s", u.Detail)
	}
}

func TestRefusedUnlockIsLocked(t *testing.T) {
	if !onKeyring(t, keyringtest.BusOnly) {
		return
	}
	f := &fake{onUnlock: func() dbus.ObjectPath { return "/" }} // no prompt, and nothing unlocked
	f.serve(t)
	_, err := open(t, keystore.Keyring).Get(ctx, id)
	wantUnavailable(t, err, "keyring", keystore.Locked)
}

// Readers, writers and deleters of one item at once: a Get that loses is a miss, never a failure.
func TestItemDeletedUnderAGetIsAMiss(t *testing.T) {
	if !onKeyring(t) {
		return
	}
	s := open(t, keystore.Keyring)
	stop := time.Now().Add(500 * time.Millisecond)
	done := make(chan bool)
	go func() {
		for time.Now().Before(stop) {
			s.Set(ctx, id, []byte("value"), soon)
			s.Delete(ctx, id)
		}
		close(done)
	}()
	for time.Now().Before(stop) {
		if value, err := s.Get(ctx, id); err != nil && !errors.Is(err, keystore.ErrNotFound) || err == nil && string(value) != "value" {
			t.Fatalf("%q %v", value, err)
		}
	}
	<-done
}

// PEERS: at most two D-Bus calls more than a bare keyring.Get; Hello is in neither, both share the connection.
func TestCachedAnswerCostsAtMostTwoMoreCalls(t *testing.T) {
	if !onKeyring(t) {
		return
	}
	must(t, open(t, keystore.Keyring).Set(ctx, id, []byte("value"), soon))
	bare := calls(t, func() { gokeyring.Get("whichrole", id) })
	ours := calls(t, func() { open(t, keystore.Auto).Get(ctx, id) })
	if len(ours) > len(bare)+2 || len(bare) < 5 {
		t.Errorf("%d calls %v, bare %d %v", len(ours), ours, len(bare), bare)
	}
	t.Logf("%d calls, bare %d", len(ours), len(bare))
}

// shortDir has a short name: a socket's path may have 107 bytes.
func shortDir(t *testing.T) string {
	dir, err := os.MkdirTemp("", "wr-")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}
