package mapfile

import (
	"testing"

	"whichrole/internal/problem"
)

func TestSearchEndsAtAFileSystemBoundary(t *testing.T) {
	refused(t, Search{Dir: "/proc/sys"}, problem.NoEnvironment, "up to /proc (the top of its file system)")
}
