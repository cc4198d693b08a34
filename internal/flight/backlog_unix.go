//go:build unix

package flight

import (
	"net"

	"golang.org/x/sys/unix"
)

// pending tells whether somebody has connected who was not accepted yet.
func pending(l *net.UnixListener) bool {
	raw, err := l.SyscallConn()
	if err != nil {
		return false
	}
	n := 0
	err = raw.Control(func(fd uintptr) {
		n, _ = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0)
	})
	return err == nil && n > 0
}
