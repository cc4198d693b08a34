package keystore_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"whichrole/internal/keystore"
	"whichrole/internal/test/keyringtest"
)

// deadOnce is what every keyring that does not answer must look like: one wait, and none for the next processes, until
// the user says so.
func deadOnce(t *testing.T, o keystore.Options, bound time.Duration) {
	t.Helper()
	spared := func() {
		t.Helper()
		within(t, 500*time.Millisecond, func() {
			_, err := keystore.Open(keystore.Keyring, o)
			if u := wantUnavailable(t, err, "keyring", keystore.TimedOut); !strings.Contains(u.Detail, "whichrole cache clear") {
				t.Errorf("no marker: %v", u)
			}
			s, err := keystore.Open(keystore.Auto, o)
			must(t, err)
			must(t, s.Set(ctx, id, []byte("x"), soon))
			if s.Name() == "keyring" {
				t.Errorf("auto is %s", s.Name())
			}
		})
	}
	for range 2 {
		within(t, bound, func() {
			_, err := keystore.Open(keystore.Keyring, o)
			if u := wantUnavailable(t, err, "keyring", keystore.TimedOut); u.Detail != "no answer in time" {
				t.Errorf("%v", u)
			}
		})
		spared()
		keystore.Revive(o)
	}
}

func TestBusThatNeverAnswersIsWaitedForOnce(t *testing.T) {
	k, o := withKeyring(t, keyringtest.BusOnly)
	if k == nil {
		return
	}
	k.KillBus()
	socket := filepath.Join(k.Dir, "silent")
	l, err := net.Listen("unix", socket)
	must(t, err)
	defer l.Close()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+socket)
	o.Env["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=" + socket
	deadOnce(t, o, 2*time.Second)
}

func TestServiceThatNeverComesUpIsWaitedForOnce(t *testing.T) {
	if k, o := withKeyring(t, keyringtest.Hanging); k != nil {
		deadOnce(t, o, 2*time.Second)
	}
}

func TestFrozenKeyringIsWaitedForOnce(t *testing.T) {
	k, o := withKeyring(t)
	if k == nil {
		return
	}
	s, err := keystore.Open(keystore.Keyring, o)
	must(t, err)
	must(t, s.Set(ctx, id, []byte("value"), soon))
	k.FreezeDaemon()
	within(t, 2*time.Second, func() {
		_, err := s.Get(ctx, id)
		wantUnavailable(t, err, "keyring", keystore.TimedOut)
		wantUnavailable(t, s.Set(ctx, id, []byte("x"), soon), "keyring", keystore.TimedOut)
	})
	keystore.Revive(o)
	deadOnce(t, o, 2*time.Second)
	k.ThawDaemon()
	s, err = keystore.Open(keystore.Keyring, o)
	must(t, err)
	if value, err := s.Get(ctx, id); string(value) != "value" {
		t.Errorf("after the thaw: %q %v", value, err)
	}
}

func TestPromptThatNobodyAnswersIsBounded(t *testing.T) {
	k, o := withKeyring(t)
	if k == nil {
		return
	}
	lock(t)
	asked := prompter(t, func() {})
	_, err := keystore.Open(keystore.Keyring, o)
	if wantUnavailable(t, err, "keyring", keystore.Locked); asked.Load() != 0 {
		t.Error("the user was asked")
	}
	o.MayPrompt, o.Timeout = true, time.Second
	s, err := keystore.Open(keystore.Keyring, o)
	must(t, err)
	within(t, 2*time.Second, func() {
		_, err = s.Get(ctx, id)
		wantUnavailable(t, err, "keyring", keystore.TimedOut)
	})
	within(t, 500*time.Millisecond, func() {
		wantUnavailable(t, s.Set(ctx, id, []byte("x"), soon), "keyring", keystore.TimedOut)
		_, err := keystore.Open(keystore.Keyring, o)
		wantUnavailable(t, err, "keyring", keystore.TimedOut)
	})
	if n := asked.Load(); n != 1 {
		t.Errorf("the user was asked %d times", n)
	}
}

func TestLockedKeyringWithNobodyToPromptIsLocked(t *testing.T) {
	k, o := withKeyring(t)
	if k == nil {
		return
	}
	lock(t)
	o.MayPrompt = true
	within(t, 2*time.Second, func() {
		s, err := keystore.Open(keystore.Keyring, o)
		must(t, err)
		_, err = s.Get(ctx, id)
		wantUnavailable(t, err, "keyring", keystore.Locked)
		wantUnavailable(t, s.Set(ctx, id, []byte("x"), soon), "keyring", keystore.Locked)
	})
}

// The bus lives on, and go-keyring waits for a signal that never comes.
func TestDaemonKilledUnderAPromptIsTimedOut(t *testing.T) {
	k, o := withKeyring(t)
	if k == nil {
		return
	}
	lock(t)
	asked := prompter(t, func() { k.KillDaemon() })
	o.MayPrompt, o.Timeout = true, time.Second
	s, err := keystore.Open(keystore.Keyring, o)
	must(t, err)
	within(t, 2*time.Second, func() {
		_, err = s.Get(ctx, id)
		wantUnavailable(t, err, "keyring", keystore.TimedOut)
	})
	if asked.Load() != 1 {
		t.Error("there was no prompt")
	}
}

func TestBusKilledUnderAPromptIsNoPanic(t *testing.T) {
	k, o := withKeyring(t)
	if k == nil {
		return
	}
	lock(t)
	prompter(t, func() { k.KillBus() })
	o.MayPrompt, o.Timeout = true, 10*time.Second
	s, err := keystore.Open(keystore.Keyring, o)
	must(t, err)
	within(t, 5*time.Second, func() {
		_, err = s.Get(ctx, id)
		wantUnavailable(t, err, "keyring", keystore.Absent)
	})
}

// What was stored before is there again as soon as the keyring is, in the same process.
func TestKeyringThatIsKilledAndComesBack(t *testing.T) {
	for name, kill := range map[string]func(k *keyringtest.Keyring) (back func()){
		"daemon": func(k *keyringtest.Keyring) func() { k.KillDaemon(); return func() { k.StartDaemon(t) } },
		"bus": func(k *keyringtest.Keyring) func() {
			k.KillBus()
			return func() { k.StartBus(t); k.KillDaemon(); k.StartDaemon(t) }
		},
	} {
		k, o := withKeyring(t)
		if k == nil {
			return // the child does both
		}
		s, err := keystore.Open(keystore.Keyring, o)
		must(t, err)
		must(t, s.Set(ctx, id, []byte("value"), soon))
		_, err = s.Get(ctx, id)
		must(t, err)
		back := kill(k)
		within(t, 2*time.Second, func() {
			wantUnavailable(t, s.Set(ctx, id, []byte("next"), soon), "keyring", keystore.Absent)
			_, err := s.Get(ctx, id)
			wantUnavailable(t, err, "keyring", keystore.Absent)
			wantUnavailable(t, s.Delete(ctx, id), "keyring", keystore.Absent)
			_, err = keystore.Open(keystore.Keyring, o)
			wantUnavailable(t, err, "keyring", keystore.Absent)
		})
		back()
		if value, err := s.Get(ctx, id); string(value) != "value" {
			t.Errorf("%s: %q %v", name, value, err)
		}
		must(t, s.Set(ctx, id, []byte("next"), soon))
		must(t, s.Delete(ctx, id))
		k.KillBus() // the next keyring has another address
	}
}

// Two calls of one Get: search, read. The error is what gnome-keyring answers in between, and what godbus's own services do.
func TestItemDeletedBetweenSearchAndReadIsAMiss(t *testing.T) {
	k, o := withKeyring(t)
	if k == nil {
		return
	}
	s, err := keystore.Open(keystore.Keyring, o)
	must(t, err)
	must(t, s.Set(ctx, id, []byte("value"), soon))
	must(t, s.Delete(ctx, id))
	gone := private(t).Object("org.freedesktop.secrets", fakeItem).Call("org.freedesktop.Secret.Item.GetSecret", 0, fakeItem).Err
	answer, ok := errors.AsType[dbus.Error](gone)
	if !ok {
		t.Fatalf("it read what is not there: %v", gone)
	}
	k.KillDaemon()
	answers := []dbus.Error{answer, dbus.ErrMsgNoObject}
	next := make(chan *dbus.Error, len(answers))
	f := &fake{onRead: func() *dbus.Error { return <-next }}
	f.serve(t)
	for i, answer := range answers {
		next <- &answer
		if _, err := s.Get(ctx, id); !errors.Is(err, keystore.ErrNotFound) || int(f.unlocks.Load()) != 2*(i+1) {
			t.Errorf("%s: %v", answer.Name, err)
		}
	}
}

const asking = "asking the keyring"

// Whoever presses Ctrl-C does not wait for D-Bus.
func TestInterruptEndsAProcessInsideDBus(t *testing.T) {
	if os.Getenv(childMark) != "" {
		f := &fake{onUnlock: func() dbus.ObjectPath { fmt.Println(asking); select {} }}
		f.serve(t)
		o := here()
		o.Timeout = time.Minute
		s, err := keystore.Open(keystore.Keyring, o)
		must(t, err)
		s.Get(ctx, id)
		return
	}
	k := keyringtest.Start(t, keyringtest.BusOnly)
	signals := make(chan os.Signal, 1) // so that the child has it even where this process was started to ignore it
	signal.Notify(signals, os.Interrupt)
	defer signal.Stop(signals)
	bound, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(bound, os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(k.Env(), childMark+"=1")
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || strings.TrimSpace(line) != asking {
		t.Errorf("%q %v", line, err)
	}
	within(t, 5*time.Second, func() {
		must(t, cmd.Process.Signal(os.Interrupt))
		cmd.Wait()
	})
	if status := cmd.ProcessState.Sys().(syscall.WaitStatus); status.Signal() != syscall.SIGINT {
		t.Errorf("it ended otherwise: %v", cmd.ProcessState)
	}
}

// gnome-keyring with the room of Windows: the same parts on the real thing.
func smallItems(t *testing.T) keystore.Store {
	t.Helper()
	s, err := keystore.OpenOn(keystore.Real, keystore.RoomOn("windows"), keystore.Probe, here())
	must(t, err)
	return s
}

func TestContractOnGnomeKeyringInSmallItems(t *testing.T) {
	if onKeyring(t) {
		keyringtest.Contract(t, smallItems(t))
	}
}

func TestWriterKilledAtAnyMomentLosesNothing(t *testing.T) {
	value := func(i int) string { return text(fmt.Sprint("value", i), 6000) }
	if os.Getenv("WRITER") != "" {
		for i := 0; ; i = (i + 1) % 10 {
			must(t, smallItems(t).Set(ctx, id, []byte(value(i)), soon))
		}
	}
	if !onKeyring(t) {
		return
	}
	must(t, smallItems(t).Set(ctx, id, []byte(value(0)), soon))
	for range 12 {
		cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
		cmd.Env = append(os.Environ(), "WRITER=1")
		must(t, cmd.Start())
		time.Sleep(time.Duration(50+rand.IntN(200)) * time.Millisecond)
		cmd.Process.Kill()
		cmd.Wait()
		got, err := smallItems(t).Get(ctx, id)
		if err != nil || len(got) != 6000 || string(got) != value(int(got[5]-'0')) {
			t.Fatalf("%v, %d bytes: %.40q", err, len(got), got)
		}
	}
	must(t, smallItems(t).Set(ctx, id, []byte("next"), soon))
	if got, err := smallItems(t).Get(ctx, id); string(got) != "next" {
		t.Errorf("%v %.40q", err, got)
	}
}
