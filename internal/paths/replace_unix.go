//go:build !windows

package paths

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// keepOwner gives a new file the owner and group of the one that it replaces.
func keepOwner(f *os.File, old fs.FileInfo) error {
	mine, err := f.Stat()
	if err != nil {
		return err
	}
	a, ok1 := mine.Sys().(*syscall.Stat_t)
	b, ok2 := old.Sys().(*syscall.Stat_t)
	if !ok1 || !ok2 {
		return errors.New("the owner cannot be told")
	}
	if a.Uid == b.Uid && a.Gid == b.Gid {
		return nil
	}
	return f.Chown(int(b.Uid), int(b.Gid))
}

// lockDir locks a directory itself, which is the same one to all who write in it, whatever their environment. It waits 3 s at most, and
// goes on without where that is in vain: who else may read the directory could hold it for ever, and not every file system has locks.
func lockDir(dir string) (unlock func()) {
	f, err := os.Open(dir)
	if err != nil {
		return func() {}
	}
	const step = 10 * time.Millisecond
	for range 300 {
		if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			break
		}
		time.Sleep(step)
	}
	return func() { f.Close() }
}

func linked(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && st.Nlink > 1
}
