package keystore

import (
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// Where Linux has a tmpfs for everybody, and where it has one for each user who has logged in. Variables for the tests,
// which must not use the user's own.
var (
	sharedMemory = "/dev/shm"
	userMemory   = "/run/user"
)

// volatilePlace is the directory in memory in which files are written: Dirs.Runtime where it is Volatile, else
// /dev/shm/whichrole-<uid>, of which it is checked that it lies in memory.
func volatilePlace(o Options) (place, *Unavailable) {
	if o.Dirs.Volatile() {
		return placeOf(o.Dirs.Runtime), nil
	}
	if !inMemory(sharedMemory) {
		return place{}, &Unavailable{Store: "file", Class: Absent, Detail: "no XDG_RUNTIME_DIR of yours, and " + sharedMemory + " is not in memory"}
	}
	return inSharedMemory(), nil
}

// usualPlaces are those in which another process of this user may have written, whatever this one's environment says.
func usualPlaces(o Options) []place {
	list := []place{inSharedMemory(), {filepath.Join(userMemory, strconv.Itoa(os.Getuid())), service}}
	if o.Dirs.RuntimeIsVolatile {
		list = append(list, placeOf(o.Dirs.Runtime))
	}
	return list
}

func inSharedMemory() place { return place{sharedMemory, service + "-" + strconv.Itoa(os.Getuid())} }

func inMemory(dir string) bool {
	var st unix.Statfs_t
	err := unix.Statfs(dir, &st)
	return err == nil && (st.Type == unix.TMPFS_MAGIC || st.Type == unix.RAMFS_MAGIC)
}
