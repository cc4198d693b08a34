package launch

import (
	"errors"
	"io/fs"
	"os"
	"time"

	"whichrole/internal/paths"
)

// unborn is how old a directory must be that no process has signed: it may be in the making.
const unborn = time.Minute

// Sweep removes what earlier sessions left behind: those that nobody holds, and whose process has ended. It waits for nothing
// and never fails: what it can't remove stays for the next one.
func Sweep(dirs paths.Dirs, now time.Time) (removed int) {
	for _, path := range runs(dirs) {
		if dir, err := paths.OpenPrivate(path, false); err == nil {
			removed += sweep(dir, now)
			dir.Close()
		}
	}
	return removed
}

func sweep(run *os.Root, now time.Time) (removed int) {
	for _, id := range sessions(run) {
		if dead(run, id, now) && run.RemoveAll(id) == nil {
			removed++
		}
	}
	return removed
}

// most is how many sessions one sweep looks at.
const most = 1000

func sessions(run *os.Root) (ids []string) {
	f, err := run.Open(".")
	if err != nil {
		return nil
	}
	defer f.Close()
	names, err := f.Readdirnames(-1)
	if err != nil {
		return nil
	}
	for _, name := range names {
		if isID(name) && len(ids) < most {
			ids = append(ids, name)
		}
	}
	return ids
}

// dead tells whether a session is over. A process that lives keeps it, even where whoever held it was killed.
func dead(run *os.Root, id string, now time.Time) bool {
	info, err := run.Lstat(id)
	if err != nil || !info.IsDir() { // below a file Windows finds nothing, where others say what is wrong
		return false
	}
	old := now.Sub(info.ModTime()) > unborn
	f, err := run.OpenFile(id+"/"+lockName, os.O_RDWR|paths.OpenFlags, 0)
	if err != nil {
		return old && errors.Is(err, fs.ErrNotExist)
	}
	defer f.Close()
	if !tryLock(f) {
		return false
	}
	text, _, err := paths.ReadOpened(f, 64)
	if err != nil {
		return false
	}
	p, signed := parseProcess(string(text))
	if !signed {
		return old
	}
	return !p.runs()
}

// hold makes and takes the lock of a session for this process, which the command replaces.
func hold(dir *os.Root) (*os.File, error) {
	f, err := dir.OpenFile(lockName, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	// A sweep that is here just now finds the file unsigned, and leaves it at once.
	for range 100 {
		if tryLock(f) {
			_, err = f.WriteString(self().String())
			return f, err
		}
		time.Sleep(10 * time.Millisecond)
	}
	f.Close()
	return nil, errors.New("its lock is held by another process")
}
