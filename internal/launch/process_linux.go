package launch

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

// startOf is when a process started, in clock ticks since the system did (proc_pid_stat(5), field 22). It is 0 for one that has
// ended, and not known where /proc does not tell.
func startOf(pid int) (started uint64, known bool) {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ESRCH) {
		_, err := os.Stat("/proc/self/stat")
		return 0, err == nil
	}
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:]) // behind the title, which may hold anything
	if err != nil || len(fields) < 20 {
		return 0, false
	}
	if bytes.ContainsAny(fields[0], "ZX") {
		return 0, true
	}
	started, err = strconv.ParseUint(string(fields[19]), 10, 64)
	return started, err == nil
}

// asleepUntil comes back when the process has ended, or at once where the kernel can't tell (before 5.3, or forbidden).
func asleepUntil(r running) (wait func()) {
	fd, err := unix.PidfdOpen(r.pid, 0)
	if err != nil {
		return func() {}
	}
	return func() {
		defer unix.Close(fd)
		poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		for {
			if _, err := unix.Poll(poll, -1); !errors.Is(err, unix.EINTR) {
				return
			}
		}
	}
}

// adopts tells whether a process that loses its parent becomes a child of this one, and so of the command.
func adopts() bool {
	var subreaper int32
	unix.Syscall(unix.SYS_PRCTL, unix.PR_GET_CHILD_SUBREAPER, uintptr(unsafe.Pointer(&subreaper)), 0)
	return os.Getpid() == 1 || subreaper != 0
}

// program is our own file, even when another has been installed in its place.
func program() (string, error) {
	const itself = "/proc/self/exe"
	if _, err := os.Stat(itself); err == nil {
		return itself, nil
	}
	return os.Executable()
}
