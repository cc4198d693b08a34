// Package keystore keeps small values in the OS keyring or its stand-ins, by calls that always come back; it knows
// nothing of what the values are.
package keystore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// Store holds values of up to some KiB under ids of 32 hex digits. Each call returns within the store's bound (3 s, or
// Options.Timeout), whatever happens to the keyring behind it. Errors are ErrNotFound, ErrTooBig and *Unavailable.
type Store interface {
	// Name is what users call the store: keyring, kernel, file or none. Of a store made of several it is the one that would
	// take a value now.
	Name() string
	Get(ctx context.Context, id string) ([]byte, error)
	// Set replaces the value. A store that can forget by itself does so at expires.
	Set(ctx context.Context, id string, value []byte, expires time.Time) error
	// Delete removes the value everywhere that this store could have put it, or fails.
	Delete(ctx context.Context, id string) error
	// Clear removes everything of ours, listed anywhere or not, and tells how many values that were, as far as the store
	// can tell: an OS keyring can't, and counts none. It does all that it can before it fails.
	Clear(ctx context.Context) (int, error)
}

// ErrNotFound says that the store was read, and has no such value.
var ErrNotFound = errors.New("not found")

// ErrTooBig says that the value outgrows the store: 28,800 bytes of text on Windows and macOS, 64 KiB in the Secret Service and
// in a file, 32,759 bytes in the kernel keyring; or that the user's quota there (20,000 bytes as a rule) is used up.
var ErrTooBig = errors.New("too big for the store")

var errBadID = errors.New("keystore: an id is 32 hex digits")

// Class says in which of four ways a store can't be used. None of them means that it is empty.
type Class string

// The classes.
const (
	Absent   Class = "absent"    // there is no such store here, or it is switched off
	Locked   Class = "locked"    // it would have to ask the user first
	Denied   Class = "denied"    // it is there and refuses, or it must not be believed
	TimedOut Class = "timed out" // it did not answer in time
)

// Unavailable is the error of a store that could not be used: a miss with a reason. Detail never holds a stored value;
// it may quote paths and what the operating system said.
type Unavailable struct {
	Store  string
	Class  Class
	Detail string
}

func (u *Unavailable) Error() string { return fmt.Sprintf("%s %s: %s", u.Store, u.Class, u.Detail) }

// Choice is what the user asked for: `cache:` in the user's file, or WHICHROLE_CACHE.
type Choice string

// The choices. Auto is the keyring, and where that can't be used the kernel keyring (Linux), and then the runtime file.
const (
	Auto    Choice = "auto"
	Keyring Choice = "keyring"
	Kernel  Choice = "kernel"
	File    Choice = "file"
	None    Choice = "none"
)

// ParseChoice reads a Choice; nothing is Auto. The error has exit code 2.
func ParseChoice(s string) (Choice, error) {
	names := []string{string(Auto), string(Keyring), string(Kernel), string(File), string(None)}
	if s == "" {
		return Auto, nil
	}
	for _, name := range names {
		if s == name {
			return Choice(s), nil
		}
	}
	err := problem.New(problem.Usage, "unknown cache %q: it is one of %s", s, strings.Join(names, ", "))
	if near := problem.Nearest(s, names); near != "" {
		err = err.WithHint("did you mean %s?", near)
	}
	return "", err
}

// Options say where and how stores are opened.
type Options struct {
	Dirs paths.Dirs
	// Env must be the process's own environment: the D-Bus library reads that by itself.
	Env paths.Env
	// Timeout bounds each operation on the keyring. 0 is 3 s; SPEC wants 60 s where a prompt is allowed.
	Timeout time.Duration
	// MayPrompt lets a locked keyring ask the user. Without it a locked keyring is left alone.
	MayPrompt bool
	// Now is the clock for the marker of a keyring that did not answer, and for the time-outs of keys in the kernel. Without a
	// clock there is no such marker, and the kernel keyring is not used.
	Now func() time.Time
	// Places are directories beyond the usual ones that Delete and Clear look into: what Places told when a value was set.
	Places []string
}

const (
	defaultTimeout = 3 * time.Second
	probeTimeout   = time.Second
)

// Open opens the store of that choice. Where keyring, kernel or file can't be used, the error is an *Unavailable. Auto and
// None always open: PassedOver tells what they do without, and with nothing left each call fails with the reason.
func Open(choice Choice, o Options) (Store, error) {
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	switch choice {
	case Keyring:
		return orNil(openKeyring(o))
	case Kernel:
		return openKernel(o, false)
	case File:
		return orNil(openFile(o))
	case None:
		return Without(&Unavailable{Store: "none", Class: Absent, Detail: "the cache is switched off"}), nil
	}
	return openAuto(o), nil
}

// orNil keeps a nil *keyring from becoming a Store that is not nil.
func orNil[S Store](s S, u *Unavailable) (Store, error) {
	if u != nil {
		return nil, u
	}
	return s, nil
}

// openAuto takes the keyring before what stands in for it, which is looked at when the keyring alone is not the answer.
func openAuto(o Options) *chain {
	c := &chain{standIns: sync.OnceValue(func() *chain { return openStandIns(o) })}
	c.add(orNil(openKeyring(o)))
	return c
}

// openStandIns takes the kernel keyring before the file. A file that can't be opened is there all the same, to remove what
// it holds.
func openStandIns(o Options) *chain {
	c := &chain{}
	f, noFile := openFile(o)
	if inContainer() {
		c.add(nil, &Unavailable{Store: "kernel", Class: Absent, Detail: "this is a container, and others with your user's number may share its keyring"})
	} else if o.Now != nil {
		c.add(openKernel(o, noFile == nil))
	}
	c.add(orNil(f, noFile))
	if noFile != nil {
		c.removing = append(c.removing, f)
	}
	return c
}

// validID keeps an id from being a path or an option: 32 lower-case hex digits.
func validID(id string) bool {
	return len(id) == 32 && strings.Trim(id, "0123456789abcdef") == ""
}
