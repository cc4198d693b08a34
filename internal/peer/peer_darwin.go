package peer

import "golang.org/x/sys/unix"

// credentialsOf is who is at the other end of a unix socket (unix(4) of macOS, LOCAL_PEERCRED and LOCAL_PEERPID).
func credentialsOf(fd int) (uid, pid int, err error) {
	c, err := unix.GetsockoptXucred(fd, unix.SOL_LOCAL, unix.LOCAL_PEERCRED)
	if err != nil {
		return 0, 0, err
	}
	pid, err = unix.GetsockoptInt(fd, unix.SOL_LOCAL, unix.LOCAL_PEERPID)
	return int(c.Uid), pid, err
}
