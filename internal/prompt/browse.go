package prompt

import (
	"errors"
	"strings"

	"whichrole/internal/paths"
)

// Browse opens the address in the person's browser, and does not wait for it. Nothing of it gets at our streams, and Ctrl-C in
// our terminal does not reach it. Where there is no screen, or nothing that opens a browser, the error is ErrNobody.
//
// The library github.com/cli/browser waits for the browser's end where it was not yet running, and leaves it in our terminal's
// job: Ctrl-C at the login closes it, with all of the person's windows.
func Browse(env paths.Env, address string) error {
	if !isWebAddress(address) {
		return errors.New("not an address for the browser")
	}
	if !HasScreen(env) {
		return ErrNobody
	}
	return openBrowser(env, address)
}

// isWebAddress tells whether a browser opens that, and encrypted, or on this machine. Windows runs whatever else it gets,
// xdg-open's scripts have read more into an address than there was, and ours may come over the network.
func isWebAddress(address string) bool {
	for _, c := range []byte(address) {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~:/?#&+,=%", c) >= 0) {
			return false
		}
	}
	return len(address) < 4096 && (strings.HasPrefix(address, "https://") || strings.HasPrefix(address, "http://127.0.0.1:"))
}
