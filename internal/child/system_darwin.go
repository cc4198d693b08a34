package child

import (
	"syscall"

	"golang.org/x/sys/unix"
)

const getModes, setModes = unix.TIOCGETA, unix.TIOCSETA

// dieWithUs is not to be had here.
func dieWithUs(*syscall.SysProcAttr) {}

const zombie = 5 // SZOMB of <sys/proc.h>

// processes are those that run, and the parent of each. Those that have ended and wait to be noticed are left out.
func processes() map[int]int {
	all, err := unix.SysctlKinfoProcSlice("kern.proc.all")
	if err != nil {
		return nil
	}
	parents := make(map[int]int, len(all))
	for _, one := range all {
		if one.Proc.P_stat != zombie {
			parents[int(one.Proc.P_pid)] = int(one.Eproc.Ppid)
		}
	}
	return parents
}
