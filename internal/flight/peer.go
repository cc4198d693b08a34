package flight

import (
	"net"
	"syscall"
)

// peer tells whether the other end of conn belongs to that user, and its process: 0 where that is unknown.
func peer(conn net.Conn, uid int) (pid int, ours bool) {
	c, ok := conn.(syscall.Conn)
	if !ok {
		return 0, false
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, false
	}
	var who int
	var failed error
	err = raw.Control(func(fd uintptr) { who, pid, failed = credentialsOf(int(fd)) })
	if err != nil || failed != nil || who != uid {
		return 0, false
	}
	return pid, true
}
