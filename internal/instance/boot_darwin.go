package instance

import "syscall"

// bootID is drawn anew at each boot.
func bootID() string {
	id, err := syscall.Sysctl("kern.bootsessionuuid")
	if err != nil {
		return ""
	}
	return id
}
