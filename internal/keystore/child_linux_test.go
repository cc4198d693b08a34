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

// withKeyring is onKeyring where the child itself starts the keyring, and so can end it. It is nil in the parent. The options
// have a clock, and with it the marker of a keyring that is dead.
func withKeyring(t *testing.T, opts ...keyringtest.Option) (*keyringtest.Keyring, keystore.Options) {
	t.Helper()
	child := inChild(t, func() []string { // what the child leaves when it is killed lies in a directory of the parent's
		return []string{"PATH=" + os.Getenv("PATH"), "CI=" + os.Getenv("CI"), "TMPDIR=" + shortDir(t)}
	})
	if !child {
		return nil, keystore.Options{}
	}
	k := keyringtest.Start(t, opts...)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", k.Address) // godbus reads it when it is first used
	env := paths.EnvOf(k.Env())
	return k, keystore.Options{Env: env, Dirs: paths.Find(env, "linux"), Now: time.Now}
}

// prompter is the desktop that gnome-keyring asks to ask the user; this one never does. It tells how often it was asked.
func prompter(t *testing.T, onPrompt func()) *atomic.Int32 {
	t.Helper()
	conn, asked := private(t), &atomic.Int32{}
	begin := func(dbus.ObjectPath) *dbus.Error { asked.Add(1); onPrompt(); return nil }
	must(t, conn.ExportMethodTable(map[string]any{"BeginPrompting": begin}, "/org/gnome/keyring/Prompter", "org.gnome.keyring.internal.Prompter"))
	_, err := conn.RequestName("org.gnome.keyring.SystemPrompter", dbus.NameFlagDoNotQueue)
	must(t, err)
	return asked
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
	onRead   func() *dbus.Error // with it everything goes well until the secret of the only item is read
	unlocks  atomic.Int32
}

const (
	fakeService = dbus.ObjectPath("/org/freedesktop/secrets")
	fakeLogin   = dbus.ObjectPath("/org/freedesktop/secrets/collection/login")
	fakeItem    = dbus.ObjectPath("/org/freedesktop/secrets/collection/login/1")
	fakePrompt  = dbus.ObjectPath("/org/freedesktop/secrets/prompt/p1")
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
	export(get([]dbus.ObjectPath{fakeLogin}), fakeService, "org.freedesktop.DBus.Properties")
	export(map[string]any{
		"Unlock": func(what []dbus.ObjectPath) ([]dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
			f.unlocks.Add(1)
			if f.onRead != nil {
				return what, "/", nil
			}
			return nil, f.onUnlock(), nil
		},
		"OpenSession": func(string, dbus.Variant) (dbus.Variant, dbus.ObjectPath, *dbus.Error) {
			return dbus.MakeVariant(""), "/org/freedesktop/secrets/session/s1", nil
		},
	}, fakeService, "org.freedesktop.Secret.Service")
	export(map[string]any{"SearchItems": func(map[string]string) ([]dbus.ObjectPath, *dbus.Error) {
		return []dbus.ObjectPath{fakeItem}, nil
	}}, fakeLogin, "org.freedesktop.Secret.Collection")
	export(map[string]any{"GetSecret": func(dbus.ObjectPath) (int, *dbus.Error) { return 0, f.onRead() }}, fakeItem, "org.freedesktop.Secret.Item")
	export(map[string]any{"Prompt": func(string) *dbus.Error { f.onPrompt(); return nil }}, fakePrompt, "org.freedesktop.Secret.Prompt")
	if _, err := conn.RequestName("org.freedesktop.secrets", dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
}
