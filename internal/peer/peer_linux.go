package peer

import "golang.org/x/sys/unix"

// credentialsOf is who is at the other end of a unix socket (unix(7), SO_PEERCRED). The process is numbered as this one
// sees it: 0 for one that is in another container.
func credentialsOf(fd int) (uid, pid int, err error) {
	c, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return 0, 0, err
	}
	return int(c.Uid), int(c.Pid), nil
}
