//go:build !windows

package prompt

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// tell never waits in a system call: what a goroutine is left behind in could not be ended.
func tell(text string) error {
	fd, err := unix.Open("/dev/tty", unix.O_WRONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNobody, err)
	}
	defer unix.Close(fd)
	defer unstoppable()()
	rest := []byte(text)
	const tries = 20
	for range tries {
		n, err := unix.Write(fd, rest)
		if rest = rest[max(n, 0):]; len(rest) == 0 {
			return nil
		}
		if err != nil && err != unix.EAGAIN && err != unix.EINTR {
			return fmt.Errorf("cannot write to the terminal: %w", err)
		}
		time.Sleep(tellFor / tries)
	}
	return errHeld
}
