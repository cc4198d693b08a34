package mapfile

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// wrong says in words why path can't be read. base is what it must not leave ("" for no such bound), info what was opened.
func wrong(path, base string, info fs.FileInfo, err error) error {
	_, fromSystem := errors.AsType[syscall.Errno](err)
	what := ""
	switch {
	case errors.Is(err, paths.ErrTooLarge) && info != nil:
		what = "is too large: at most 1 MiB for a map, 20 KiB for a policy"
	case errors.Is(err, paths.ErrNotRegular) && info != nil:
		what = "is " + kindOf(info.Mode()) + ", not a file"
	case errors.Is(err, syscall.ENXIO): // open(2)
		what = "is a socket, not a file"
	case errors.Is(err, fs.ErrNotExist):
		what = "does not exist"
		if _, err := os.Lstat(path); err == nil {
			what = "is a symlink that leads nowhere"
		}
	case base != "" && !fromSystem: // os.Root's error has no name
		what = "is or goes through a symlink that leads out of " + base
	default:
		what = "cannot be read: " + paths.Cause(err).Error()
	}
	return problem.New(problem.BadMap, "%s %s", path, what).Because(err)
}

func kindOf(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a directory"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	}
	return "a device"
}
