//go:build unix

package flight

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// Whatever lies in the way, the credentials are got.
func TestWithoutARunDirectoryOneAsksAlone(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, run string) error{
		"a file in its place":         func(_ *testing.T, run string) error { return os.WriteFile(run, nil, 0o600) },
		"a link in its place":         func(t *testing.T, run string) error { return os.Symlink(t.TempDir(), run) },
		"others may look in":          func(_ *testing.T, run string) error { return errors.Join(os.Mkdir(run, 0o700), os.Chmod(run, 0o755)) },
		"no room for the lock":        func(_ *testing.T, run string) error { return os.MkdirAll(filepath.Join(run, someID+".lock"), 0o700) },
		"somebody else's":             giveAway,
		"the state directory is none": func(_ *testing.T, run string) error { return os.Remove(filepath.Dir(run)) },
	} {
		w := newWorld(t)
		if err := spoil(t, w.run); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "none") {
			w.Dirs.State = os.DevNull + "/none"
		}
		value, led, err := w.do(t.Context(), someID, gives("x"))
		if string(value) != "x" || !led || err != nil || !strings.Contains(w.logged(), "no other process is waited for: ") {
			t.Errorf("%s: %q %v %v; said %q", name, value, led, err, w.logged())
		}
		if _, _, err := w.do(t.Context(), someID, fails(errRefused)); err != errRefused {
			t.Errorf("%s: %v", name, err)
		}
	}
	g := Group{Dirs: paths.Dirs{State: t.TempDir()}, Now: time.Now}
	if value, led, err := g.Do(t.Context(), someID, time.Time{}, whatever(gives("x"))); string(value) != "x" || !led || err != nil {
		t.Errorf("nobody listens to Log: %v", err)
	}
}

// giveAway makes the directory somebody else's, or at least one that others see, where only root can give away.
func giveAway(_ *testing.T, run string) error {
	if err := os.Mkdir(run, 0o700); err != nil {
		return err
	}
	if os.Geteuid() != 0 {
		return os.Chmod(run, 0o770)
	}
	return os.Chown(run, 65534, 65534)
}

// pretend holds the lock of the first lane, and says that to whoever comes, from the socket of that lane.
func (w *world) pretend(t *testing.T, say func(net.Conn)) {
	t.Helper()
	l := hold(t, filepath.Dir(w.run), someID+".lock")
	t.Cleanup(func() { l.Close() })
	listener, err := net.Listen("unix", w.socket())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() { defer conn.Close(); say(conn) }()
		}
	}()
}

func (w *world) socket() string { return filepath.Join(w.run, someID[:16]+".sock") }

func TestNothingThatASocketSaysHarms(t *testing.T) {
	hello := helloOf(someID).bytes()
	value := frame{isValue, []byte("evil")}.bytes()
	says := func(parts ...[]byte) func(net.Conn) {
		return func(c net.Conn) {
			c.Write(bytes.Join(parts, nil))
			c.Read(make([]byte, 1)) // until the other side goes
		}
	}
	closes := func(parts ...[]byte) func(net.Conn) {
		return func(c net.Conn) { c.Write(bytes.Join(parts, nil)) }
	}
	huge := binary.BigEndian.AppendUint32([]byte{isValue}, 1<<31)
	atOnce(t, map[string]func(net.Conn){
		"nothing":                      says(),
		"goodbye":                      closes(),
		"garbage":                      says(bytes.Repeat([]byte("garbage"), 1000)),
		"a value without a hello":      closes(value),
		"the hello of another id":      closes(helloOf(testID).bytes(), value),
		"the hello of another version": closes(frame{isHello, []byte("whichrole flight 2 " + someID)}.bytes(), value),
		"a hello of 2 GiB":             says(binary.BigEndian.AppendUint32([]byte{isHello}, 1<<31)),
		"a value of 2 GiB":             says(hello, huge),
		"half a header":                says(hello, value[:3]),
		"half a value":                 says(hello, value[:7]),
		"it was interrupted, in endless repetition": closes(hello),
		"half a value, then goodbye":                closes(hello, value[:7]),
		"a hello, then nothing":                     says(hello),
		"an unknown kind":                           closes(hello, frame{'?', []byte("evil")}.bytes()),
		"a failure that is none":                    closes(hello, frame{isFailure, []byte(`{"code":0,"message":"evil"}`)}.bytes()),
		"a failure that is garbage":                 closes(hello, frame{isFailure, []byte("evil")}.bytes()),
		"a failure of another one's usage":          closes(hello, frame{isFailure, []byte(`{"code":2,"message":"evil"}`)}.bytes()),
	}, func(t *testing.T, say func(net.Conn)) {
		w := newWorld(t)
		w.pretend(t, say)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		got, led, err := w.do(ctx, someID, gives("mine"))
		if deadline, _ := ctx.Deadline(); string(got) != "mine" || !led || err != nil || time.Until(deadline) < time.Second {
			t.Errorf("%q %v %v, with %v left\n%s", got, led, err, time.Until(deadline), w.logged())
		}
	})
}

func TestLeaderThatOnlySaysThatItLivesIsNotWaitedForForEver(t *testing.T) {
	atOnce(t, map[string]frame{"beats": {kind: isBeat}, "hellos": helloOf(someID)}, func(t *testing.T, last frame) {
		w := newWorld(t)
		w.pretend(t, func(c net.Conn) {
			c.Write(helloOf(someID).bytes())
			for {
				if _, err := c.Write(last.bytes()); err != nil {
					return
				}
			}
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, led, err := w.do(ctx, someID, gives("mine"))
		if problem.CodeOf(err) != problem.Unreachable || led || time.Since(start) > 10*time.Second || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v %v after %v", led, err, time.Since(start))
		}
	})
}

// unlike maps what may lie at the socket's place to what makes it.
func unlike(t *testing.T) map[string]func(path string) error {
	target := filepath.Join(t.TempDir(), "target")
	return map[string]func(path string) error{
		"a FIFO":      func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"a file":      func(path string) error { return os.WriteFile(path, []byte("x"), 0o600) },
		"a link":      func(path string) error { return os.Symlink(target, path) },
		"a directory": func(path string) error { return os.MkdirAll(path+"/x", 0o700) },
		"a dead leader's socket": func(path string) error {
			l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
			if err == nil {
				l.SetUnlinkOnClose(false)
				err = l.Close()
			}
			return err
		},
	}
}

func TestOneWhoWaitsIsNotHeldUpByWhatLiesAtTheSocketsPlace(t *testing.T) {
	atOnce(t, unlike(t), func(t *testing.T, put func(path string) error) {
		w := newWorld(t)
		hold(t, filepath.Dir(w.run), someID+".lock")
		if err := put(w.socket()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		if got, led, err := w.do(ctx, someID, gives("mine")); string(got) != "mine" || !led || err != nil {
			t.Errorf("%q %v %v", got, led, err)
		}
	})
}

// Only a directory with something in it stays: then those that wait do so for the lock.
func TestLeaderClearsTheSocketsPlace(t *testing.T) {
	for name, put := range unlike(t) {
		w := newWorld(t)
		if err := errors.Join(os.MkdirAll(w.run, 0o700), put(w.socket())); err != nil {
			t.Fatal(err)
		}
		_, led, err := w.do(t.Context(), someID, func(context.Context) ([]byte, error) {
			conn, err := net.Dial("unix", w.socket())
			if err == nil {
				conn.Close()
			}
			return nil, err
		})
		stays := name == "a directory"
		if !led || (err != nil) != stays {
			t.Errorf("%s: led %v, reached: %v", name, led, err)
		}
		if _, err := os.Lstat(w.socket()); (err == nil) != stays {
			t.Errorf("%s: afterwards: %v", name, err)
		}
	}
}

// A link in our directory must not make the credentials of one id those of another.
func TestLinkToTheSocketOfAnotherIDIsRefused(t *testing.T) {
	w := newWorld(t)
	value, led, err := w.do(t.Context(), testID, func(context.Context) ([]byte, error) {
		hold(t, filepath.Dir(w.run), someID+".lock")
		if err := os.Symlink(filepath.Join(w.run, testID[:16]+".sock"), w.socket()); err != nil {
			return nil, err
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		mine, led, err := w.do(ctx, someID, gives("mine"))
		if string(mine) != "mine" || !led || err != nil {
			t.Errorf("%q %v %v", mine, led, err)
		}
		return []byte("theirs"), nil
	})
	if string(value) != "theirs" || !led || err != nil {
		t.Errorf("%q %v %v", value, led, err)
	}
}

// Those that connect may be stopped, talk themselves, or be too many.
func TestLeaderIsNotHeldUpByThoseThatWait(t *testing.T) {
	w := newWorld(t)
	var all []net.Conn
	start := time.Now()
	_, _, err := w.do(t.Context(), someID, func(context.Context) ([]byte, error) {
		for range maxServed + 20 {
			conn, err := net.Dial("unix", w.socket())
			if err != nil {
				return nil, err
			}
			all = append(all, conn)
			conn.Write([]byte("garbage"))
		}
		return make([]byte, maxFrame), nil
	})
	if took := time.Since(start); err != nil || took > 10*time.Second {
		t.Errorf("%v: %v", took, err)
	}
	served := 0
	for _, conn := range all {
		if said, _ := io.ReadAll(conn); len(said) > 0 {
			served++
		}
		conn.Close()
	}
	if served != maxServed {
		t.Errorf("%d were served", served)
	}
}

// macOS has room for 8 KiB in a socket: whoever was stopped there does not take the rest.
func TestLeaderIsNotHeldUpByOneWhoDoesNotRead(t *testing.T) {
	w := newWorld(t)
	dir, path, err := w.Dirs.OpenRun()
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	s := (&flight{Group: w.Group, id: someID, dir: dir, path: path}).lane(0).listen()
	conn, err := net.Dial("unix", w.socket())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	finished := make(chan int)
	go func() { finished <- s.finish(make([]byte, 16<<20)) }()
	select {
	case n := <-finished:
		if n != 0 {
			t.Errorf("%d took it", n)
		}
	case <-time.After(20 * time.Second):
		t.Error("it still waits")
	}
}

func TestSilenceDoesNotOutlastOnesOwnTime(t *testing.T) {
	w := newWorld(t)
	w.pretend(t, func(c net.Conn) {
		c.Write(helloOf(someID).bytes())
		c.Read(make([]byte, 1))
	})
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, _, err := w.do(ctx, someID, gives("mine"))
	if took := time.Since(start); problem.CodeOf(err) != problem.Unreachable || took > beatEvery*(maxMissed-1) {
		t.Errorf("%v after %v", err, took)
	}
}

func TestFramesAreBounded(t *testing.T) {
	for n, fits := range map[int]bool{0: true, maxFrame: true, maxFrame + 1: false} {
		f, err := readFrame(bytes.NewReader(frame{isValue, make([]byte, n)}.bytes()))
		if (err == nil) != fits || fits && (f.kind != isValue || len(f.content) != n) {
			t.Errorf("%d bytes are read as %d, %v", n, len(f.content), err)
		}
		if said := (outcome{value: make([]byte, n)}).frame(); (said != nil) != (fits && n > 0) {
			t.Errorf("%d bytes are said in %d", n, len(said))
		}
	}
}

func TestSocketOfAnotherUserIsRefused(t *testing.T) {
	w := newWorld(t)
	_, _, err := w.do(t.Context(), someID, func(context.Context) ([]byte, error) {
		conn, err := net.Dial("unix", w.socket())
		if err != nil {
			return nil, err
		}
		defer conn.Close()
		if pid, ours := sameUser(conn, os.Geteuid()); !ours || pid != os.Getpid() {
			t.Errorf("process %d, ours: %v", pid, ours)
		}
		if _, ours := sameUser(conn, os.Geteuid()+1); ours {
			t.Error("another user's was taken for ours")
		}
		return nil, nil
	})
	if err != nil {
		t.Error(err)
	}
	one, other := net.Pipe()
	defer one.Close()
	defer other.Close()
	if _, ours := sameUser(one, os.Geteuid()); ours {
		t.Error("what is no socket was taken for ours")
	}
}
