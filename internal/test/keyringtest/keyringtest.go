//go:build !windows && !darwin

package keyringtest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Keyring is a running gnome-keyring on a bus of its own.
type Keyring struct {
	Address string // D-Bus address of the private bus
	Dir     string // holds home, runtime and data directories, all of them 0700

	bus, daemon *process
}

// Option changes what Start starts.
type Option func(*options)

type options struct{ noDaemon, activatable bool }

// BusOnly starts the bus without a keyring, and without a way to start one.
func BusOnly(o *options) { o.noDaemon = true }

// Hanging starts the bus with an activatable Secret Service that never comes up.
func Hanging(o *options) { o.noDaemon, o.activatable = true, true }

const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=%s</listen>
  <auth>EXTERNAL</auth>
  <servicedir>%s</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`

// BusConfig configures a session bus that listens at a socket, and starts on demand only what that directory names.
func BusConfig(socket, services string) string { return fmt.Sprintf(busConfig, socket, services) }

// Listens tells whether the bus is up: its socket is there before anybody listens.
func Listens(socket string) bool {
	conn, err := net.Dial("unix", socket)
	if err == nil {
		conn.Close()
	}
	return err == nil
}

const hangingService = "[D-BUS Service]\nName=org.freedesktop.secrets\nExec=/bin/sleep 30\n"

// Start runs dbus-daemon and gnome-keyring-daemon on directories of their own; both die with the test, also when it is
// killed. Where they are not installed the test is skipped, but fails when CI is set.
func Start(t testing.TB, opts ...Option) *Keyring {
	t.Helper()
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	need(t, "dbus-daemon")
	if !o.noDaemon {
		need(t, "gnome-keyring-daemon")
		need(t, "dbus-send")
	}
	k := &Keyring{Dir: makeDirs(t)}
	k.startBus(t, o.activatable)
	if !o.noDaemon {
		k.StartDaemon(t)
	}
	return k
}

// Env is the process environment (as in os.Environ) for programs that are to see this keyring and no other. Variables
// of the calling process are kept, apart from those that name a home, an XDG directory or a bus.
func (k *Keyring) Env() []string {
	env := []string{
		"HOME=" + filepath.Join(k.Dir, "home"),
		"XDG_RUNTIME_DIR=" + filepath.Join(k.Dir, "runtime"),
		"XDG_DATA_HOME=" + filepath.Join(k.Dir, "data"),
		"XDG_CONFIG_HOME=" + filepath.Join(k.Dir, "config"),
		"XDG_STATE_HOME=" + filepath.Join(k.Dir, "state"),
		"XDG_CACHE_HOME=" + filepath.Join(k.Dir, "cache"),
		"DBUS_SESSION_BUS_ADDRESS=" + k.Address,
	}
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		if name != "HOME" && name != "DISPLAY" && name != "WAYLAND_DISPLAY" && name != "GNOME_KEYRING_CONTROL" &&
			!strings.HasPrefix(name, "XDG_") && !strings.HasPrefix(name, "DBUS_") {
			env = append(env, kv)
		}
	}
	return env
}

// KillBus ends the bus at once, as when a session dies under a running program.
func (k *Keyring) KillBus() { k.bus.stop() }

// KillDaemon ends the keyring at once, as when it crashes; the bus stays.
func (k *Keyring) KillDaemon() { k.daemon.stop() }

// FreezeDaemon stops the keyring without ending it: it answers nothing until ThawDaemon.
func (k *Keyring) FreezeDaemon() { k.daemon.cmd.Process.Signal(syscall.SIGSTOP) }

// ThawDaemon ends what FreezeDaemon began.
func (k *Keyring) ThawDaemon() { k.daemon.cmd.Process.Signal(syscall.SIGCONT) }

// StartBus starts a bus once more after KillBus, at the same address.
func (k *Keyring) StartBus(t testing.TB) { k.startBus(t, false) }

func need(t testing.TB, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err == nil {
		return
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is not installed; CI must have gnome-keyring and dbus", program)
	}
	t.Skipf("%s is not installed: apt-get install gnome-keyring dbus", program)
}

// makeDirs makes a directory with a short name: the path of a socket may have 107 bytes, and t.TempDir's can be longer.
func makeDirs(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "wr-keyring-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	for _, name := range []string{"home", "runtime", "data", "config", "state", "cache", "services"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func (k *Keyring) startBus(t testing.TB, activatable bool) {
	t.Helper()
	socket, services := filepath.Join(k.Dir, "bus"), filepath.Join(k.Dir, "services")
	k.Address = "unix:path=" + socket
	write(t, filepath.Join(k.Dir, "bus.conf"), BusConfig(socket, services))
	if activatable {
		write(t, filepath.Join(services, "org.freedesktop.secrets.service"), hangingService)
	}
	cmd := exec.Command("dbus-daemon", "--nofork", "--nopidfile", "--config-file="+filepath.Join(k.Dir, "bus.conf"))
	cmd.Env = k.Env()
	k.bus = start(t, cmd)
	waitFor(t, "the private bus", func() bool { return Listens(socket) })
}

// StartDaemon starts the keyring, also once more after KillDaemon: what it kept is there again. It creates the login
// collection where there is none, and unlocks it: --unlock reads the password from stdin up to its end.
func (k *Keyring) StartDaemon(t testing.TB) {
	t.Helper()
	cmd := exec.Command("gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets")
	cmd.Env, cmd.Stdin = k.Env(), strings.NewReader("a test's password")
	p := start(t, cmd)
	k.daemon = p
	waitFor(t, "the unlocked login collection", func() bool {
		select {
		case <-p.done:
			t.Fatalf("gnome-keyring-daemon ended: %v", cmd.ProcessState)
		default:
		}
		return k.unlocked()
	})
}

// unlocked asks the daemon as a stranger would. It takes its bus name before it reads the password, so the name is not
// enough; a bus that can't start services answers at once while there is none.
func (k *Keyring) unlocked() bool {
	out, err := exec.Command("dbus-send", "--bus="+k.Address, "--print-reply=literal", "--reply-timeout=1000",
		"--dest=org.freedesktop.secrets", "/org/freedesktop/secrets/collection/login",
		"org.freedesktop.DBus.Properties.Get", "string:org.freedesktop.Secret.Collection", "string:Locked").Output()
	return err == nil && strings.Contains(string(out), "boolean false")
}

// process is a child that ends with the test.
type process struct {
	cmd  *exec.Cmd
	done chan struct{}
}

// start runs cmd from a thread that lives as long as it does: the death signal is tied to the thread that forked.
func start(t testing.TB, cmd *exec.Cmd) *process {
	t.Helper()
	cmd.SysProcAttr = dieWithParent()
	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			cmd.Wait()
		}
		close(p.done)
	}()
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.stop)
	return p
}

func (p *process) stop() {
	p.cmd.Process.Kill()
	<-p.done
}

func waitFor(t testing.TB, what string, ready func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !ready(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s did not come up within 10 s", what)
		}
	}
}

func write(t testing.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
