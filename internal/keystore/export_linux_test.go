package keystore

import "testing"

// UseSharedMemory puts dir in the place of /dev/shm for one test.
func UseSharedMemory(t testing.TB, dir string) {
	old := sharedMemory
	sharedMemory = dir
	t.Cleanup(func() { sharedMemory = old })
}
