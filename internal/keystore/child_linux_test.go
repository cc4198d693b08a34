package keystore_test

import (
	"context"
	"os"
	"os/exec"
	"sync/atomic"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"whichrole/internal/keystore"
	"whichrole/internal/paths"
	"whichrole/internal/test/keyringtest"
)

const childMark = "WHICHROLE_KEYSTORE_TEST_CHILD"

// inChild runs the calling test once more, in a process of its own with that environment: the D-Bus library takes the
// bus from its process's environment, once. It is true in the child. A child that hangs is killed after 30 s.
func inChild(t *testing.T, env func() []string) bool {
	t.Helper()
	if os.Getenv(childMark) != "" {
		return true
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(env(), childMark+"=1", "GORACE=atexit_sleep_ms=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	return false
}

// onKeyring is inChild on a fresh gnome-keyring, or whatever opts start.
func onKeyring(t *testing.T, opts ...keyringtest.Option) bool {
	t.Helper()
	return inChild(t, func() []string { return keyringtest.Start(t, opts...).Env() })
}

// here is what the process was started with.
func here() keystore.Options {
	env := paths.EnvOf(os.Environ())
	return keystore.Options{Env: env, Dirs: paths.Find(env, "linux")}
}

func open(t *testing.T, choice keystore.Choice) keystore.Store {
	t.Helper()
	s, err := keystore.Open(choice, here())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func within(t *testing.T, d time.Duration, f func()) {
	t.Helper()
	start := time.Now()
	f()
	if took := time.Since(start); took > d {
		t.Errorf("it took %v, more than %v", took, d)
	}
}

func private(t *testing.T) *dbus.Conn {
	t.Helper()
	conn, err := dbus.Connect(os.Getenv("DBUS_SESSION_BUS_ADDRESS"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// lock locks or unlocks the login collection.
func lock(t *testing.T) {
	t.Helper()
	service := private(t).Object("org.freedesktop.secrets", "/org/freedesktop/secrets")
	login := []dbus.ObjectPath{"/org/freedesktop/secrets/collection/login"}
	if err := service.Call("org.freedesktop.Secret.Service.Lock", 0, login).Err; err != nil {
		t.Fatal(err)
	}
}

// calls returns the names of the D-Bus calls that anybody makes during f.
func calls(t *testing.T, f func()) []string {
	t.Helper()
	conn := private(t)
	if err := conn.BusObject().Call("org.freedesktop.DBus.Monitoring.BecomeMonitor", 0, []string{"type='method_call'"}, uint32(0)).Err; err != nil {
		t.Fatal(err)
	}
	messages := make(chan *dbus.Message, 1000)
	conn.Eavesdrop(messages)
	f()
	time.Sleep(100 * time.Millisecond) // the copies arrive after the calls
	var names []string
	for len(messages) > 0 {
		if name, ok := (<-messages).Headers[dbus.FieldMember].Value().(string); ok {
			names = append(names, name)
		}
	}
	return names
}

// fake is a Secret Service that passes the probe and then misbehaves as told.
type fake struct {
	onUnlock func() (prompt dbus.ObjectPath)
	onPrompt func()
	unlocks  atomic.Int32
}

const (
	fakeLogin  = dbus.ObjectPath("/org/freedesktop/secrets/collection/login")
	fakePrompt = dbus.ObjectPath("/org/freedesktop/secrets/prompt/p1")
)

func (f *fake) serve(t *testing.T) {
	t.Helper()
	conn := private(t)
	export := func(methods map[string]any, path dbus.ObjectPath, iface string) {
		if err := conn.ExportMethodTable(methods, path, iface); err != nil {
			t.Fatal(err)
		}
	}
	get := func(value any) map[string]any {
		return map[string]any{"Get": func(_, _ string) (dbus.Variant, *dbus.Error) { return dbus.MakeVariant(value), nil }}
	}
	export(get(false), fakeLogin, "org.freedesktop.DBus.Properties")
	export(get([]dbus.ObjectPath{fakeLogin}), "/org/freedesktop/secrets", "org.freedesktop.DBus.Properties")
	export(map[string]any{"Unlock": func([]dbus.ObjectPath) ([]dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
		f.unlocks.Add(1)
		return nil, f.onUnlock(), nil
	}}, "/org/freedesktop/secrets", "org.freedesktop.Secret.Service")
	export(map[string]any{"Prompt": func(string) *dbus.Error { f.onPrompt(); return nil }}, fakePrompt, "org.freedesktop.Secret.Prompt")
	if _, err := conn.RequestName("org.freedesktop.secrets", dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
}
