package instance

import (
	"strings"

	"whichrole/internal/paths"
)

// bootID is random(4)'s: drawn anew at each boot.
func bootID() string {
	id, _, err := paths.ReadRegular("/proc/sys/kernel/random/boot_id", 64)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(id))
}
