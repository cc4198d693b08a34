package keystore_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	gokeyring "github.com/zalando/go-keyring"

	"whichrole/internal/keystore"
)

const service = "whichrole"

// items is a keyring in this process's memory, with the limits of a system and the accidents of a test. It outlives the
// stores that are opened on it, as a keyring outlives processes.
type items struct {
	keep func(name, text string) (kept bool, err error) // nil: everything is kept
	// accident is asked at each call, the first being 1, and says what becomes of it. It may use the keyring itself.
	accident func(call int, op string) fate

	mu     sync.Mutex
	texts  map[string]string // service:name → text
	calls  []string
	strict bool // a system that tells upper from lower case
}

type fate int

const (
	happens   fate = iota
	fails          // nothing happens, and that is told
	dies           // nothing happens, and the process is no more
	diesAfter      // it happens, and the process is no more
	panics
	lies      // nothing happens, and success is told
	truncates // half of the text is kept, and success is told
)

var errInjected = errors.New("injected")

func (f *items) call(op, name string, do func(f fate) error) error {
	f.mu.Lock()
	f.calls = append(f.calls, op+" "+name)
	n, accident := len(f.calls), f.accident
	f.mu.Unlock()
	fate := happens
	if accident != nil {
		fate = accident(n, op)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch fate {
	case fails, dies:
		return errInjected
	case panics:
		panic("SECRET")
	case diesAfter:
		do(fate)
		return errInjected
	case lies:
		return nil
	}
	return do(fate)
}

func (f *items) key(service, name string) string {
	if key := service + ":" + name; f.strict {
		return key
	} else {
		return strings.ToLower(key)
	}
}

func (f *items) Get(service, name string) (text string, err error) {
	err = f.call("get", name, func(fate) error {
		kept, ok := f.texts[f.key(service, name)]
		if !ok {
			return gokeyring.ErrNotFound
		}
		text = kept
		return nil
	})
	return text, err
}

func (f *items) Set(service, name, text string) error {
	return f.call("set", name, func(fate fate) error {
		kept := true
		if f.keep != nil {
			var err error
			if kept, err = f.keep(name, text); err != nil {
				return err
			}
		}
		if fate == truncates {
			text = text[:len(text)/2]
		}
		if kept {
			f.texts[f.key(service, name)] = text
		}
		return nil
	})
}

func (f *items) Delete(service, name string) error {
	return f.call("delete", name, func(fate) error {
		if _, ok := f.texts[f.key(service, name)]; !ok {
			return gokeyring.ErrNotFound
		}
		delete(f.texts, f.key(service, name))
		return nil
	})
}

// DeleteAll goes by the beginning of the name, as go-keyring does on Windows: service foo:bar is one of foo's.
func (f *items) DeleteAll(service string) error {
	return f.call("delete all", "", func(fate) error {
		for key := range f.texts {
			if strings.HasPrefix(key, f.key(service, "")) {
				delete(f.texts, key)
			}
		}
		return nil
	})
}

// put writes as somebody else would.
func (f *items) put(name, text string) { f.texts[f.key(service, name)] = text }

// take reads as somebody else would.
func (f *items) take(name string) string { return f.texts[f.key(service, name)] }

// healed is the same keyring after the accident, for the next process.
func (f *items) healed() *items {
	f.accident, f.calls = nil, nil
	return f
}

// windows is Credential Manager: 2,560 bytes for the text.
func windows() *items {
	return &items{texts: map[string]string{}, keep: func(_, text string) (bool, error) {
		if len(text) > 2560 {
			return false, gokeyring.ErrSetDataTooBig
		}
		return true, nil
	}}
}

// macOS is what go-keyring v0.2.8 makes of `security -i`: one line, of which 4,096 bytes are too many in silence.
func macOS() *items {
	return &items{strict: true, texts: map[string]string{}, keep: func(name, text string) (bool, error) {
		line := fmt.Sprintf("add-generic-password -U -s %s -a %s -w go-keyring-base64:%s\n",
			service, name, base64.StdEncoding.EncodeToString([]byte(text)))
		if len(line) > 4096 {
			return false, gokeyring.ErrSetDataTooBig
		}
		return len(line) < 4096, nil
	}}
}

// systems are those whose items have less room than a value may need.
var systems = map[string]func() *items{"windows": windows, "darwin": macOS}

// process is a store on the keyring, as a process of its own would open it on that system.
func process(t testing.TB, goos string, lib gokeyring.Keyring) keystore.Store {
	t.Helper()
	s, err := keystore.OpenOn(lib, keystore.RoomOn(goos), nil, keystore.Options{Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
