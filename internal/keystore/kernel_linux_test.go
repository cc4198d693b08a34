package keystore_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"whichrole/internal/keystore"
	"whichrole/internal/paths"
	"whichrole/internal/test/keyringtest"
)

const other = "ffeeddccbbaa99887766554433221100"

type ring = func() (int, error)

// bothRings are what stands behind the store: the second on kernels without the first.
var bothRings = map[string]ring{"persistent": keystore.PersistentRing, "user": keystore.UserRing}

func onRings(t *testing.T, test func(t *testing.T)) {
	for name, ring := range bothRings {
		t.Run(name, func(t *testing.T) {
			useRings(t, ring)
			test(t)
		})
	}
}

// useRings gives a test keyrings. In a container that forbids them it is skipped, but fails when CI is set.
func useRings(t *testing.T, list ...ring) {
	t.Helper()
	keystore.UseRings(t, list...)
	_, err := keystore.Open(keystore.Kernel, withClock(keystore.Options{}))
	if u, ok := errors.AsType[*keystore.Unavailable](err); ok && u.Class == keystore.Absent && os.Getenv("CI") == "" {
		t.Skip(u)
	}
	must(t, err)
	if os.Getuid() != 0 { // root has room for all
		settle(t)
	}
}

func withClock(o keystore.Options) keystore.Options {
	o.Now = time.Now
	return o
}

func openKernel(t *testing.T) keystore.Store {
	t.Helper()
	s, err := keystore.Open(keystore.Kernel, withClock(keystore.Options{}))
	must(t, err)
	return s
}

// again runs the calling test in a child that change has changed, and is true in there. The children know how the keys of
// this test are called, and nothing else of the environment.
func again(t *testing.T, change func(*exec.Cmd)) bool {
	t.Helper()
	if os.Getenv(childMark) != "" {
		return true
	}
	pattern := "^" + strings.ReplaceAll(t.Name(), "/", "$/^") + "$"
	cmd := exec.Command("/proc/self/exe", "-test.run="+pattern, "-test.v") // another user can't reach its path
	cmd.Dir = "/"
	cmd.Env = []string{childMark + "=1", "TMPDIR=/dev/shm", "GORACE=atexit_sleep_ms=1", keystore.TestKeys + "=" + os.Getenv(keystore.TestKeys)}
	change(cmd)
	if out, err := cmd.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--- PASS: "+t.Name())) {
		t.Errorf("%v\n%s", err, out)
	}
	return false
}

// inFreshSession is again in a session keyring that nothing is linked to.
func inFreshSession(t *testing.T) bool {
	t.Helper()
	if !again(t, func(*exec.Cmd) {}) {
		return false
	}
	if os.Getenv("JOINED") == "" {
		runtime.LockOSThread()
		_, err := unix.KeyctlInt(unix.KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0)
		must(t, err)
		must(t, syscall.Exec("/proc/self/exe", os.Args, append(os.Environ(), "JOINED=1")))
	}
	return true
}

// asNobodySpecial is again as a user with the quota of users, where we are root: that has a thousand times as much.
func asNobodySpecial(t *testing.T) bool {
	t.Helper()
	return again(t, func(cmd *exec.Cmd) {
		if os.Getuid() == 0 {
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 54321, Gid: 54321}}
		}
	})
}

func TestContractOnKernel(t *testing.T) {
	onRings(t, func(t *testing.T) { keyringtest.Contract(t, openKernel(t)) })
}

// What lies in the user keyring may be found from there, and not be read.
func TestContractOnKernelInAFreshSession(t *testing.T) {
	onRings(t, func(t *testing.T) {
		if inFreshSession(t) {
			keyringtest.Contract(t, openKernel(t))
		}
	})
}

func TestContractOnKernelWithoutRoot(t *testing.T) {
	onRings(t, func(t *testing.T) {
		if asNobodySpecial(t) {
			keyringtest.Contract(t, openKernel(t))
		}
	})
}

func TestAnotherSessionReadsAndDeletesWhatOneWrote(t *testing.T) {
	onRings(t, func(t *testing.T) {
		s := openKernel(t)
		if os.Getenv(childMark) == "" {
			must(t, s.Set(ctx, id, []byte("value"), soon))
		}
		if !inFreshSession(t) {
			return
		}
		if value, err := s.Get(ctx, id); err != nil || string(value) != "value" {
			t.Errorf("%q %v", value, err)
		}
		must(t, s.Delete(ctx, id))
		if serial := serialOf(t); serial != 0 {
			t.Errorf("Delete leaves key %d", serial)
		}
	})
}

// persistent_keyring_expiry is three days, and the user keyring's is never.
func TestKeyForgetsOnTime(t *testing.T) {
	onRings(t, func(t *testing.T) {
		s, ends := openKernel(t), map[string]time.Time{ // by id
			strings.Repeat("1", 32): time.Now().Add(1500 * time.Millisecond),
			strings.Repeat("2", 32): time.Now().Add(-time.Hour), // a time-out of 0 would be none
			strings.Repeat("3", 32): {},
		}
		for id, end := range ends {
			must(t, s.Set(ctx, id, []byte("value"), soon))
			must(t, s.Set(ctx, id, []byte("renewed"), end))
		}
		must(t, s.Set(ctx, other, []byte("value"), time.Now().Add((1<<32+1)*time.Second+time.Second/2))) // more than the kernel counts: 1
		for id, end := range ends {
			err := error(nil)
			for stop := time.Now().Add(5 * time.Second); err == nil && time.Now().Before(stop); time.Sleep(20 * time.Millisecond) {
				_, err = s.Get(ctx, id)
			}
			if !errors.Is(err, keystore.ErrNotFound) {
				t.Errorf("end %v: after five seconds %v", end, err)
			}
			if err := s.Delete(ctx, id); !errors.Is(err, keystore.ErrNotFound) {
				t.Errorf("Delete of what has expired: %v", err)
			}
			must(t, s.Set(ctx, id, []byte("new"), soon))
			if value, err := s.Get(ctx, id); err != nil || string(value) != "new" {
				t.Errorf("in the place of what has expired: %q %v", value, err)
			}
		}
		if _, err := s.Get(ctx, other); err != nil {
			t.Errorf("136 years are over: %v", err)
		}
	})
}

// keyLine is what /proc/keys says of the key of id: number, flags, usage, time left, permissions, owner, …
func keyLine(t *testing.T) (fields []string) {
	t.Helper()
	keystore.InRing(t, func(int) {
		all, err := os.ReadFile("/proc/keys")
		must(t, err)
		for line := range strings.Lines(string(all)) {
			if strings.Contains(line, keystore.KeyName(id)) {
				fields = strings.Fields(line)
			}
		}
	})
	if len(fields) < 9 {
		t.Fatalf("/proc/keys has no %s: %v", keystore.KeyName(id), fields)
	}
	return fields
}

func TestNewKeyHasItsTimeAndIsOursAlone(t *testing.T) {
	onRings(t, func(t *testing.T) {
		for range 2 {
			must(t, openKernel(t).Set(ctx, id, []byte("value"), time.Now().Add(30*time.Minute)))
		}
		line := keyLine(t)
		if (line[3] != "29m" && line[3] != "30m") || line[4] != "3b000000" || line[5] != uid() || line[7] != "user" {
			t.Errorf("%v", line)
		}
		keystore.InRing(t, func(int) {
			for _, serial := range keystore.Linked(t, unix.KEY_SPEC_PROCESS_KEYRING) {
				if text, err := unix.KeyctlString(unix.KEYCTL_DESCRIBE, serial); err != nil || !strings.HasPrefix(text, "keyring;") || strings.Contains(text, keystore.KeyName("")) {
					t.Errorf("the process keyring still holds %q, %v", text, err)
				}
			}
		})
	})
}

// serialOf is the number of the key of id, or 0.
func serialOf(t *testing.T) (serial int) {
	t.Helper()
	keystore.InRing(t, func(ring int) { serial, _ = unix.KeyctlSearch(ring, "user", keystore.KeyName(id), 0) })
	return max(serial, 0)
}

func TestOthersGetNothingFromTheNumberOfAKey(t *testing.T) {
	if os.Getuid() != 0 && os.Getenv(childMark) == "" {
		return // only root can be somebody else
	}
	onRings(t, func(t *testing.T) {
		if os.Getenv(childMark) == "" {
			must(t, openKernel(t).Set(ctx, id, []byte("value"), soon))
		}
		child := again(t, func(cmd *exec.Cmd) {
			cmd.Env = append(cmd.Env, "SERIAL="+keyLine(t)[0])
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 54321, Gid: 0}} // even of root's group
		})
		if !child {
			return
		}
		number, err := strconv.ParseInt(os.Getenv("SERIAL"), 16, 32)
		must(t, err)
		serial := int(number)
		for name, command := range map[string]int{"read": unix.KEYCTL_READ, "describe": unix.KEYCTL_DESCRIBE} {
			if n, err := unix.KeyctlBuffer(command, serial, make([]byte, 100), 0); err != unix.EACCES {
				t.Errorf("%s: %d %v", name, n, err)
			}
		}
		for name, command := range map[string]int{"revoke": unix.KEYCTL_REVOKE, "invalidate": unix.KEYCTL_INVALIDATE} {
			if _, err := unix.KeyctlInt(command, serial, 0, 0, 0); err != unix.EACCES {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// A parent that plants a key in the session keyring is not asked: we search our own keyring alone.
func TestKeyPlantedInTheSessionIsNotFound(t *testing.T) {
	onRings(t, func(t *testing.T) {
		if !inFreshSession(t) {
			return
		}
		_, err := unix.AddKey("user", keystore.KeyName(id), []byte("12345678planted"), unix.KEY_SPEC_SESSION_KEYRING)
		must(t, err)
		if value, err := openKernel(t).Get(ctx, id); !errors.Is(err, keystore.ErrNotFound) {
			t.Errorf("%q %v", value, err)
		}
	})
}

// plant puts a key of the name of id into our keyring, as another process of this user can.
func plant(t *testing.T, payload string, change func(serial int) error) {
	t.Helper()
	keystore.InRing(t, func(ring int) {
		serial, err := unix.AddKey("user", keystore.KeyName(id), []byte(payload), ring)
		must(t, err)
		must(t, change(serial))
	})
}

func TestHostileKeys(t *testing.T) {
	asItIs := func(int) error { return nil }
	open := func(perm uint32) func(int) error {
		return func(serial int) error { return unix.KeyctlSetperm(serial, perm) }
	}
	chown := func(serial int) error {
		if os.Getuid() != 0 { // the nearest that users can do
			return unix.KeyctlSetperm(serial, 0x3f00003f)
		}
		must(t, unix.KeyctlSetperm(serial, 0x3f000000))
		_, err := unix.KeyctlInt(unix.KEYCTL_CHOWN, serial, 54321, -1, 0)
		return err
	}
	for name, test := range map[string]struct {
		payload string
		change  func(int) error
		want    string
		denied  bool
	}{
		"just bytes":           {"12345678\x00\xff", asItIs, "\x00\xff", false},
		"the largest":          {strings.Repeat("x", 32767), asItIs, strings.Repeat("x", 32759), false},
		"too short":            {"1234567", asItIs, "", false},
		"of another user":      {"12345678value", chown, "", true},
		"writable by everyone": {"12345678value", open(0x3f00000f), "", true},
		"readable by a group":  {"12345678value", open(0x3f000200), "", true},
	} {
		t.Run(name, func(t *testing.T) {
			if len(test.payload) > 10000 && os.Getuid() != 0 {
				return // more than a user's quota
			}
			onRings(t, func(t *testing.T) {
				s := openKernel(t)
				plant(t, test.payload, test.change)
				value, err := s.Get(ctx, id)
				switch {
				case test.denied:
					wantUnavailable(t, err, "kernel", keystore.Denied)
				case test.want == "" && !errors.Is(err, keystore.ErrNotFound), test.want != "" && (err != nil || string(value) != test.want):
					t.Errorf("%d bytes, %v", len(value), err)
				}
				must(t, s.Set(ctx, id, []byte("ours"), soon))
				if value, err := s.Get(ctx, id); err != nil || string(value) != "ours" {
					t.Errorf("in its place: %q %v", value, err)
				}
				must(t, s.Delete(ctx, id))
				plant(t, test.payload, test.change)
				must(t, s.Delete(ctx, id))
				if serial := serialOf(t); serial != 0 {
					t.Errorf("Delete leaves key %d", serial)
				}
			})
		})
	}
}

// Delete can't unlink it, and must not leave it to be served.
func TestKeyInAKeyringWithinOurs(t *testing.T) {
	onRings(t, func(t *testing.T) {
		s := openKernel(t)
		keystore.InRing(t, func(ring int) {
			within, err := unix.AddKey("keyring", keystore.KeyName("within"), nil, ring)
			must(t, err)
			t.Cleanup(func() {
				keystore.InRing(t, func(ring int) { unix.KeyctlInt(unix.KEYCTL_UNLINK, within, ring, 0, 0) })
			})
			_, err = unix.AddKey("user", keystore.KeyName(id), []byte("12345678value"), within)
			must(t, err)
		})
		if value, err := s.Get(ctx, id); err != nil || string(value) != "value" {
			t.Errorf("%q %v", value, err)
		}
		must(t, s.Delete(ctx, id))
		if value, err := s.Get(ctx, id); !errors.Is(err, keystore.ErrNotFound) {
			t.Errorf("after Delete: %q %v", value, err)
		}
	})
}

func TestKernelTakesNoOtherIDs(t *testing.T) {
	useRings(t, keystore.PersistentRing)
	s := openKernel(t)
	for _, id := range []string{"", "x", strings.ToUpper(other), other + "0", other[:31] + ";"} {
		_, getErr := s.Get(ctx, id)
		for what, err := range map[string]error{"Get": getErr, "Set": s.Set(ctx, id, nil, soon), "Delete": s.Delete(ctx, id)} {
			if err == nil || errors.Is(err, keystore.ErrNotFound) {
				t.Errorf("%s of %q: %v", what, id, err)
			}
		}
	}
}

func TestClearOfTheKernelLeavesTheRest(t *testing.T) {
	onRings(t, func(t *testing.T) {
		s := openKernel(t)
		must(t, s.Set(ctx, id, []byte("value"), soon))
		theirs := strings.TrimSuffix(keystore.KeyName(""), ":") + "-not-ours"
		keystore.InRing(t, func(ring int) {
			_, err := unix.AddKey("user", keystore.KeyName("of an older version"), []byte("x"), ring)
			must(t, err)
			for kind, name := range map[string]string{"user": theirs, "logon": keystore.KeyName(id), "keyring": keystore.KeyName(id)} {
				payload := []byte("x")
				if kind == "keyring" {
					payload = nil
				} else if kind == "logon" {
					name = "x:" + name
				}
				serial, err := unix.AddKey(kind, name, payload, ring)
				must(t, err)
				defer unix.KeyctlInt(unix.KEYCTL_UNLINK, serial, ring, 0, 0)
			}
			before := keystore.Linked(t, ring)
			if n, err := s.Clear(ctx); n != 2 || err != nil {
				t.Errorf("removed %d, %v", n, err)
			}
			if after := keystore.Linked(t, ring); len(after) != len(before)-2 {
				t.Errorf("%v became %v", before, after)
			}
		})
	})
}

// Two calls make a Get: what is replaced between them must not look gone, or every reader would mint.
func TestReaderNeverMissesWhatIsReplaced(t *testing.T) {
	onRings(t, func(t *testing.T) {
		s := openKernel(t)
		values := []string{strings.Repeat("a", 4000), strings.Repeat("b", 100)}
		must(t, s.Set(ctx, id, []byte(values[0]), soon))
		stop, done := time.Now().Add(300*time.Millisecond), make(chan error)
		for range 2 {
			go func() {
				var failure error
				for i := 0; time.Now().Before(stop); i++ {
					failure = errors.Join(failure, s.Set(ctx, id, []byte(values[i%2]), soon))
					if os.Getuid() != 0 {
						time.Sleep(5 * time.Millisecond) // the name of a key stays in the quota for some ms
					}
				}
				done <- failure
			}()
		}
		for time.Now().Before(stop) {
			value, err := s.Get(ctx, id)
			if err != nil || string(value) != values[0] && string(value) != values[1] {
				t.Errorf("%d bytes, %v", len(value), err)
				break
			}
		}
		must(t, errors.Join(<-done, <-done))
	})
}

func TestKernelWithoutAClockIsAbsent(t *testing.T) {
	keystore.UseRings(t, keystore.PersistentRing)
	_, err := keystore.Open(keystore.Kernel, keystore.Options{})
	wantUnavailable(t, err, "kernel", keystore.Absent)
}

// EOPNOTSUPP is the answer of a kernel without CONFIG_PERSISTENT_KEYRINGS. After any other the values of one process would
// lie where another does not look.
func TestUserKeyringStandsInForOneThatTheKernelHasNot(t *testing.T) {
	fails := func(err error) ring { return func() (int, error) { return 0, err } }
	useRings(t, fails(unix.EOPNOTSUPP), keystore.UserRing)
	must(t, openKernel(t).Set(ctx, id, []byte("value"), soon))
	for errno, class := range map[error]keystore.Class{unix.EPERM: keystore.Absent, unix.EACCES: keystore.Denied, unix.EDQUOT: keystore.Denied} {
		keystore.UseRings(t, fails(errno), keystore.UserRing)
		_, err := keystore.Open(keystore.Kernel, withClock(keystore.Options{}))
		wantUnavailable(t, err, "kernel", class)
	}
	keystore.UseRings(t, fails(unix.EOPNOTSUPP), fails(unix.EOPNOTSUPP))
	_, err := keystore.Open(keystore.Kernel, withClock(keystore.Options{}))
	wantUnavailable(t, err, "kernel", keystore.Absent)
}

func TestAutoIsKernelBeforeFile(t *testing.T) {
	runUser, _ := memory(t)
	useRings(t, keystore.PersistentRing)
	o := withClock(withXDG(runUser))
	s, kernel, file := auto(t, o), openKernel(t), openFile(t, o)
	if places := keystore.Places(s); s.Name() != "kernel" || !slices.Equal(places, []string{"kernel", filepath.Join(runUser, "whichrole")}) {
		t.Errorf("%s %v", s.Name(), places)
	}
	if passed := keystore.PassedOver(s); len(passed) != 1 || passed[0].Store != "keyring" {
		t.Errorf("passed over %v", passed)
	}
	if !keystore.Reaches(s, "kernel") || !keystore.Reaches(s, "file") || keystore.Reaches(s, "keyring") {
		t.Error("it does not reach what it uses")
	}
	must(t, s.Set(ctx, id, []byte("value"), soon))
	if value, err := kernel.Get(ctx, id); err != nil || string(value) != "value" {
		t.Errorf("in the kernel: %q %v", value, err)
	}
	for name, remove := range removals {
		must(t, kernel.Set(ctx, id, []byte("value"), soon))
		must(t, file.Set(ctx, id, []byte("value"), soon))
		must(t, remove(s))
		if value, err := s.Get(ctx, id); !errors.Is(err, keystore.ErrNotFound) {
			t.Errorf("%s leaves %q, %v", name, value, err)
		}
	}
}

// The smaller value that the kernel has of it would be found first for as long as it lives.
func TestValueTooBigForTheKernelGoesToTheFile(t *testing.T) {
	runUser, _ := memory(t)
	useRings(t, keystore.PersistentRing)
	s := auto(t, withClock(withXDG(runUser)))
	must(t, s.Set(ctx, id, []byte("older and smaller"), soon))
	big := bytes.Repeat([]byte("x"), keystore.KernelRoom+1)
	must(t, s.Set(ctx, id, big, soon))
	if value, err := s.Get(ctx, id); err != nil || !bytes.Equal(value, big) {
		t.Errorf("%d bytes, %v", len(value), err)
	}
	if err := openKernel(t).Set(ctx, id, big, soon); !errors.Is(err, keystore.ErrTooBig) {
		t.Errorf("the kernel alone: %v", err)
	}
}

// The path before every AWS call.
func TestAnswerFromTheKeyringAsksNoStandIn(t *testing.T) {
	if !onKeyring(t) {
		return
	}
	var asked atomic.Int32
	keystore.UseRings(t, func() (int, error) { asked.Add(1); return keystore.PersistentRing() })
	s, err := keystore.Open(keystore.Auto, withClock(here()))
	must(t, err)
	must(t, s.Set(ctx, id, []byte("value"), soon))
	if _, err := s.Get(ctx, id); err != nil || s.Name() != "keyring" || asked.Load() != 0 {
		t.Errorf("%s, %v, and the kernel was asked %d times", s.Name(), err, asked.Load())
	}
	if _, err := s.Get(ctx, other); !errors.Is(err, keystore.ErrNotFound) || asked.Load() == 0 {
		t.Errorf("%v, and the kernel was asked %d times", err, asked.Load())
	}
}

// One user may have several state directories: what a test or a build keeps is not to be emptied with the rest, and a clear in
// such a one must leave the user's own.
func TestKeysOfAnotherStateDirectoryStay(t *testing.T) {
	onRings(t, func(t *testing.T) {
		keystore.UseKeyScope(t)
		in := func(state string) keystore.Store {
			s, err := keystore.Open(keystore.Kernel, keystore.Options{Now: time.Now, Dirs: paths.Dirs{State: state}})
			must(t, err)
			return s
		}
		mine, other := in("/home/me/.local/state/whichrole"), in("/tmp/build/whichrole")
		must(t, mine.Set(ctx, id, []byte("mine"), soon))
		must(t, other.Set(ctx, id, []byte("other"), soon))
		if n, err := other.Clear(ctx); n != 1 || err != nil {
			t.Errorf("removed %d, %v", n, err)
		}
		if value, err := mine.Get(ctx, id); string(value) != "mine" || err != nil {
			t.Errorf("%q %v", value, err)
		}
		must(t, mine.Delete(ctx, id))
	})
}

// Containers have no keyrings of their own: one's keys were read, and replaced, by another of the same user number.
func TestKeyringThatContainersShareStandsInForNothing(t *testing.T) {
	onRings(t, func(t *testing.T) {
		keystore.UseContainer(t)
		s, err := keystore.Open(keystore.Auto, keystore.Options{Now: time.Now, Env: paths.Env{"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"}})
		must(t, err)
		if err := s.Set(ctx, id, []byte("secret"), soon); err == nil || s.Name() != "none" {
			t.Errorf("%s took it: %v", s.Name(), err)
		}
		passed := keystore.PassedOver(s)
		if !slices.ContainsFunc(passed, func(u *keystore.Unavailable) bool {
			return u.Store == "kernel" && strings.Contains(u.Detail, "container")
		}) {
			t.Errorf("%v", passed)
		}
	})
}

func TestProcessWithNumbersOfItsOwnIsInAContainer(t *testing.T) {
	if os.Getenv(childMark) != "" {
		if !keystore.InContainer() {
			t.Error("a new PID namespace is not noticed")
		}
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), childMark+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID}
	if uid := os.Getuid(); uid != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: uid, HostID: uid, Size: 1}}
	}
	if out, err := cmd.CombinedOutput(); errors.Is(err, fs.ErrPermission) && os.Getenv("CI") == "" {
		t.Skip("namespaces are forbidden here")
	} else if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
