package keystore_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"whichrole/internal/keystore"
	"whichrole/internal/problem"
	"whichrole/internal/test/keyringtest"
)

const id = "0123456789abcdef0123456789abcdef"

var soon = time.Now().Add(time.Hour)

func TestContractOnMemory(t *testing.T) { keyringtest.Contract(t, &keyringtest.Memory{}) }

func wantUnavailable(t *testing.T, err error, store string, class keystore.Class) *keystore.Unavailable {
	t.Helper()
	u, ok := errors.AsType[*keystore.Unavailable](err)
	if !ok || u.Store != store || u.Class != class {
		t.Fatalf("%v, want %s %s", err, store, class)
	}
	if u.Detail == "" {
		t.Errorf("%#v has no detail", u)
	}
	return u
}

func TestParseChoice(t *testing.T) {
	for in, want := range map[string]keystore.Choice{"": keystore.Auto, "auto": keystore.Auto, "none": keystore.None, "file": keystore.File} {
		if got, err := keystore.ParseChoice(in); err != nil || got != want {
			t.Errorf("%q: %v %v", in, got, err)
		}
	}
	_, err := keystore.ParseChoice("keyrin")
	p, ok := errors.AsType[*problem.Error](err)
	if !ok || p.Code != problem.Usage || p.Hint != "did you mean keyring?" {
		t.Errorf("%#v", err)
	}
}

func TestNoneIsAMissWithAReason(t *testing.T) {
	s, err := keystore.Open(keystore.None, keystore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Get(context.Background(), id)
	wantUnavailable(t, err, "none", keystore.Absent)
	wantUnavailable(t, s.Set(context.Background(), id, nil, soon), "none", keystore.Absent)
	wantUnavailable(t, s.Delete(context.Background(), id), "none", keystore.Absent)
	if s.Name() != "none" {
		t.Errorf("name %q", s.Name())
	}
}

func TestBoundedComesBack(t *testing.T) {
	ctx, forever := context.Background(), make(chan int)
	if n, err := keystore.InTime(ctx, time.Second, func() (int, error) { return 7, nil }); n != 7 || err != nil {
		t.Errorf("%d %v", n, err)
	}
	start := time.Now()
	if _, err := keystore.InTime(ctx, 20*time.Millisecond, func() (int, error) { return <-forever, nil }); err == nil {
		t.Error("no error for a call that hangs")
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := keystore.InTime(cancelled, time.Minute, func() (int, error) { return <-forever, nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("it took %v", d)
	}
}

func TestPanicOfTheLibraryIsAnErrorWithoutItsText(t *testing.T) {
	_, err := keystore.InTime(context.Background(), time.Second, func() (int, error) { panic("SECRET") })
	if err == nil || err.Error() != "the keyring library panicked: the bus died meanwhile" {
		t.Errorf("%v", err)
	}
}

func FuzzTextFormIsReversible(f *testing.F) {
	for _, seed := range []string{"", "plain", "base64:", "base64:bm8=", " x", "x\n", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if got := string(keystore.Decode(keystore.Encode([]byte(value)))); got != value {
			t.Errorf("%q became %q", value, got)
		}
	})
}
