package keystore

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"whichrole/internal/paths"
)

// A keyring that did not answer leaves a marker in the run directory, an empty file whose time says when: the next
// processes do without that keyring at once, instead of each waiting for it.
const (
	markerPrefix = "keyring-dead-"
	markerLasts  = time.Minute
)

// markerName tells one session's keyring from another's.
func markerName(o Options) string {
	sum := sha256.Sum256([]byte(o.Env["DBUS_SESSION_BUS_ADDRESS"]))
	return markerPrefix + hex.EncodeToString(sum[:4])
}

// markerPaths are where paths.Dirs.OpenRun may have put it.
func markerPaths(o Options) (list []string) {
	if o.Dirs.Volatile() {
		list = append(list, filepath.Join(o.Dirs.Runtime, markerName(o)))
	}
	if o.Dirs.State != "" {
		list = append(list, filepath.Join(o.Dirs.State, "run", markerName(o)))
	}
	return list
}

// markedDead is why the keyring need not be asked now, or nil. It only looks.
func markedDead(o Options) *Unavailable {
	if o.Now == nil {
		return nil
	}
	for _, path := range markerPaths(o) {
		info, err := os.Lstat(path)
		if err != nil || !info.Mode().IsRegular() || !paths.OwnedByMe(info) {
			continue
		}
		if age := o.Now().Sub(info.ModTime()); age >= 0 && age < markerLasts {
			age = age.Truncate(time.Second)
			return &Unavailable{Store: "keyring", Class: TimedOut,
				Detail: fmt.Sprintf("gave no answer %v ago; asked again in %v, or after: whichrole cache clear --expired", age, markerLasts-age)}
		}
	}
	return nil
}

// markDead writes the marker, and removes those that say nothing any more. Where it can't, each process waits by itself.
func markDead(o Options) {
	if o.Now == nil {
		return
	}
	dir, _, err := o.Dirs.OpenRun()
	if err != nil {
		return
	}
	defer dir.Close()
	name, now := markerName(o), o.Now()
	removeAll(dir, func(other string) bool {
		return other == name || strings.HasPrefix(other, markerPrefix) && olderThan(dir, other, now.Add(-markerLasts))
	})
	f, err := dir.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return // another process has just written it
	}
	f.Close()
	dir.Chtimes(name, now, now) // the clock that it is compared with, which need not be that of the file system
}

// Revive has the next Open ask the OS keyring even though it did not answer lately.
func Revive(o Options) {
	for _, path := range markerPaths(o) {
		os.Remove(path) // where it can't, the marker ends by itself
	}
}
