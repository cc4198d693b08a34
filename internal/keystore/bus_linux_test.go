package keystore_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"whichrole/internal/keystore"
	"whichrole/internal/paths"
)

// A variable that has outlived its bus names a place that anybody may have taken since: his keyring would get our secrets.
func TestBusOfSomebodyElseIsNotSpokenTo(t *testing.T) {
	if os.Getuid() != 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("CI must run this as root")
		}
		t.Skip("only root can be two users")
	}
	dir, err := os.MkdirTemp("", "wr-bus-")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	must(t, os.Chmod(dir, 0o777))
	path, abstract := filepath.Join(dir, "bus,1"), fmt.Sprintf("whichrole-test-%d", os.Getpid())
	socket, err := net.Listen("unix", path)
	must(t, err)
	defer socket.Close()
	must(t, os.Chown(path, 54321, 54321))
	listenAs(t, 54321, "@"+abstract)
	for name, address := range map[string]string{
		"path": "unix:path=" + strings.ReplaceAll(path, ",", "%2c"), "abstract": "unix:abstract=" + abstract,
		"second": "unix:path=/nonexistent;unix:guid=00,abstract=" + abstract,
	} {
		_, err := keystore.Open(keystore.Keyring, keystore.Options{Env: paths.Env{"DBUS_SESSION_BUS_ADDRESS": address}})
		if err == nil || !strings.Contains(err.Error(), "belongs to somebody else") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// listenAs has a child of that user listen at a socket until the test ends.
func listenAs(t *testing.T, uid uint32, address string) {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", "-test.run=^TestListenForAnother$")
	cmd.Env = []string{"WHICHROLE_TEST_LISTEN=" + address}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}, Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
}

func TestListenForAnother(t *testing.T) {
	address := os.Getenv("WHICHROLE_TEST_LISTEN")
	if address == "" {
		return
	}
	l, err := net.Listen("unix", address)
	must(t, err)
	fmt.Println("listening")
	for {
		if _, err := l.Accept(); err != nil {
			return
		}
	}
}
