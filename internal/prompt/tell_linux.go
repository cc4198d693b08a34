package prompt

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// unstoppable keeps the terminal from stopping our job, all of Terraform included, because we write from the background
// (stty tostop): a thread that blocks the signal may write, see tty_check_change in the kernel. It gives what puts that back,
// on the same thread. Package signal can only ignore: after its Reset the signal stays ignored (Go 1.26), for children too.
func unstoppable() (restore func()) {
	runtime.LockOSThread()
	var before, stops unix.Sigset_t
	stops.Val[0] = 1 << (unix.SIGTTOU - 1)
	err := unix.PthreadSigmask(unix.SIG_BLOCK, &stops, &before)
	return func() {
		if err == nil {
			unix.PthreadSigmask(unix.SIG_SETMASK, &before, nil)
		}
		runtime.UnlockOSThread()
	}
}
