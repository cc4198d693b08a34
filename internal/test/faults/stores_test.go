//go:build linux

package faults

import (
	"bytes"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"whichrole/internal/test/keyringtest"
)

// keyringWaits is what a keyring that does not answer may cost: the 3 s of an operation, the probe among them.
const keyringWaits = 3500 * time.Millisecond

// storeFaults are what may be wrong with the places where credentials and what is said about them are kept.
var storeFaults = map[string]struct {
	fault func(*testing.T, *world)
	lost  bool // the next one finds nothing: there is no place at all
	waits time.Duration
}{
	"the cache is switched off":                  {fault: func(_ *testing.T, w *world) { w.env["WHICHROLE_CACHE"] = "none" }, lost: true},
	"there is no keyring":                        {fault: inJail(noKeys, "auto")},
	"there is a bus without a keyring":           {fault: onBus(keyringtest.BusOnly)},
	"the bus never answers":                      {fault: silentBus, waits: keyringWaits},
	"the keyring hangs when it is started":       {fault: onBus(keyringtest.Hanging), waits: keyringWaits},
	"the keyring is locked":                      {fault: locked},
	"the kernel keyring is forbidden and wanted": {fault: inJail(noKeys, "kernel"), lost: true},
	"the kernel has no keyring and it is wanted": {fault: inJail(lostKeys, "kernel"), lost: true},
	"there is nothing to keep them in":           {fault: nothing, lost: true},
	"the runtime directory is missing":           {fault: runtimeIs(os.Remove), lost: true},
	"the runtime directory is open to readers":   {fault: runtimeIs(func(dir string) error { return os.Chmod(dir, 0o755) })},
	"the runtime directory is open to writers":   {fault: runtimeIs(func(dir string) error { return os.Chmod(dir, 0o777) }), lost: true},
	"the runtime directory is a file":            {fault: runtimeIs(replaceByFile), lost: true},
	"the runtime directory is somebody else's":   {fault: somebodyElses, lost: true},
	"ours in it is open to readers":              {fault: oursIs(0o755), lost: true},
	"ours in it is open to writers":              {fault: oursIs(0o777), lost: true},
	"ours in it is a file":                       {fault: oursIs(0), lost: true},
	"nothing can be listed":                      {fault: noListing},
	"the disk is full":                           {fault: inJail(noWriting, "file"), lost: true},
}

// Whatever becomes of the stores, the credentials are printed and STS is asked once. The end of each world looks for secrets
// where others could read them, or on a disk.
func TestTwentyWhile(t *testing.T) {
	t.Parallel()
	for name, f := range storeFaults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			f.fault(t, w)
			w.slow(time.Second) // so that all of them meet
			ids := w.begin(many, "qa").served(f.waits + time.Second + slack)
			if len(ids) > 2 {
				t.Errorf("%d sessions were handed out", len(ids))
			}
			most := 1
			if f.lost {
				most = 2 // one more for whoever came too late
			}
			w.calls(1, most)
			w.faults()
			before := w.sts.Count("")
			next := w.ask("qa").begin().served(f.waits + slack)
			if again := w.sts.Count("") > before; again != f.lost {
				t.Errorf("STS was asked by the next one: %v, want %v", again, f.lost)
			}
			if !f.lost && len(ids) == 1 && next != ids[0] {
				t.Errorf("the next one got %s, the others %s", next, ids[0])
			}
		})
	}
}

func inJail(how, choice string) func(*testing.T, *world) {
	return func(_ *testing.T, w *world) { w.jail, w.env["WHICHROLE_CACHE"] = how, choice }
}

func nothing(_ *testing.T, w *world) {
	w.env["WHICHROLE_CACHE"], w.jail = "auto", noMemory
	delete(w.env, "XDG_RUNTIME_DIR")
}

func onBus(o keyringtest.Option) func(*testing.T, *world) {
	return func(t *testing.T, w *world) {
		w.auto()
		w.env["DBUS_SESSION_BUS_ADDRESS"] = keyringtest.Start(t, o).Address
	}
}

// silentBus is one that takes every connection and never says a word.
func silentBus(t *testing.T, w *world) {
	w.auto()
	path := filepath.Join(w.dir, "silent")
	l, err := net.Listen("unix", path)
	w.must(err)
	t.Cleanup(func() { l.Close() })
	go func() {
		for conn, err := l.Accept(); err == nil; conn, err = l.Accept() {
			defer conn.Close()
		}
	}()
	w.env["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=" + path
}

func locked(t *testing.T, w *world) {
	w.auto()
	k := keyringtest.Start(t)
	w.env["DBUS_SESSION_BUS_ADDRESS"] = k.Address
	conn, err := dbus.Connect(k.Address)
	w.must(err)
	defer conn.Close()
	collections := []dbus.ObjectPath{"/org/freedesktop/secrets/collection/login"}
	w.must(conn.Object("org.freedesktop.secrets", "/org/freedesktop/secrets").Call("org.freedesktop.Secret.Service.Lock", 0, collections).Err)
}

// runtimeIs leaves nothing but files to keep credentials in, with something about the runtime directory.
func runtimeIs(change func(dir string) error) func(*testing.T, *world) {
	return func(_ *testing.T, w *world) {
		w.env["WHICHROLE_CACHE"], w.jail = "auto", noMemory
		w.must(os.RemoveAll(filepath.Join(w.runtime, "whichrole")))
		w.must(change(w.runtime))
	}
}

func replaceByFile(dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	return os.WriteFile(dir, nil, 0o600)
}

func somebodyElses(_ *testing.T, w *world) {
	w.env["WHICHROLE_CACHE"], w.jail = "auto", noMemory
	if os.Getuid() != 0 {
		w.env["XDG_RUNTIME_DIR"] = "/usr" // root's
		return
	}
	w.must(os.Chown(w.runtime, 65534, 65534))
}

// oursIs is our own directory within the runtime directory, with that mode; a file for 0.
func oursIs(mode os.FileMode) func(*testing.T, *world) {
	return func(_ *testing.T, w *world) {
		w.env["WHICHROLE_CACHE"], w.jail = "auto", noMemory
		ours := filepath.Join(w.runtime, "whichrole")
		if mode == 0 {
			w.must(replaceByFile(ours))
			return
		}
		w.must(os.MkdirAll(ours, 0o700))
		w.must(os.Chmod(ours, mode))
	}
}

func noListing(_ *testing.T, w *world) {
	w.must(replaceByFile(filepath.Join(w.state, "cache")))
}

// noSecretLies looks through all files of this world. Secrets may lie in a file of ours in a runtime directory that is the
// user's alone; that it is no disk is the user's word.
func (w *world) noSecretLies() {
	w.t.Helper()
	secrets := w.secrets()
	err := filepath.WalkDir(w.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || strings.HasSuffix(path, ".aws/credentials") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, secret := range secrets {
			if bytes.Contains(text, []byte(secret)) && !w.isOurs(path) {
				w.t.Errorf("a secret lies in %s", path)
			}
		}
		return err
	})
	w.must(err)
}

func (w *world) isOurs(path string) bool {
	ours := filepath.Dir(path)
	return ours == filepath.Join(w.runtime, "whichrole") && alone(path) && alone(ours) && !mayWrite(w.runtime)
}

func alone(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode().Perm()&0o077 == 0 && int(info.Sys().(*syscall.Stat_t).Uid) == os.Getuid()
}

// mayWrite tells whether anybody else may put something into the directory.
func mayWrite(dir string) bool {
	info, err := os.Lstat(dir)
	return err != nil || info.Mode().Perm()&0o022 != 0 || int(info.Sys().(*syscall.Stat_t).Uid) != os.Getuid()
}
