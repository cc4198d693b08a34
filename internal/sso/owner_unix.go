//go:build !windows

package sso

import (
	"io/fs"
	"os"
	"syscall"
)

// keepOwner gives the new file to the owner of the old one, where that is somebody else: root in a container writes into
// the cache of the user who mounted it, and the user's own AWS CLI must be able to go on.
func keepOwner(f *os.File, old fs.FileInfo) {
	st, ok := old.Sys().(*syscall.Stat_t)
	if ok && old.Mode().IsRegular() && int(st.Uid) != os.Getuid() {
		_ = f.Chown(int(st.Uid), int(st.Gid)) // whoever may not is not root
	}
}
