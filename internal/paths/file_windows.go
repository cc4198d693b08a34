package paths

import "io/fs"

const openNonblock = 0

// OwnedByOther is always false: on Windows a file's owner and writers are its ACL, inherited from the user's own folders.
func OwnedByOther(fs.FileInfo) bool { return false }

// OwnedByMe is always true, for the same reason.
func OwnedByMe(fs.FileInfo) bool { return true }

// WritableByOthers is always false, for the same reason.
func WritableByOthers(fs.FileInfo) bool { return false }

// OpenToOthers is always false, for the same reason.
func OpenToOthers(fs.FileInfo) bool { return false }

// SameDevice is always true: a path walked upwards on Windows stays on its drive.
func SameDevice(_, _ fs.FileInfo) bool { return true }
