package federation

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

func TestKernelTellsWhoseAConnectionIs(t *testing.T) {
	h, _ := newHandover(t, ourUser())
	to := netip.MustParseAddrPort(h.host)
	for name, address := range map[string]string{"tcp4": h.host, "tcp6": fmt.Sprintf("[::ffff:127.0.0.1]:%d", to.Port())} {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		from := conn.LocalAddr().(*net.TCPAddr).AddrPort()
		if uid, known := ownerOf(from, to); !known || uid != os.Geteuid() {
			t.Errorf("%s: %d %v", name, uid, known)
		}
	}
	// A stranger asked and reset the connection at once: not in the table, he passed for the person, and the address was used up.
	if uid, known := ownerOf(netip.MustParseAddrPort("127.0.0.1:1"), to); !known || uid != nobody {
		t.Errorf("a connection that is none: %d %v", uid, known)
	}
}

func TestOwnerInTheKernelsTable(t *testing.T) {
	const table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n" +
		"   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0\n" +
		"   1: 0100007F:D431 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1000        0 2 1 0 20 4 30 10 -1\n" +
		"   2: 0100007F:1F90 0100007F:D431 01 00000000:00000000 00:00000000 00000000  2000        0 3 1 0 20 4 30 10 -1\n" +
		"   3: short\n"
	for _, c := range []struct {
		from, to string
		uid      int
		known    bool
	}{
		{"0100007F:D431", "0100007F:1F90", 1000, true}, // and not the other end, which is ours
		{"0100007F:1F90", "0100007F:D431", 2000, true},
		{"0100007F:D432", "0100007F:1F90", 0, false},
	} {
		if uid, known := ownerIn(strings.NewReader(table), c.from, c.to); uid != c.uid || known != c.known {
			t.Errorf("%s: %d %v", c.from, uid, known)
		}
	}
	if _, known := ownerIn(strings.NewReader(strings.Replace(table, "  1000 ", "  x ", 1)), "0100007F:D431", "0100007F:1F90"); known {
		t.Error("what is no user")
	}
}

// asNobody sends a request as another user, where that can be, and gives the answer.
func asNobody(t *testing.T, h *Handover) string {
	t.Helper()
	answer := make(chan string)
	go func() {
		defer close(answer)
		runtime.LockOSThread() // for good: the thread ends with this goroutine
		if os.Geteuid() == 0 {
			const keep = ^uintptr(0)
			if _, _, errno := syscall.RawSyscall(syscall.SYS_SETRESUID, keep, 65534, keep); errno != 0 {
				t.Errorf("cannot be another user: %v", errno)
				return
			}
		}
		conn, err := net.Dial("tcp4", h.host)
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", h.path, h.host)
		text, err := io.ReadAll(conn)
		if err != nil {
			t.Error(err)
		}
		answer <- string(text)
	}()
	return <-answer
}

// The address stands on the browser's command line, where every user of the machine reads it.
func TestAnotherUserOfTheMachineGetsNothing(t *testing.T) {
	user := ourUser()
	if user != 0 { // nobody can be another user then, but the person can
		user++
	}
	h, said := newHandover(t, user)
	answer := asNobody(t, h)
	if !strings.HasPrefix(answer, "HTTP/1.1 403 ") || strings.Contains(answer, "hush") || given(h) || !strings.Contains(said(), "another user") {
		t.Errorf("%s; %s", answer, said())
	}
}
