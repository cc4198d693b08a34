package keystore_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"whichrole/internal/keystore"
)

func idOf(i int) string { return fmt.Sprintf("%032x", i) }

// held tells which of the ids 0 to n-1 the store has.
func held(t *testing.T, s keystore.Store, n int) (list []int) {
	t.Helper()
	for i := range n {
		if _, err := s.Get(ctx, idOf(i)); err == nil {
			list = append(list, i)
		} else if !errors.Is(err, keystore.ErrNotFound) {
			t.Errorf("%d: %v", i, err)
		}
	}
	return list
}

// freeQuota is what this user's keys may still take, in bytes: "54321:  4 4/4 3/200 39/20000".
func freeQuota(t *testing.T) int {
	t.Helper()
	all, err := os.ReadFile("/proc/key-users")
	must(t, err)
	for line := range strings.Lines(string(all)) {
		if f := strings.Fields(line); len(f) == 5 && f[0] == uid()+":" {
			var used, limit int
			_, err := fmt.Sscanf(f[4], "%d/%d", &used, &limit)
			must(t, err)
			return limit - used
		}
	}
	t.Fatalf("/proc/key-users has no %s", uid())
	return 0
}

// settle waits until the quota has back what earlier tests gave up: that takes the kernel some ms.
func settle(t *testing.T) {
	t.Helper()
	for before, free := -1, freeQuota(t); free != before; free = freeQuota(t) {
		before = free
		time.Sleep(50 * time.Millisecond)
	}
}

// leaveQuota lets somebody else have all but so many bytes of the user's quota during the test.
func leaveQuota(t *testing.T, left int) (theirs int) {
	t.Helper()
	name := strings.TrimSuffix(keystore.KeyName(""), ":") + "-not-ours"
	keystore.InRing(t, func(ring int) {
		settle(t)
		var err error
		theirs, err = unix.AddKey("user", name, make([]byte, freeQuota(t)-left), ring)
		must(t, err)
	})
	t.Cleanup(func() {
		keystore.InRing(t, func(ring int) {
			unix.KeyctlInt(unix.KEYCTL_REVOKE, theirs, 0, 0, 0)
			unix.KeyctlInt(unix.KEYCTL_UNLINK, theirs, ring, 0, 0)
		})
	})
	return theirs
}

func stillThere(t *testing.T, serial int) {
	t.Helper()
	keystore.InRing(t, func(int) {
		if _, err := unix.KeyctlBuffer(unix.KEYCTL_READ, serial, nil, 0); err != nil {
			t.Errorf("what is not ours: %v", err)
		}
	})
}

// 20,000 bytes are a dozen credentials.
func TestFullQuotaDropsWhatEndsFirst(t *testing.T) {
	onRings(t, func(t *testing.T) {
		if !asNobodySpecial(t) {
			return
		}
		theirs, s := leaveQuota(t, 15000), openKernel(t)
		in := []time.Duration{5, 1, 4, 2, 3, 6, 7, 8} // hours: 1 ends first, then 3
		for i, hours := range in {
			must(t, s.Set(ctx, idOf(i), make([]byte, 1800), time.Now().Add(hours*time.Hour)))
		}
		if list := held(t, s, len(in)); !slices.Equal(list, []int{0, 2, 3, 4, 5, 6, 7}) {
			t.Errorf("it holds %v", list)
		}
		must(t, s.Set(ctx, idOf(8), make([]byte, 3000), time.Now().Add(time.Hour)))
		if list := held(t, s, 9); !slices.Equal(list, []int{0, 2, 5, 6, 7, 8}) {
			t.Errorf("after a larger one it holds %v", list)
		}
		stillThere(t, theirs)
	})
}

// The MFA session was dropped for a value for which that was not enough.
func TestNothingIsDroppedForWhatCannotFit(t *testing.T) {
	onRings(t, func(t *testing.T) {
		if !asNobodySpecial(t) {
			return
		}
		theirs, s := leaveQuota(t, 8000), openKernel(t)
		must(t, s.Set(ctx, idOf(0), make([]byte, 3000), soon))
		if err := s.Set(ctx, idOf(1), make([]byte, 8000), soon); !errors.Is(err, keystore.ErrTooBig) {
			t.Errorf("%v", err)
		}
		if list := held(t, s, 2); !slices.Equal(list, []int{0}) {
			t.Errorf("it holds %v", list)
		}
		must(t, s.Set(ctx, idOf(1), make([]byte, 2000), time.Now().Add(2*time.Hour)))
		must(t, s.Set(ctx, idOf(1), make([]byte, 3500), time.Now().Add(2*time.Hour))) // what it replaces is room enough
		if list := held(t, s, 2); !slices.Equal(list, []int{0, 1}) {
			t.Errorf("after a replacement it holds %v", list)
		}
		stillThere(t, theirs)
	})
}

// Thirty environments in turn would drop each other for ever, though the file has room for all.
func TestAutoFillsTheKernelAndThenTheFile(t *testing.T) {
	if !asNobodySpecial(t) {
		return
	}
	runUser, _ := memory(t)
	useRings(t, keystore.PersistentRing)
	o := withClock(withXDG(runUser))
	leaveQuota(t, 15000)
	s, value := auto(t, o), make([]byte, 1650)
	for i := range 30 {
		must(t, s.Set(ctx, idOf(i), value, soon))
	}
	if all := held(t, s, 30); len(all) != 30 {
		t.Errorf("of 30 it holds %v", all)
	}
	kernel, file := held(t, openKernel(t), 30), held(t, openFile(t, o), 30)
	if len(kernel) < 5 || len(kernel)+len(file) != 30 {
		t.Errorf("kernel %v, file %v", kernel, file)
	}
	// A renewal that has outgrown the kernel must not leave the old one before it.
	must(t, s.Set(ctx, idOf(0), make([]byte, 8192), soon))
	if value, err := s.Get(ctx, idOf(0)); err != nil || len(value) != 8192 {
		t.Errorf("%d bytes, %v", len(value), err)
	}
}

// A process that only reads needs some of the quota: with all of it in our values, nobody could read them.
func TestFullQuotaCanBeRead(t *testing.T) {
	if !asNobodySpecial(t) {
		return
	}
	runUser, _ := memory(t)
	useRings(t, keystore.PersistentRing)
	leaveQuota(t, 4000)
	s, kernel := auto(t, withClock(withXDG(runUser))), openKernel(t)
	for i := range 200 { // each takes less than seven readers need
		must(t, s.Set(ctx, idOf(i), nil, soon))
		if _, err := kernel.Get(ctx, idOf(i)); err != nil {
			break
		}
		time.Sleep(5 * time.Millisecond) // until a Set's own needs are over
	}
	if list := held(t, s, 200); len(list) < 20 || len(list) > 100 {
		t.Fatalf("it took %d to fill it", len(list))
	}
	var readers []*exec.Cmd
	for range 20 {
		cmd := exec.Command("/proc/self/exe", "-test.run=^TestHelperThatReads$", "-test.v")
		cmd.Env = append(os.Environ(), "READ="+idOf(0))
		must(t, cmd.Start())
		readers = append(readers, cmd)
	}
	for _, cmd := range readers {
		if err := cmd.Wait(); err != nil {
			t.Errorf("a reader: %v", err)
		}
	}
}

// TestHelperThatReads is a process of the test above, and none without it.
func TestHelperThatReads(t *testing.T) {
	id := os.Getenv("READ")
	if id == "" {
		return
	}
	useRings(t, keystore.PersistentRing)
	_, err := openKernel(t).Get(ctx, id)
	os.Exit(map[bool]int{false: 1}[err == nil]) // without a clean-up: others still read
}

func TestQuotaOfOthersAloneIsNoRoomAndNoDenial(t *testing.T) {
	onRings(t, func(t *testing.T) {
		if !asNobodySpecial(t) {
			return
		}
		leaveQuota(t, 1000)
		s := openKernel(t)
		if err := s.Set(ctx, id, []byte("value"), soon); !errors.Is(err, keystore.ErrTooBig) {
			t.Errorf("%v", err)
		}
		if _, err := s.Get(ctx, id); !errors.Is(err, keystore.ErrNotFound) {
			t.Errorf("%v", err)
		}
	})
}

// Root has 25 MB.
func TestValuesUpToTheLargestKey(t *testing.T) {
	onRings(t, func(t *testing.T) {
		s, sizes := openKernel(t), []int{0, 1, 8192, 12000}
		if os.Getuid() == 0 {
			sizes = append(sizes, 20001, keystore.KernelRoom)
		}
		for _, size := range sizes {
			value := bytes.Repeat([]byte{0, 0xff}, size/2+1)[:size]
			must(t, s.Set(ctx, id, value, soon))
			if got, err := s.Get(ctx, id); err != nil || !bytes.Equal(got, value) {
				t.Errorf("%d bytes: %d, %v", size, len(got), err)
			}
		}
		if err := s.Set(ctx, id, make([]byte, keystore.KernelRoom+1), soon); !errors.Is(err, keystore.ErrTooBig) {
			t.Errorf("%v", err)
		}
	})
}
