package keystore_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"whichrole/internal/keystore"
	"whichrole/internal/paths"
	"whichrole/internal/test/keyringtest"
)

// realKeyring is the keyring of the user that the test runs for. The test empties it of all that is ours, so it must be asked
// for by that variable; then it runs, or fails.
func realKeyring(t *testing.T) keystore.Store {
	t.Helper()
	env := paths.EnvOf(os.Environ())
	o := keystore.Options{Env: env, Dirs: paths.Find(env, runtime.GOOS), Now: time.Now, Timeout: 30 * time.Second}
	o.Dirs.State, o.Dirs.RuntimeIsVolatile = filepath.Join(t.TempDir(), "state"), false
	s, err := keystore.Open(keystore.Keyring, o)
	okay(t, err)
	return s
}

func TestContractOnThisSystemsKeyring(t *testing.T) {
	if os.Getenv("WHICHROLE_TEST_REAL_KEYRING") == "" {
		return
	}
	s := realKeyring(t)
	_, err := s.Clear(t.Context())
	okay(t, err)
	keyringtest.Contract(t, s)
}

// What is written by one process is read by another, in as many parts as the system needs, and none of them stays.
func TestLongValuesInThisSystemsKeyring(t *testing.T) {
	if os.Getenv("WHICHROLE_TEST_REAL_KEYRING") == "" {
		return
	}
	for _, size := range []int{keystore.RoomOn(runtime.GOOS), 8 << 10, sizes["longest"]} {
		value := numbered("value", size)
		okay(t, realKeyring(t).Set(t.Context(), id, []byte(value), soon))
		got, err := realKeyring(t).Get(t.Context(), id)
		if err != nil || string(got) != value {
			t.Errorf("%d bytes: %v, %d came back", size, err, len(got))
		}
	}
	okay(t, realKeyring(t).Delete(t.Context(), id))
	for g := range 4 {
		for i := range 16 {
			if _, err := keystore.Real.Get(service, partOf(id, g, i)); err == nil {
				t.Errorf("left: %s", partOf(id, g, i))
			}
		}
	}
}
