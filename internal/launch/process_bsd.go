//go:build !linux && !windows

package launch

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// asleepUntil comes back when the process has ended, or at once where the kernel can't tell.
func asleepUntil(r running) (wait func()) {
	kq, err := unix.Kqueue()
	if err != nil {
		return func() {}
	}
	var ends unix.Kevent_t
	unix.SetKevent(&ends, r.pid, unix.EVFILT_PROC, unix.EV_ADD)
	ends.Fflags = unix.NOTE_EXIT
	if _, err := unix.Kevent(kq, []unix.Kevent_t{ends}, nil, nil); err != nil {
		unix.Close(kq)
		return func() {}
	}
	return func() {
		defer unix.Close(kq)
		for {
			if _, err := unix.Kevent(kq, nil, make([]unix.Kevent_t, 1), nil); !errors.Is(err, unix.EINTR) {
				return
			}
		}
	}
}

// adopts tells whether a process that loses its parent becomes a child of this one, and so of the command.
func adopts() bool { return os.Getpid() == 1 }

// program is our own file.
func program() (string, error) { return os.Executable() }
