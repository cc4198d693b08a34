package keystore

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"testing"
	"time"
)

// TestKeys is the variable by which the children of a test have its name for keys.
const TestKeys = "WHICHROLE_KEYSTORE_TEST_KEYS"

// The keyrings of production. In tests there are none, unless one asks for them.
var (
	PersistentRing = persistentRing
	UserRing       = userRing
)

// TestMain keeps all tests, and the children that they start, away from what the user has in memory.
func TestMain(m *testing.M) {
	sharedMemory, userMemory = "/proc/none", "/proc/none"
	keyPrefix = cmp.Or(os.Getenv(TestKeys), fmt.Sprintf("%s-test-%d:", service, os.Getpid()))
	os.Setenv(TestKeys, keyPrefix)
	keyScope = func(string) string { return "" }
	inContainer = func() bool { return false }
	rings = nil
	os.Exit(m.Run())
}

// UseSharedMemory puts dir in the place of /dev/shm for one test.
func UseSharedMemory(t testing.TB, dir string) { use(t, &sharedMemory, dir) }

// UseUserMemory puts dir in the place of /run/user for one test.
func UseUserMemory(t testing.TB, dir string) { use(t, &userMemory, dir) }

// UseRings gives one test keyrings. What it leaves there goes at its end.
func UseRings(t testing.TB, list ...func() (int, error)) {
	use(t, &rings, list)
	t.Cleanup(func() {
		k := &kernel{o: Options{Timeout: time.Minute}}
		k.Clear(context.Background()) // where there is no keyring, there is nothing in it
	})
}

// InRing runs f on a thread that possesses the keyring which the test uses.
func InRing(t testing.TB, f func(ring int)) {
	t.Helper()
	k := &kernel{o: Options{Timeout: time.Minute}}
	if _, err := inRing(context.Background(), k, func(ring int) (bool, error) { f(ring); return true, nil }); err != nil {
		t.Fatal(err)
	}
}

// KeyName is what the key of an id is called.
func KeyName(id string) string { return keyPrefix + id }

// UseKeyScope has keys of different state directories be different, as in production, for one test.
func UseKeyScope(t testing.TB) { use(t, &keyScope, productionScope) }

var productionScope = keyScope

// UseContainer has it look as if this were a container, for one test.
func UseContainer(t testing.TB) { use(t, &inContainer, func() bool { return true }) }

// InContainer is how production finds that out.
var InContainer = inContainer

// Linked are the numbers of the keys in a keyring.
func Linked(t testing.TB, ring int) []int {
	t.Helper()
	list, err := linked(ring)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// KernelRoom is of a value, in bytes.
const KernelRoom = kernelRoom

func use[T any](t testing.TB, variable *T, value T) {
	old := *variable
	*variable = value
	t.Cleanup(func() { *variable = old })
}
