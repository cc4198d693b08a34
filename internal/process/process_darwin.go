package process

import (
	"os"
	"path"

	"golang.org/x/sys/unix"
)

func self() (seen, error) {
	p, _, err := status(os.Getpid())
	return p, err
}

// look asks twice who has the number, because nothing holds a process while its command line is read.
func look(pid int) (seen, error) {
	p, user, err := status(pid)
	if err != nil {
		return p, err
	}
	text, failed := unix.SysctlRaw("kern.procargs2", pid) // at most 1 MiB: ARG_MAX
	if after, _, err := status(pid); err != nil || after.Started != p.Started {
		return p, errGone
	}
	if failed != nil && user != os.Geteuid() { // which sysctl calls an invalid argument
		return p, errForeign
	}
	if failed != nil {
		return p, failed
	}
	file, args := procargs(text)
	if file == "" {
		return p, errForeign
	}
	p.Name, p.Args = path.Base(file), args
	return p, nil
}

const zombie = 5 // SZOMB of <sys/proc.h>

// status is what everybody may know of a process: its parent, its user, when it started.
func status(pid int) (p seen, user int, err error) {
	info, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	if err == unix.EIO || err == nil && info.Proc.P_stat == zombie { // EIO: nothing came back
		return seen{}, 0, errGone
	}
	if err != nil {
		return seen{}, 0, err
	}
	start := info.Proc.P_starttime
	p.PID, p.parent = pid, int(info.Eproc.Ppid)
	p.Started = uint64(start.Sec)*1e6 + uint64(start.Usec)
	p.title = unix.ByteSliceToString(info.Proc.P_comm[:])
	return p, int(info.Eproc.Ucred.Uid), nil
}
