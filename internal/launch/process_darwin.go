package launch

import (
	"errors"

	"golang.org/x/sys/unix"
)

const zombie = 5 // SZOMB of <sys/proc.h>

// startOf is when a process started, in microseconds. It is 0 for one that has ended.
func startOf(pid int) (started uint64, known bool) {
	info, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	if errors.Is(err, unix.EIO) || err == nil && info.Proc.P_stat == zombie { // EIO: nothing came back
		return 0, true
	}
	if err != nil {
		return 0, false
	}
	start := info.Proc.P_starttime
	return uint64(start.Sec)*1e6 + uint64(start.Usec), true
}
