//go:build windows || darwin

package keystore

import (
	"context"
	"strings"
)

// probe finds nothing out: neither Keychain nor Credential Manager tells beforehand whether it would ask the user.
func probe(context.Context, Options) error { return nil }

// vanished is always false: both say plainly that an item is not there.
func vanished(error) bool { return false }

// classify knows the exit status of `security`: 36 is errSecInteractionNotAllowed (-25308, over SSH), 51 and 128 an
// authorization that failed or was cancelled, which is Denied like every other status.
func classify(err error) (Class, string) {
	switch text := err.Error(); {
	case text == "exit status 36":
		return Locked, "the keychain is locked, and may not ask here"
	case strings.Contains(text, "no such file"), strings.Contains(text, "not found"):
		return Absent, text
	default:
		return Denied, text
	}
}
