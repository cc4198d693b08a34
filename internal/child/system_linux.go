package child

import (
	"bytes"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

const getModes, setModes = unix.TCGETS, unix.TCSETS

// dieWithUs has the kernel kill the program when we are killed: SDKs kill a helper that is late, and it has no time to tell.
func dieWithUs(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }

// processes are those that run, and the parent of each. Those that have ended and wait to be noticed are left out.
func processes() map[int]int {
	names, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	parents := make(map[int]int, len(names))
	for _, name := range names {
		pid, err := strconv.Atoi(name.Name())
		if err != nil {
			continue
		}
		stat, err := os.ReadFile("/proc/" + name.Name() + "/stat")
		if err != nil {
			continue // it has just ended
		}
		if parent, runs := parse(stat); runs {
			parents[pid] = parent
		}
	}
	return parents
}

// parse reads the fields of proc_pid_stat(5) behind the name, which may hold anything: state and parent.
func parse(stat []byte) (parent int, runs bool) {
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 2 {
		return 0, false
	}
	parent, err := strconv.Atoi(string(fields[1]))
	return parent, err == nil && !bytes.ContainsAny(fields[0], "ZX")
}
