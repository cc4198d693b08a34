package launch

import (
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

// job ends with us whatever is in it, until it is told otherwise.
type job windows.Handle

func newJob() (job, error) {
	h, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return 0, err
	}
	j := job(h)
	if err := j.limit(windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE); err != nil {
		windows.CloseHandle(h)
		return 0, err
	}
	return j, nil
}

func (j job) limit(flags uint32) error {
	var limits windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION
	limits.BasicLimitInformation.LimitFlags = flags
	_, err := windows.SetInformationJobObject(windows.Handle(j), windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits)))
	return err
}

func (j job) take(process *os.Process) error {
	var assigned error
	err := process.WithHandle(func(h uintptr) { assigned = windows.AssignProcessToJobObject(windows.Handle(j), windows.Handle(h)) })
	if err != nil {
		return err
	}
	return assigned
}

// close lets go of what the command left behind: an editor that it opened.
func (j job) close() {
	j.limit(0)
	windows.CloseHandle(windows.Handle(j))
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
