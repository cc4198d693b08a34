package keystore

import (
	"os"
	"testing"
)

// TestMain keeps all tests, and the children that they start, away from what the user has in memory.
func TestMain(m *testing.M) {
	sharedMemory, userMemory = "/proc/none", "/proc/none"
	os.Exit(m.Run())
}

// UseSharedMemory puts dir in the place of /dev/shm for one test.
func UseSharedMemory(t testing.TB, dir string) { use(t, &sharedMemory, dir) }

// UseUserMemory puts dir in the place of /run/user for one test.
func UseUserMemory(t testing.TB, dir string) { use(t, &userMemory, dir) }

func use(t testing.TB, variable *string, dir string) {
	old := *variable
	*variable = dir
	t.Cleanup(func() { *variable = old })
}
