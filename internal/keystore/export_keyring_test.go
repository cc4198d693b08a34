package keystore

import (
	"context"

	gokeyring "github.com/zalando/go-keyring"
)

// OpenOn opens a keyring that lies in lib, with that much room in an item, and that probe (nil: none).
func OpenOn(lib gokeyring.Keyring, room int, probe func(context.Context, Options) error, o Options) (Store, error) {
	if probe == nil {
		probe = func(context.Context, Options) error { return nil }
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	return orNil(openOn(system{lib: lib, room: room, probe: probe}, o))
}

// The real keyring of this system, for OpenOn.
var (
	Real  gokeyring.Keyring = goKeyring{}
	Probe                   = probe
)

// RoomOn is roomOn.
var RoomOn = roomOn

// ErrTimedOut is how a keyring that hangs looks, without the wait.
var ErrTimedOut = errTimedOut
