package child

import (
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Job is a job object: a process with all that comes of it, which nobody leaves.
type Job windows.Handle

// NewJob makes an empty one. The errors are those of the system.
func NewJob() (Job, error) {
	h, err := windows.CreateJobObject(nil, nil)
	return Job(h), err
}

// KilledOnClose says whether closing the job, or our own end, kills what is in it.
func (j Job) KilledOnClose(killed bool) error {
	var limits windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION
	if killed {
		limits.BasicLimitInformation.LimitFlags = windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
	}
	_, err := windows.SetInformationJobObject(windows.Handle(j), windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits)))
	return err
}

// Run puts a process into the job that was started suspended (what it started before would not be in it), and lets it go.
func (j Job) Run(process *os.Process) error {
	var assigned error
	err := process.WithHandle(func(h uintptr) { assigned = windows.AssignProcessToJobObject(windows.Handle(j), windows.Handle(h)) })
	if err == nil {
		err = assigned
	}
	if err != nil {
		return err
	}
	return resume(uint32(process.Pid))
}

// Kill kills all that is in it at once: there is no signal that asks.
func (j Job) Kill() error { return windows.TerminateJobObject(windows.Handle(j), 1) }

// Close lets go of the job.
func (j Job) Close() { windows.CloseHandle(windows.Handle(j)) }

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
