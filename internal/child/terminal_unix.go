//go:build !windows

package child

import "golang.org/x/sys/unix"

// terminal is the one that we belong to, with its modes as they were.
type terminal struct {
	fd    int
	modes *unix.Termios
}

// openTerminal is nil where there is none.
func openTerminal() *terminal {
	fd, err := unix.Open("/dev/tty", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	modes, err := unix.IoctlGetTermios(fd, getModes)
	if err != nil {
		unix.Close(fd)
		return nil
	}
	return &terminal{fd, modes}
}

// close puts the modes back: who is ended while he asks in secret leaves a terminal that does not show what is typed. In the
// background that would stop us, and there the modes are another job's.
func (t *terminal) close() {
	if t == nil {
		return
	}
	foreground, err := unix.IoctlGetInt(t.fd, unix.TIOCGPGRP)
	if err == nil && foreground == unix.Getpgrp() {
		unix.IoctlSetTermios(t.fd, setModes, t.modes)
	}
	unix.Close(t.fd)
}
