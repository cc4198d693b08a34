//go:build !windows && !darwin

package keystore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/user"
	"slices"
	"strings"

	"github.com/godbus/dbus/v5"

	"whichrole/internal/paths"
)

const (
	secretsName     = "org.freedesktop.secrets"
	loginPath       = "/org/freedesktop/secrets/collection/login"
	defaultPath     = "/org/freedesktop/secrets/aliases/default"
	lockedProperty  = "org.freedesktop.Secret.Collection"
	getProperty     = "org.freedesktop.DBus.Properties.Get"
	listActivatable = "org.freedesktop.DBus.ListActivatableNames"
)

// probe finds out, without a prompt and within a second, whether go-keyring may be called: is there a bus, has it a
// Secret Service or can it start one, is the collection unlocked? One D-Bus call where all is well. It uses godbus's
// shared connection, which go-keyring uses too.
func probe(ctx context.Context, o Options) error {
	if detail := noBus(o.Env); detail != "" {
		return &Unavailable{Store: "keyring", Class: Absent, Detail: detail}
	}
	locked, err := inTime(ctx, probeTimeout, func() (bool, error) {
		// It ends this goroutine; inTime comes back before, and says why.
		inner, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*probeTimeout)
		defer cancel()
		return collectionLocked(inner)
	})
	if err == nil && locked && !o.MayPrompt {
		return &Unavailable{Store: "keyring", Class: Locked, Detail: "the login collection is locked"}
	}
	return err
}

// noBus says why there is no session bus, or "" if there is one. It must find a bus only where godbus finds one too:
// where godbus finds none it starts dbus-launch, which leaks a daemon on each run and hung for a minute.
func noBus(env paths.Env) string {
	if address := env["DBUS_SESSION_BUS_ADDRESS"]; address != "" && address != "autolaunch:" {
		if foreignBus(address) {
			return "the session bus of DBUS_SESSION_BUS_ADDRESS belongs to somebody else"
		}
		return ""
	}
	u, err := user.Current() // as godbus does; it fails for a user that is in no database
	if err != nil {
		return "no session bus: DBUS_SESSION_BUS_ADDRESS is not set, and the user has no name"
	}
	socket := "/run/user/" + u.Uid + "/bus"
	if info, err := os.Stat(socket); err != nil || info.Mode().Type() != os.ModeSocket {
		return "no session bus: DBUS_SESSION_BUS_ADDRESS is not set, and there is no " + socket
	}
	return ""
}

// collectionLocked asks the collection that go-keyring would choose: login, else the default one.
func collectionLocked(ctx context.Context) (bool, error) {
	conn, err := dbus.SessionBus()
	if err != nil {
		return false, err
	}
	locked, err := readLocked(ctx, conn, loginPath, dbus.FlagNoAutoStart)
	if nameOf(err, "NameHasNoOwner", "ServiceUnknown") {
		if err := activatable(ctx, conn); err != nil {
			return false, err
		}
		locked, err = readLocked(ctx, conn, loginPath, 0)
	}
	if vanished(err) {
		locked, err = readLocked(ctx, conn, defaultPath, 0)
	}
	if vanished(err) {
		return false, &Unavailable{Store: "keyring", Class: Absent, Detail: "the Secret Service has neither a login nor a default collection"}
	}
	return locked, err
}

func readLocked(ctx context.Context, conn *dbus.Conn, path dbus.ObjectPath, flags dbus.Flags) (locked bool, err error) {
	err = conn.Object(secretsName, path).CallWithContext(ctx, getProperty, flags, lockedProperty, "Locked").Store(&locked)
	return locked, err
}

func activatable(ctx context.Context, conn *dbus.Conn) error {
	var names []string
	if err := conn.BusObject().CallWithContext(ctx, listActivatable, 0).Store(&names); err != nil {
		return err
	}
	if !slices.Contains(names, secretsName) {
		return &Unavailable{Store: "keyring", Class: Absent, Detail: "no Secret Service (gnome-keyring, KWallet, KeePassXC) on the session bus"}
	}
	return nil
}

// nameOf tells whether err is a D-Bus error whose name ends in one of the names.
func nameOf(err error, names ...string) bool {
	e, ok := errors.AsType[dbus.Error](err)
	return ok && slices.Contains(names, e.Name[strings.LastIndexByte(e.Name, '.')+1:])
}

// vanished is how an item or collection looks that is not there, or was deleted between two calls of a Get.
func vanished(err error) bool {
	return nameOf(err, "UnknownMethod", "UnknownObject", "UnknownInterface", "NoSuchObject")
}

// classify names a D-Bus error by its name alone: its text comes from whoever owns the bus name.
func classify(err error) (Class, string) {
	_, refused := errors.AsType[*net.OpError](err)
	switch {
	case nameOf(err, "IsLocked"), strings.HasPrefix(err.Error(), "failed to unlock"):
		return Locked, "it was not unlocked"
	case nameOf(err, "NoReply", "Timeout", "TimedOut"):
		return TimedOut, "the Secret Service did not answer the bus"
	case nameOf(err, "ServiceUnknown", "NameHasNoOwner", "Disconnected") || isSpawnError(err):
		return Absent, "the Secret Service is not running, or could not be started"
	case refused, errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, dbus.ErrClosed):
		return Absent, "the session bus can't be reached: " + err.Error()
	}
	if e, ok := errors.AsType[dbus.Error](err); ok {
		return Denied, fmt.Sprintf("the Secret Service answered %s", e.Name)
	}
	return Denied, err.Error()
}

// isSpawnError is a service that the bus tried to start in vain: org.freedesktop.DBus.Error.Spawn.…
func isSpawnError(err error) bool {
	e, ok := errors.AsType[dbus.Error](err)
	return ok && strings.Contains(e.Name, ".Spawn.")
}
