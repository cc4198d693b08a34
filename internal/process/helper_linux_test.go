package process

import (
	"os/exec"
	"runtime"
	"syscall"
)

// as makes cmd what comes behind s.
func as(cmd *exec.Cmd, s step) {
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	if s.User != 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(s.User), Gid: uint32(s.User)}
	}
	if s.HidePS {
		runtime.LockOSThread() // the mount is seen by this thread and what it starts
		for _, err := range []error{
			syscall.Unshare(syscall.CLONE_NEWNS | syscall.CLONE_FS),
			syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""),
			syscall.Mount("proc", "/proc", "proc", 0, "hidepid=2"),
		} {
			if err != nil {
				panic(err)
			}
		}
	}
}
