package paths

import (
	"io/fs"
	"os"
)

// keepOwner has nothing to do: on Windows a new file's owner is who writes it, and its ACL its directory's.
func keepOwner(*os.File, fs.FileInfo) error { return nil }

// lockDir does nothing: a directory cannot be locked here, and the lock of who calls lies in the one folder that a user has for that.
func lockDir(string) (unlock func()) { return func() {} }

// linked is always false: the system tells it of opened files alone, and nobody links configuration so here.
func linked(fs.FileInfo) bool { return false }
