//go:build linux

package faults

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// jailed is the variable by which this test binary becomes a jail for the program that its arguments name.
const jailed = "WHICHROLE_TEST_JAIL"

// What processes in a jail meet.
const (
	noKeys    = "the key calls answer EPERM"                // as under the seccomp filter of container engines
	lostKeys  = "the key calls answer ENOSYS"               // a kernel without them, or a stricter filter
	noMemory  = "and no file system says that it is memory" // so that /dev/shm is left alone too
	noWriting = "no file may grow"                          // as on a full disk, for whoever may not mount one
)

// enterJail takes away what how says, and becomes the program. It returns where that fails.
func enterJail(how string, command []string) error {
	runtime.LockOSThread() // the filter is of this thread, which the program inherits
	var err error
	switch how {
	case noKeys:
		err = refuse(unix.EPERM, keyCalls...)
	case lostKeys:
		err = refuse(unix.ENOSYS, keyCalls...)
	case noMemory:
		err = refuse(unix.EPERM, append(keyCalls, unix.SYS_STATFS)...)
	case noWriting:
		err = unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{})
	default:
		err = fmt.Errorf("no such jail: %s", how)
	}
	if err != nil {
		return err
	}
	var env []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, jailed+"=") {
			env = append(env, v)
		}
	}
	return syscall.Exec(command[0], command, env)
}

var keyCalls = []uint32{unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY, unix.SYS_KEYCTL}

// refuse has the calls fail with errno: seccomp(2), and the numbers of this machine's system calls.
func refuse(errno unix.Errno, calls ...uint32) error {
	load := unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS} // the number comes first in seccomp_data
	program := []unix.SockFilter{load}
	for i, call := range calls { // to the last line, where it is one of them
		program = append(program, unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: call, Jt: uint8(len(calls) - i)})
	}
	program = append(program,
		unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
		unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(errno)})
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	f := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	return unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&f)), 0, 0)
}
