package launch

import (
	"fmt"
	"os"
)

// running names one process as long as the system runs: its number is given to another one day.
type running struct {
	pid     int
	started uint64 // opaque; 0 where the system does not tell
}

// self is this process, and the command after it: execve changes neither.
func self() running {
	pid := os.Getpid()
	started, _ := startOf(pid)
	return running{pid, started}
}

func (r running) String() string { return fmt.Sprintf("%d %d\n", r.pid, r.started) }

func parseProcess(text string) (r running, ok bool) {
	n, err := fmt.Sscanf(text, "%d %d\n", &r.pid, &r.started)
	return r, err == nil && n == 2 && r.pid > 0
}
