package keystore

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"sync"
	"time"

	gokeyring "github.com/zalando/go-keyring"

	"whichrole/internal/problem"
)

// service is the name under which all items lie. No colon: on Windows it would be a part of other services' names.
const service = "whichrole"

// keyring is the OS keyring. After one timeout it counts as dead, so that a process waits for it once.
type keyring struct {
	o Options

	mu     sync.Mutex
	probed bool // a probe has just been made, and serves the next operation
	dead   *Unavailable
}

// openKeyring probes before anything else: go-keyring itself would prompt, hang, or leak a dbus-launch.
func openKeyring(o Options) (*keyring, *Unavailable) {
	k := &keyring{o: o, probed: true}
	if u := k.judge(probe(context.Background(), o)); u != nil {
		return nil, u
	}
	return k, nil
}

func (k *keyring) Name() string { return "keyring" }

func (k *keyring) deadReason() *Unavailable {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.dead
}

func (k *keyring) Get(ctx context.Context, id string) ([]byte, error) {
	text, err := call(ctx, k, id, func() (string, error) { return gokeyring.Get(service, id) })
	if err != nil {
		return nil, err
	}
	return decode(text), nil
}

// Set keeps nothing by itself about expires: no OS keyring forgets on time.
func (k *keyring) Set(ctx context.Context, id string, value []byte, _ time.Time) error {
	text := encode(value)
	if len(text) > room {
		return ErrTooBig // a value is not split over items
	}
	_, err := call(ctx, k, id, func() (struct{}, error) { return struct{}{}, gokeyring.Set(service, id, text) })
	if err == ErrNotFound { // what vanished is the collection
		return &Unavailable{Store: "keyring", Class: Absent, Detail: "the collection is gone"}
	}
	return err
}

func (k *keyring) Delete(ctx context.Context, id string) error {
	_, err := call(ctx, k, id, func() (struct{}, error) { return struct{}{}, gokeyring.Delete(service, id) })
	return err
}

// Clear stops at an item that somebody else removes meanwhile, and then begins again.
func (k *keyring) Clear(ctx context.Context) (n int, err error) {
	for range 20 {
		_, err = run(ctx, k, func() (struct{}, error) { return struct{}{}, gokeyring.DeleteAll(service) })
		if err != ErrNotFound {
			return 0, err
		}
	}
	return 0, &Unavailable{Store: "keyring", Class: Denied, Detail: "others remove items at the same time"}
}

// call is run for an id.
func call[T any](ctx context.Context, k *keyring, id string, op func() (T, error)) (value T, err error) {
	if !validID(id) {
		return value, errBadID
	}
	return run(ctx, k, op)
}

// run runs one go-keyring operation and turns its error into one of ours.
func run[T any](ctx context.Context, k *keyring, op func() (T, error)) (value T, err error) {
	if u := k.ready(ctx); u != nil {
		return value, u
	}
	value, err = bounded(ctx, k.o.Timeout, op)
	switch {
	case err == nil:
		return value, nil
	case errors.Is(err, gokeyring.ErrNotFound), vanished(err):
		return value, ErrNotFound
	case errors.Is(err, gokeyring.ErrSetDataTooBig):
		return value, ErrTooBig
	}
	return value, k.judge(err)
}

// ready probes again before each operation but the first: in a long-lived process the screen, and with it the keyring,
// is locked in between, and go-keyring would prompt.
func (k *keyring) ready(ctx context.Context) *Unavailable {
	k.mu.Lock()
	dead, probed := k.dead, k.probed
	k.probed = false
	k.mu.Unlock()
	if dead != nil || probed {
		return dead
	}
	return k.judge(probe(ctx, k.o))
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
	plain := text != "" && strings.TrimSpace(text) == text && !strings.HasPrefix(text, encodedPrefix)
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
