//go:build !windows

package paths

import (
	"io/fs"
	"os"
	"syscall"
)

const openNonblock = syscall.O_NONBLOCK | syscall.O_NOCTTY

// OwnedByOther tells whether a file belongs to somebody who is neither the current user nor root.
func OwnedByOther(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return !ok || st.Uid != 0 && int(st.Uid) != os.Getuid()
}

// OwnedByMe tells whether a file belongs to the current user. Unlike in OwnedByOther, root is somebody else.
func OwnedByMe(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Getuid()
}

// WritableByOthers tells whether the file's group or everybody may write it.
func WritableByOthers(info fs.FileInfo) bool { return info.Mode().Perm()&0o022 != 0 }

// OpenToOthers tells whether the file's group or everybody may do anything with it.
func OpenToOthers(info fs.FileInfo) bool { return info.Mode().Perm()&0o077 != 0 }

// SameDevice tells whether both lie on one file system.
func SameDevice(a, b fs.FileInfo) bool {
	x, ok1 := a.Sys().(*syscall.Stat_t)
	y, ok2 := b.Sys().(*syscall.Stat_t)
	return ok1 && ok2 && x.Dev == y.Dev
}
