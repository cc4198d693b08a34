//go:build !windows

package prompt

import (
	"io"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

func openTerminal() (io.ReadWriteCloser, error) { return os.OpenFile("/dev/tty", os.O_RDWR, 0) }

// inForeground tells whether the terminal's job is ours. Where it can't be told, it is.
func inForeground(terminal io.ReadWriteCloser) bool {
	f, ok := terminal.(*os.File)
	if !ok {
		return true
	}
	job, err := unix.IoctlGetInt(int(f.Fd()), unix.TIOCGPGRP)
	return err != nil || job == unix.Getpgrp()
}

// Place names the terminal, by the session that it belongs to.
func Place() string {
	session, err := unix.Getsid(0)
	if err != nil {
		return "unknown"
	}
	return strconv.Itoa(session)
}
