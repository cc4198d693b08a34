//go:build !windows

package launch

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// runs tells whether the process is still there. One that has ended and that nobody has waited for yet is not, where the
// system tells that.
func (r running) runs() bool {
	if started, known := startOf(r.pid); known && r.started != 0 {
		return started == r.started
	}
	err := unix.Kill(r.pid, 0)
	return err == nil || errors.Is(err, unix.EPERM)
}

// ended comes back when the process has, within a moment. sleep is what asleepUntil gave: it wakes too early where the kernel
// can't tell, and as soon as the first thread of some ends.
func (r running) ended(sleep func()) {
	sleep()
	for r.runs() {
		time.Sleep(100 * time.Millisecond)
	}
}

// tryLock takes the lock of this very file, which execve and the keeper inherit: a library's would end with our process.
func tryLock(f *os.File) bool {
	return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil
}
