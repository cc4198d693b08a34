package flight

import (
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// asNobody runs f in a thread that is another user's; only root can do that. The thread ends with f.
func asNobody(t *testing.T, f func()) {
	t.Helper()
	done := make(chan syscall.Errno)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		const keep = ^uintptr(0)
		_, _, errno := syscall.RawSyscall(syscall.SYS_SETRESUID, keep, 65534, keep)
		if errno == 0 {
			f()
		}
		done <- errno
	}()
	if errno := <-done; errno != 0 {
		t.Fatal(errno)
	}
}

// The directory keeps others out; this is for the day on which it does not. Only root can be two users.
func TestAnotherUserGetsNothingFromTheLeader(t *testing.T) {
	if os.Geteuid() != 0 {
		return // TestSocketOfAnotherUserIsRefused compares the numbers for everybody
	}
	w := newWorld(t)
	w.do(t.Context(), someID, func(context.Context) ([]byte, error) {
		for _, path := range []string{filepath.Dir(w.run), w.run} {
			if err := os.Chmod(path, 0o711); err != nil {
				t.Error(err)
			}
		}
		if err := os.Chmod(w.socket(), 0o777); err != nil {
			t.Error(err)
		}
		asNobody(t, func() {
			conn, err := net.Dial("unix", w.socket())
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			conn.SetDeadline(time.Now().Add(5 * time.Second))
			if said, err := io.ReadAll(conn); len(said) > 0 {
				t.Errorf("it said %q, %v", said, err)
			}
		})
		return []byte("secret"), nil
	})
}

func TestAnotherUserIsNoLeader(t *testing.T) {
	if os.Geteuid() != 0 {
		return
	}
	w := newWorld(t)
	hold(t, filepath.Dir(w.run), someID+".lock")
	for _, path := range []string{filepath.Dir(w.run), w.run} {
		if err := os.Chmod(path, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	asNobody(t, func() {
		l, err := net.Listen("unix", w.socket())
		if err != nil {
			t.Error(err)
			return
		}
		t.Cleanup(func() { l.Close() })
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				conn.Write(append(helloOf(someID).bytes(), frame{isValue, []byte("evil")}.bytes()...))
				conn.Close()
			}
		}()
	})
	if err := os.Chmod(w.run, 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if value, led, err := w.do(ctx, someID, gives("mine")); string(value) != "mine" || !led || err != nil {
		t.Errorf("%q %v %v", value, led, err)
	}
}
