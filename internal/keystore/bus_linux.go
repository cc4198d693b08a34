package keystore

import (
	"net"
	"os"
	"strings"

	"github.com/godbus/dbus/v5"

	"whichrole/internal/paths"
	"whichrole/internal/peer"
)

// foreignBus tells whether the socket of a D-Bus address (the D-Bus specification, "Server addresses") is that of another user
// who is not root. The variable outlives its bus in tmux and cron, and in /tmp and among abstract names anybody may take the
// place of one that has ended; godbus does not ask who answers.
func foreignBus(addresses string) bool {
	for address := range strings.SplitSeq(addresses, ";") {
		parameters, _ := strings.CutPrefix(address, "unix:")
		for parameter := range strings.SplitSeq(parameters, ",") {
			key, value, _ := strings.Cut(parameter, "=")
			name, err := dbus.UnescapeBusAddressValue(value)
			if err != nil {
				continue // godbus refuses it too
			}
			if key == "path" {
				if info, err := os.Stat(name); err == nil && paths.OwnedByOther(info) {
					return true
				}
			}
			if key == "abstract" && listenedToByOther(name) {
				return true
			}
		}
	}
	return false
}

// listenedToByOther asks the kernel, as an abstract name has no owner (unix(7), SO_PEERCRED).
func listenedToByOther(name string) bool {
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: "@" + name, Net: "unix"})
	if err != nil {
		return false
	}
	defer conn.Close()
	uid, _, err := peer.Of(conn)
	return err != nil || uid != 0 && uid != os.Getuid()
}
