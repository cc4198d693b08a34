package keystore

import (
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"

	"whichrole/internal/paths"
)

// sharedMemory is where Linux has a tmpfs for everybody. A variable for the tests, which must not use the user's own.
var sharedMemory = "/dev/shm"

// volatilePlace is the directory in memory that holds the files: Dirs.Runtime if it is below an XDG_RUNTIME_DIR of this
// user, else /dev/shm/whichrole-<uid>. XDG_RUNTIME_DIR is passed over where it does not exist (cron), is somebody else's
// (su keeps the variable) or open to everybody (/tmp). That it lies in memory is the user's word; of /dev/shm it is
// checked.
func volatilePlace(o Options) (parent, name string, u *Unavailable) {
	if o.Dirs.RuntimeIsVolatile {
		parent, name = filepath.Split(o.Dirs.Runtime)
		info, err := os.Stat(parent)
		if err == nil && info.IsDir() && !paths.OwnedByOther(info) && info.Mode().Perm()&0o002 == 0 {
			return filepath.Clean(parent), name, nil
		}
	}
	if !inMemory(sharedMemory) {
		return "", "", &Unavailable{Store: "file", Class: Absent, Detail: "no XDG_RUNTIME_DIR of yours, and " + sharedMemory + " is not in memory"}
	}
	return sharedMemory, "whichrole-" + strconv.Itoa(os.Getuid()), nil
}

func inMemory(dir string) bool {
	var st unix.Statfs_t
	err := unix.Statfs(dir, &st)
	return err == nil && (st.Type == unix.TMPFS_MAGIC || st.Type == unix.RAMFS_MAGIC)
}
