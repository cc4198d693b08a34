package process

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"whichrole/internal/paths"
)

// self asks /proc who we are there: a container may have the /proc of another, where os.Getppid would name a stranger.
func self() (seen, error) {
	dir, err := open("/proc/self")
	if err != nil {
		return seen{}, err
	}
	defer unix.Close(dir)
	return status(dir)
}

// look reads all of a process through its opened directory: when it ends, that does not become the next one's with its number.
func look(pid int) (seen, error) {
	name := "/proc/" + strconv.Itoa(pid)
	dir, err := open(name)
	if err != nil {
		return seen{}, known(err)
	}
	defer unix.Close(dir)
	p, err := status(dir)
	if err != nil {
		return seen{}, known(err)
	}
	p.PID = pid
	if p.Name, err = executable(dir); errors.Is(err, fs.ErrNotExist) {
		return p, errNoProgram
	}
	if err == nil {
		p.Args, err = commandLine(dir)
	}
	return p, known(err)
}

func open(dir string) (int, error) {
	return unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
}

// read reads a file in an opened directory up to mostArgs bytes. os.Root can do that too, in twice the time.
func read(dir int, name string) ([]byte, error) {
	fd, err := unix.Openat(dir, name, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), name)
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, mostArgs))
}

// known turns an error of /proc into ours. hidepid=2 hides the processes of others as if they were gone.
func known(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ESRCH):
		return errGone
	case errors.Is(err, fs.ErrPermission):
		return errForeign
	}
	return paths.Cause(err)
}

// executable is the base name of the file that runs. The kernel writes " (deleted)" after the path of one that is no longer
// there, as after an upgrade. A file that is really called so loses that too: to find out would be a look at its path, which
// may lie on a file system that does not answer.
func executable(dir int) (string, error) {
	var text [unix.PathMax]byte
	n, err := unix.Readlinkat(dir, "exe", text[:])
	if err == nil && n == len(text) { // it may be cut, and its end is what is wanted
		err = unix.ENAMETOOLONG
	}
	if err != nil {
		return "", err
	}
	return path.Base(strings.TrimSuffix(string(text[:n]), " (deleted)")), nil
}

func commandLine(dir int) ([]string, error) {
	text, err := read(dir, "cmdline")
	return split(text, len(text) == mostArgs), err
}

func status(dir int) (seen, error) {
	text, err := read(dir, "stat")
	if err != nil {
		return seen{}, err
	}
	return parse(text)
}

var errStat = errors.New("its stat is not as proc_pid_stat(5) has it")

// parse reads proc_pid_stat(5). The title in parentheses is the process's own choice, and may hold parentheses too.
func parse(stat []byte) (seen, error) {
	const parent, started = 4 - 3, 22 - 3 // the page counts from 1, and the first behind the title is its third
	open, end := bytes.IndexByte(stat, '('), bytes.LastIndexByte(stat, ')')
	if open < 0 || end < open {
		return seen{}, errStat
	}
	fields := strings.Fields(string(stat[end+1:]))
	if len(fields) <= started {
		return seen{}, errStat
	}
	p := seen{title: string(stat[open+1 : end])}
	var err, err2 error
	p.parent, err = strconv.Atoi(fields[parent])
	p.Started, err2 = strconv.ParseUint(fields[started], 10, 64) // clock ticks from the system's start
	if err != nil || err2 != nil {
		return seen{}, errStat
	}
	return p, nil
}
