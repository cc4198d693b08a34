package process

import (
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/windows"
)

func self() (seen, error) { return status(windows.CurrentProcess()) }

// look asks all of one handle: as long as it is open, no other process gets the number.
func look(pid int) (seen, error) {
	process, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, uint32(pid))
	switch err {
	case nil:
	case windows.ERROR_INVALID_PARAMETER:
		return seen{}, errGone
	case windows.ERROR_ACCESS_DENIED:
		return seen{}, errForeign
	default:
		return seen{}, err
	}
	defer windows.CloseHandle(process)
	p, err := status(process)
	if err != nil {
		return seen{}, err
	}
	p.PID = pid
	if p.Name, err = executable(process); err == nil {
		p.Args, err = commandLine(process)
	}
	return p, err
}

// status is where a process comes from. One that has ended can be looked at as long as somebody has a handle of it.
func status(process windows.Handle) (seen, error) {
	var info windows.PROCESS_BASIC_INFORMATION
	err := windows.NtQueryInformationProcess(process, windows.ProcessBasicInformation, unsafe.Pointer(&info), uint32(unsafe.Sizeof(info)), nil)
	if err != nil {
		return seen{}, err
	}
	if info.ExitStatus != windows.STATUS_PENDING {
		return seen{}, errGone
	}
	var start, end, kernel, user windows.Filetime
	if err := windows.GetProcessTimes(process, &start, &end, &kernel, &user); err != nil {
		return seen{}, err
	}
	p := seen{parent: int(info.InheritedFromUniqueProcessId)}
	p.Started = uint64(start.HighDateTime)<<32 | uint64(start.LowDateTime)
	return p, nil
}

func executable(process windows.Handle) (string, error) {
	path := make([]uint16, 1<<15) // the longest that there is
	size := uint32(len(path))
	if err := windows.QueryFullProcessImageName(process, 0, &path[0], &size); err != nil {
		return "", err
	}
	return filepath.Base(windows.UTF16ToString(path[:size])), nil
}

// commandLine reads the one text that a command line is here, of 64 KiB at most, and takes it apart as most programs do.
func commandLine(process windows.Handle) ([]string, error) {
	const header = unsafe.Sizeof(windows.NTUnicodeString{})
	// No pointers, as what stands behind the header is text, and too large for a stack, as that may move: the header points into it.
	text := make([]uint64, (header+mostArgs)/8+1)
	err := windows.NtQueryInformationProcess(process, windows.ProcessCommandLineInformation, unsafe.Pointer(&text[0]), uint32(len(text)*8), nil)
	if err != nil {
		return nil, err
	}
	line := (*windows.NTUnicodeString)(unsafe.Pointer(&text[0])).String()
	return windows.DecomposeCommandLine(line)
}
