package keystore

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// A key's payload is 8 bytes, the value's end in Unix seconds, and the value.
const (
	endSize    = 8
	kernelRoom = maxPayload - endSize // of a value, in bytes
)

// quotaLeft in bytes is what a Set leaves of the user's quota: a process that reads needs 9 of it for as long as it lives,
// and logins and containers need some too.
const quotaLeft = 1 << 10

// kernel keeps values as keys of this user in the kernel, where they are never swapped out, and are forgotten on time. A
// key is made out of everybody's sight, gets permissions and a time-out, and only then takes the place of the one before:
// no reader finds half of one, and no crash leaves one that stays.
type kernel struct {
	o Options
	// spare tells that another store takes what does not fit here: then no other value is dropped for it.
	spare bool
}

// The namespaces of the machine itself, whose numbers are part of the kernel's ABI (PROC_PID_INIT_INO and PROC_USER_INIT_INO
// of proc_ns.h).
const machinesPID, machinesUser = "pid:[4026531836]", "user:[4026531837]"

// inContainer tells whether there may be strangers with this user's number: containers have namespaces for everything but
// keyrings, so what one keeps there all others of that number can read and replace. Docker forbids the calls, Kubernetes does
// not. A variable for the tests.
var inContainer = func() bool {
	pid, _ := os.Readlink("/proc/self/ns/pid")
	user, _ := os.Readlink("/proc/self/ns/user")
	return pid != machinesPID || user != machinesUser
}

// openKernel finds out whether there is a keyring to be had. Without a clock there is none: it could not be told when to
// forget.
func openKernel(o Options, spare bool) (Store, error) {
	k := &kernel{o, spare}
	if o.Now == nil {
		return nil, &Unavailable{Store: "kernel", Class: Absent, Detail: "there is no clock to forget by"}
	}
	_, err := inRing(context.Background(), k, func(int) (struct{}, error) { return struct{}{}, nil })
	if err != nil {
		return nil, err
	}
	return k, nil
}

func (k *kernel) Name() string { return "kernel" }

// name is what the key of an id is called.
func (k *kernel) name(id string) string { return keyPrefix + keyScope(k.o.Dirs.State) + id }

func (k *kernel) Get(ctx context.Context, id string) ([]byte, error) {
	if !validID(id) {
		return nil, errBadID
	}
	return inRing(ctx, k, func(ring int) ([]byte, error) {
		payload, err := readKey(ring, k.name(id))
		if err == nil && len(payload) < endSize {
			return nil, ErrNotFound // whatever it is, it was not written here
		}
		if err != nil {
			return nil, err
		}
		return payload[endSize:], nil
	})
}

// processKeys is for the process keyring, where keys are made: there add_key would change a key of the same name that
// another thread is about to link, and take away its time-out.
var processKeys sync.Mutex

func (k *kernel) Set(ctx context.Context, id string, value []byte, expires time.Time) error {
	if !validID(id) {
		return errBadID
	}
	if len(value) > kernelRoom {
		return ErrTooBig
	}
	// Rounded down, and never 0: to the kernel that is for ever.
	seconds := min(max(expires.Sub(k.o.Now())/time.Second, 1), math.MaxInt32)
	payload := append(binary.BigEndian.AppendUint64(nil, uint64(expires.Unix())), value...)
	_, err := inRing(ctx, k, func(ring int) (struct{}, error) {
		processKeys.Lock()
		defer processKeys.Unlock()
		err := putKey(ring, k.name(id), payload, int(seconds))
		if err == unix.EDQUOT && k.makeRoom(ring, k.name(id), len(payload)+quotaLeft) {
			err = putKey(ring, k.name(id), payload, int(seconds))
		}
		if err == unix.EDQUOT {
			err = errNoQuota
		}
		return struct{}{}, err
	})
	return err
}

// Delete also takes away a key that Get does not believe.
func (k *kernel) Delete(ctx context.Context, id string) error {
	if !validID(id) {
		return errBadID
	}
	_, err := inRing(ctx, k, func(ring int) (struct{}, error) {
		serial, err := unix.KeyctlSearch(ring, "user", k.name(id), 0)
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, dropKey(ring, serial)
	})
	return err
}

func (k *kernel) Clear(ctx context.Context) (int, error) {
	return inRing(ctx, k, func(ring int) (n int, failure error) {
		list, failure := ourKeys(ring, k.name(""))
		for _, one := range list {
			err := dropKey(ring, one.serial)
			if err == nil {
				n++
			} else if failure == nil {
				failure = err
			}
		}
		return n, failure
	})
}

// errNoQuota is what a chain hears before it goes on to the next store.
var errNoQuota = fmt.Errorf("%w: the kernel's quota for your keys is used up", ErrTooBig)

// makeRoom drops what stands in the way of size bytes: the value that is to be replaced, then, unless another store would
// take them, those that end first. Where all of that would not be enough it drops nothing. What has expired can't be
// dropped: the kernel does not tell its name any more, and gives its quota back five minutes later (gc_delay).
func (k *kernel) makeRoom(ring int, name string, size int) bool {
	list, _ := ourKeys(ring, k.name("")) // without one there is nothing to drop
	list = slices.DeleteFunc(list, func(one key) bool { return k.spare && one.name != name })
	total := 0
	for i, one := range list {
		total += one.size
		if one.name == name {
			list[i].end = math.MinInt64
		}
	}
	var quota filler
	defer quota.drop()
	if !quota.fits(size - total) {
		return false
	}
	slices.SortFunc(list, func(a, b key) int { return cmp.Compare(a.end, b.end) })
	for _, one := range list {
		if dropKey(ring, one.serial) == nil && quota.fits(size) {
			return true
		}
	}
	return false
}

// inRing runs f with the number of a keyring that it possesses; f searches that one, and not the session's, in which
// whoever started us may have put a key of such a name. Threads have their own credentials, and what one links is not seen
// by those that ran before: f stays on the thread. These calls wait for nothing but a key that somebody has begun to make
// and does not finish.
func inRing[T any](ctx context.Context, k *kernel, f func(ring int) (T, error)) (T, error) {
	value, err := inTime(ctx, k.o.Timeout, func() (T, error) {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		var ring int
		err := error(unix.EOPNOTSUPP)
		for i := 0; i < len(rings) && err == unix.EOPNOTSUPP; i++ {
			ring, err = rings[i]()
		}
		if err != nil {
			var nothing T
			return nothing, judgeKernel(err)
		}
		return f(ring)
	})
	if err == unix.ENOKEY || err == unix.EKEYEXPIRED || err == unix.EKEYREVOKED {
		err = ErrNotFound
	}
	return value, judgeKernel(err)
}

// judgeKernel sorts an error of the kernel, or of a call that was given up, into its class.
func judgeKernel(err error) error {
	class, detail := Denied, ""
	switch {
	case err == unix.EOPNOTSUPP, err == unix.ENOSYS:
		class, detail = Absent, "this kernel has no keyrings, or a container hides them"
	case err == unix.EPERM: // seccomp's answer; permissions say EACCES
		class, detail = Absent, "its calls are forbidden here, as in most containers (seccomp)"
	case err == unix.EDQUOT:
		detail = "the quota for your keys is used up: see /proc/key-users"
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		class, detail = TimedOut, "the caller could not wait longer"
	case errors.Is(err, errTimedOut):
		class, detail = TimedOut, "no answer in time"
	default:
		errno, ok := errors.AsType[unix.Errno](err)
		if !ok {
			return err
		}
		detail = errno.Error()
	}
	return &Unavailable{Store: "kernel", Class: class, Detail: detail}
}
