package keystore_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"whichrole/internal/keystore"
)

// forbid installs a seccomp filter on all threads of this process, as a container's runtime does before it starts one. The
// call, with that first argument (-1: any), fails with errno from now on.
func forbid(t *testing.T, call uint32, argument int, errno unix.Errno) {
	t.Helper()
	const load, equal, answer = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, unix.BPF_RET | unix.BPF_K
	const number, firstArgument = 0, 16 // offsets in struct seccomp_data; of the argument its low half, on little-endian machines
	filter := []unix.SockFilter{
		{Code: load, K: number},
		{Code: equal, K: call, Jf: 3},
		{Code: load, K: firstArgument},
		{Code: equal, K: uint32(argument), Jf: 1},
		{Code: answer, K: unix.SECCOMP_RET_ERRNO | uint32(errno)},
		{Code: answer, K: unix.SECCOMP_RET_ALLOW},
	}
	if argument < 0 {
		filter = append(filter[:1:1], unix.SockFilter{Code: equal, K: call, Jf: 1}, filter[4], filter[5])
	}
	must(t, unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	_, _, failure := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&program)))
	if failure != 0 {
		t.Fatal(failure)
	}
}

func TestContainerThatForbidsKeys(t *testing.T) {
	for name, errno := range map[string]unix.Errno{"EPERM": unix.EPERM, "ENOSYS": unix.ENOSYS} {
		t.Run(name, func(t *testing.T) {
			if !again(t, func(*exec.Cmd) {}) {
				return
			}
			runUser, _ := memory(t)
			useRings(t, keystore.PersistentRing, keystore.UserRing)
			before := auto(t, withClock(withXDG(runUser)))
			must(t, before.Set(ctx, other, []byte("value"), soon))
			forbid(t, unix.SYS_KEYCTL, -1, errno)
			forbid(t, unix.SYS_ADD_KEY, -1, errno)
			_, err := keystore.Open(keystore.Kernel, withClock(keystore.Options{}))
			wantUnavailable(t, err, "kernel", keystore.Absent)
			s := auto(t, withClock(withXDG(runUser)))
			if passed := keystore.PassedOver(s); s.Name() != "file" || len(passed) != 2 || passed[1].Store != "kernel" || keystore.Reaches(s, "kernel") {
				t.Errorf("%s, passed over %v", s.Name(), passed)
			}
			for name, s := range map[string]keystore.Store{"after": s, "before": before} {
				must(t, s.Set(ctx, id, []byte("value"), soon))
				if value, err := s.Get(ctx, id); err != nil || string(value) != "value" {
					t.Errorf("opened %s: %q %v", name, value, err)
				}
			}
			for name, remove := range removals { // no reason to fail: nothing that a call here could have kept is out of reach
				must(t, s.Set(ctx, id, []byte("value"), soon))
				if err := remove(s); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
}

func TestKernelThatCanOnlyBeReadIsNoReasonToKeepNothing(t *testing.T) {
	if !again(t, func(*exec.Cmd) {}) {
		return
	}
	runUser, _ := memory(t)
	useRings(t, keystore.PersistentRing)
	s := auto(t, withClock(withXDG(runUser)))
	must(t, s.Set(ctx, other, []byte("older"), soon))
	forbid(t, unix.SYS_ADD_KEY, -1, unix.EPERM)
	must(t, s.Set(ctx, id, []byte("value"), soon))
	for id, want := range map[string]string{id: "value", other: "older"} {
		if value, err := s.Get(ctx, id); err != nil || string(value) != want {
			t.Errorf("%q %v, want %q", value, err, want)
		}
	}
	if _, err := os.Stat(filepath.Join(runUser, "whichrole", "credential-"+id)); err != nil {
		t.Error(err)
	}
}

// A writer that dies halfway is one whose next call fails.
func TestWriterThatDiesLeavesNoKeyThatStays(t *testing.T) {
	for name, command := range map[string]int{"permissions": unix.KEYCTL_SETPERM, "time-out": unix.KEYCTL_SET_TIMEOUT, "link": unix.KEYCTL_LINK} {
		t.Run(name, func(t *testing.T) {
			if !again(t, func(*exec.Cmd) {}) {
				return
			}
			useRings(t, keystore.PersistentRing)
			s := openKernel(t)
			must(t, s.Set(ctx, id, []byte("older"), soon))
			forbid(t, unix.SYS_KEYCTL, command, unix.EACCES)
			wantUnavailable(t, s.Set(ctx, id, []byte("new"), soon), "kernel", keystore.Denied)
			wantUnavailable(t, s.Set(ctx, other, []byte("new"), soon), "kernel", keystore.Denied)
			if value, err := s.Get(ctx, id); err != nil || string(value) != "older" {
				t.Errorf("%q %v", value, err)
			}
			if _, err := s.Get(ctx, other); !errors.Is(err, keystore.ErrNotFound) {
				t.Error(err)
			}
		})
	}
}
