package child

import (
	"os"
	"os/exec"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// A tree is the program with all that comes of it: a job object, which nobody leaves.
type tree struct {
	job   windows.Handle
	leave bool // what a program leaves behind that could ask a person
}

// plant makes cmd, which is not yet started, one that can be ended with all that comes of it. It starts suspended: what it
// starts before it is in the job would not be in it.
func plant(cmd *exec.Cmd, mayAsk bool) (*tree, error) {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return nil, err
	}
	t := &tree{job: job, leave: mayAsk}
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.CreationFlags |= windows.CREATE_SUSPENDED
	if !mayAsk { // a console of its own that nobody sees; and it dies with us
		cmd.SysProcAttr.CreationFlags |= windows.CREATE_NO_WINDOW
		err = killOnClose(job)
	}
	if err != nil {
		windows.CloseHandle(job)
		return nil, err
	}
	return t, nil
}

func killOnClose(job windows.Handle) error {
	var limits windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION
	limits.BasicLimitInformation.LimitFlags = windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
	_, err := windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits)))
	return err
}

// started puts the program into the job and lets it go.
func (t *tree) started(program *os.Process) error {
	var assigned error
	err := program.WithHandle(func(h uintptr) { assigned = windows.AssignProcessToJobObject(t.job, windows.Handle(h)) })
	if err == nil {
		err = assigned
	}
	if err != nil {
		return err
	}
	return resume(uint32(program.Pid))
}

// resume lets the only thread of a suspended process go. Package os has closed its handle.
func resume(pid uint32) error {
	snapshot, err := windows.CreateToolhelp32Snapshot(windows.TH32CS_SNAPTHREAD, 0)
	if err != nil {
		return err
	}
	defer windows.CloseHandle(snapshot)
	entry := windows.ThreadEntry32{Size: uint32(unsafe.Sizeof(windows.ThreadEntry32{}))}
	for err = windows.Thread32First(snapshot, &entry); err == nil; err = windows.Thread32Next(snapshot, &entry) {
		if entry.OwnerProcessID != pid {
			continue
		}
		thread, err := windows.OpenThread(windows.THREAD_SUSPEND_RESUME, false, entry.ThreadID)
		if err != nil {
			return err
		}
		defer windows.CloseHandle(thread)
		_, err = windows.ResumeThread(thread)
		return err
	}
	return err
}

// end kills all at once: there is no signal that asks.
func (t *tree) end(*os.Process) error { return windows.TerminateJobObject(t.job, 1) }

// kill kills what is left after the program's end.
func (t *tree) kill(*os.Process) {
	if !t.leave {
		windows.TerminateJobObject(t.job, 1)
	}
	windows.CloseHandle(t.job)
}
