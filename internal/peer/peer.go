// Package peer tells who is at the other end of a unix socket.
package peer

import (
	"errors"
	"net"
	"syscall"
)

// Of is the user and the process at the other end of conn, as the kernel has them; the process is 0 where that is unknown. The
// error says that conn is no unix socket, or what the kernel answered.
func Of(conn net.Conn) (uid, pid int, err error) {
	c, ok := conn.(syscall.Conn)
	if !ok {
		return 0, 0, errors.New("not a socket")
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, 0, err
	}
	failed := raw.Control(func(fd uintptr) { uid, pid, err = credentialsOf(int(fd)) })
	if failed != nil {
		err = failed
	}
	return uid, pid, err
}
