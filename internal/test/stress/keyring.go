//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"whichrole/internal/test/keyringtest"
)

// keyring is a gnome-keyring on a bus of its own that can be killed and started again, on the same data.
type keyring struct {
	env    []string
	bus    *exec.Cmd
	daemon *exec.Cmd
	starts int
}

// startKeyring needs an env that holds busAddress(dir).
func startKeyring(dir string, env []string) (*keyring, error) {
	k := &keyring{env: env}
	config, services := filepath.Join(dir, "bus.conf"), filepath.Join(dir, "services") // of which there are none
	if err := os.WriteFile(config, []byte(keyringtest.BusConfig(socket(dir), services)), 0o600); err != nil {
		return nil, err
	}
	k.bus = k.command("dbus-daemon", "--nofork", "--nopidfile", "--config-file="+config)
	if err := k.bus.Start(); err != nil {
		return nil, fmt.Errorf("%w: apt-get install dbus gnome-keyring", err)
	}
	err := wait("the private bus", func() bool { return keyringtest.Listens(socket(dir)) })
	if err == nil {
		err = k.start()
	}
	if err != nil {
		k.close()
	}
	return k, err
}

func socket(dir string) string     { return filepath.Join(dir, "bus") }
func busAddress(dir string) string { return "unix:path=" + socket(dir) }

// command dies with this process, however that ends.
func (k *keyring) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Env, cmd.SysProcAttr = k.env, &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}

// start comes back when the login collection is unlocked.
func (k *keyring) start() error {
	k.daemon = k.command("gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets")
	k.daemon.Stdin = strings.NewReader("the storm's password")
	if err := k.daemon.Start(); err != nil {
		return fmt.Errorf("%w: apt-get install dbus gnome-keyring", err)
	}
	k.starts++
	return wait("the unlocked login collection", func() bool {
		out, err := k.command("dbus-send", "--session", "--print-reply=literal", "--reply-timeout=1000",
			"--dest=org.freedesktop.secrets", "/org/freedesktop/secrets/collection/login",
			"org.freedesktop.DBus.Properties.Get", "string:org.freedesktop.Secret.Collection", "string:Locked").Output()
		return err == nil && strings.Contains(string(out), "boolean false")
	})
}

// end ends the daemon by that signal and waits until it is gone.
func (k *keyring) end(s os.Signal) {
	k.daemon.Process.Signal(s)
	k.daemon.Wait()
}

// hang stops the daemon for a while: it keeps its name on the bus, and answers nobody.
func (k *keyring) hang(d time.Duration) {
	k.daemon.Process.Signal(syscall.SIGSTOP)
	time.Sleep(d)
	k.daemon.Process.Signal(syscall.SIGCONT)
}

func (k *keyring) close() {
	for _, cmd := range []*exec.Cmd{k.daemon, k.bus} {
		if cmd != nil && cmd.Process != nil {
			cmd.Process.Kill()
			cmd.Wait()
		}
	}
}

func wait(what string, ready func() bool) error {
	for end := time.Now().Add(10 * time.Second); !ready(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			return errors.New(what + " did not come up within 10 s")
		}
	}
	return nil
}
