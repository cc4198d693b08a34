package keystore

import (
	"context"
	"encoding/base64"
	"errors"
	"runtime"
	"strings"
	"sync"
	"time"

	gokeyring "github.com/zalando/go-keyring"

	"whichrole/internal/problem"
)

// service is the name under which all items lie. No colon: on Windows it would be a part of other services' names.
const service = "whichrole"

// system is the OS keyring as this machine has it: go-keyring, and what that does not tell. Tests have others.
type system struct {
	lib   gokeyring.Keyring
	room  int // of an item, for its text, in bytes
	probe func(context.Context, Options) error
}

// goKeyring is go-keyring itself.
type goKeyring struct{}

func (goKeyring) Get(service, name string) (string, error) { return gokeyring.Get(service, name) }
func (goKeyring) Set(service, name, text string) error     { return gokeyring.Set(service, name, text) }
func (goKeyring) Delete(service, name string) error        { return gokeyring.Delete(service, name) }
func (goKeyring) DeleteAll(service string) error           { return gokeyring.DeleteAll(service) }

// keyring is the OS keyring. After one timeout it counts as dead, so that a process waits for it once.
type keyring struct {
	sys system
	o   Options

	mu     sync.Mutex
	probed bool          // a probe has just been made, and serves the next operation
	spent  time.Duration // by that probe, of that operation's time
	dead   *Unavailable
	heads  map[string]head // by id: those of split values that this process has seen
}

func openKeyring(o Options) (*keyring, *Unavailable) {
	return openOn(system{lib: goKeyring{}, room: roomOn(runtime.GOOS), probe: probe}, o)
}

// openOn probes before anything else: go-keyring itself would prompt, hang, or leak a dbus-launch.
func openOn(sys system, o Options) (*keyring, *Unavailable) {
	if u := markedDead(o); u != nil {
		return nil, u
	}
	k := &keyring{sys: sys, o: o, probed: true}
	took := stopwatch(o.Now)
	if u := k.judge(sys.probe(context.Background(), o)); u != nil {
		return nil, u
	}
	k.spent = took()
	return k, nil
}

func (k *keyring) Name() string { return "keyring" }

func (k *keyring) deadReason() *Unavailable {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.dead
}

func (k *keyring) Get(ctx context.Context, id string) ([]byte, error) {
	text, err := call(ctx, k, id, func(ctx context.Context) (string, error) { return k.load(ctx, id) })
	if err != nil {
		return nil, err
	}
	return decode(text), nil
}

// Set keeps nothing by itself about expires: no OS keyring forgets on time.
func (k *keyring) Set(ctx context.Context, id string, value []byte, _ time.Time) error {
	text, store := encode(value), k.storeWhole
	if len(text) > k.sys.room {
		store = k.storeSplit
	}
	if len(text) > max(k.sys.room, maxParts*partSize) {
		return ErrTooBig
	}
	_, err := call(ctx, k, id, func(ctx context.Context) (none, error) { return none{}, store(ctx, id, text) })
	if err == ErrNotFound { // what vanished is the collection
		return &Unavailable{Store: "keyring", Class: Absent, Detail: "the collection is gone"}
	}
	return err
}

func (k *keyring) Delete(ctx context.Context, id string) error {
	_, err := call(ctx, k, id, func(ctx context.Context) (none, error) { return none{}, k.erase(ctx, id) })
	return err
}

// Clear stops at an item that somebody else removes meanwhile, and then begins again.
func (k *keyring) Clear(ctx context.Context) (n int, err error) {
	_, err = run(ctx, k, func(ctx context.Context) (none, error) {
		for range 20 {
			if err := k.sys.lib.DeleteAll(service); err == nil || !absent(err) || ctx.Err() != nil {
				return none{}, err
			}
		}
		return none{}, &Unavailable{Store: "keyring", Class: Denied, Detail: "others remove items at the same time"}
	})
	return 0, err
}

// none is the result of what has none.
type none = struct{}

// call is run for an id.
func call[T any](ctx context.Context, k *keyring, id string, op func(context.Context) (T, error)) (value T, err error) {
	if !validID(id) {
		return value, errBadID
	}
	return run(ctx, k, op)
}

// run runs one operation, of one or several calls of go-keyring, and turns its error into one of ours. The probe's time is
// part of the operation's.
func run[T any](ctx context.Context, k *keyring, op func(context.Context) (T, error)) (value T, err error) {
	dead, probed, left := k.begin()
	if dead != nil {
		return value, dead
	}
	ctx, cancel := context.WithTimeoutCause(ctx, left, errTimedOut)
	defer cancel()
	if !probed {
		// In a long-lived process the screen, and with it the keyring, is locked in between, and go-keyring would prompt.
		if u := k.judge(k.sys.probe(ctx, k.o)); u != nil {
			return value, u
		}
	}
	value, err = inTime(ctx, left, func() (T, error) { return op(ctx) })
	switch {
	case err == nil:
		return value, nil
	case err == ErrNotFound, absent(err):
		return value, ErrNotFound
	case errors.Is(err, gokeyring.ErrSetDataTooBig):
		return value, ErrTooBig
	}
	return value, k.judge(err)
}

// begin tells why there is no use in beginning, whether the probe has been made, and how much of the time is left.
func (k *keyring) begin() (dead *Unavailable, probed bool, left time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	left = k.o.Timeout - min(max(k.spent, 0), k.o.Timeout/2) // whatever the clock did meanwhile
	dead, probed = k.dead, k.probed
	k.probed, k.spent = false, 0
	return dead, probed, left
}

// stopwatch tells how long ago it was made, as far as there is a clock.
func stopwatch(now func() time.Time) func() time.Duration {
	if now == nil {
		return func() time.Duration { return 0 }
	}
	start := now()
	return func() time.Duration { return now().Sub(start) }
}

// judge sorts an error into its class, and remembers a keyring that does not answer.
func (k *keyring) judge(err error) *Unavailable {
	if err == nil {
		return nil
	}
	u, ok := errors.AsType[*Unavailable](err)
	switch {
	case ok:
		return u
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		// The caller's time was up, which says nothing about the keyring.
		return &Unavailable{Store: "keyring", Class: TimedOut, Detail: "the caller could not wait longer"}
	case errors.Is(err, errTimedOut):
		u = &Unavailable{Store: "keyring", Class: TimedOut, Detail: "no answer in time"}
		k.mu.Lock()
		k.dead = u
		k.mu.Unlock()
		markDead(k.o)
		return u
	case errors.Is(err, errPanicked):
		return &Unavailable{Store: "keyring", Class: Absent, Detail: err.Error()}
	case errors.Is(err, gokeyring.ErrUnsupportedPlatform):
		return &Unavailable{Store: "keyring", Class: Absent, Detail: err.Error()}
	}
	class, detail := classify(err)
	return &Unavailable{Store: "keyring", Class: class, Detail: cut(detail)}
}

// cut bounds what others wrote into an error.
func cut(s string) string { return problem.Cut(s, 200) }

// encodedPrefix marks values that are not plain text. Some keyrings keep text only, and macOS trims white space.
const encodedPrefix = "base64:"

func encode(value []byte) string {
	text := string(value)
	plain := text != "" && strings.TrimSpace(text) == text && !strings.HasPrefix(text, encodedPrefix) && !strings.HasPrefix(text, headPrefix)
	for _, b := range value {
		plain = plain && b >= ' ' && b < 0x7f
	}
	if plain {
		return text
	}
	return encodedPrefix + base64.StdEncoding.EncodeToString(value)
}

// decode takes back encode. What somebody else stored may be anything, and is handed out as it is.
func decode(text string) []byte {
	if rest, ok := strings.CutPrefix(text, encodedPrefix); ok {
		if value, err := base64.StdEncoding.DecodeString(rest); err == nil {
			return value
		}
	}
	return []byte(text)
}
