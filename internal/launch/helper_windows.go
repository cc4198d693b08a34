package launch

import "golang.org/x/sys/windows"

// shortName is the path in the form of 8.3 names, "" where the volume has none.
func shortName(path string) string {
	from, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return ""
	}
	buffer := make([]uint16, windows.MAX_LONG_PATH)
	n, err := windows.GetShortPathName(from, &buffer[0], uint32(len(buffer)))
	if err != nil || int(n) > len(buffer) {
		return ""
	}
	return windows.UTF16ToString(buffer[:n])
}
