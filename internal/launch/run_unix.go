//go:build !windows

package launch

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// Run replaces this process by the command: it returns only where that fails. The errors are *problem.Error of code NotFound,
// NotExecutable, or Failure.
func Run(c Command) (int, error) {
	if len(c.Args) == 0 || c.Args[0] == "" {
		return 0, problem.New(problem.Usage, "no command to run").WithHint("whichrole exec -- COMMAND")
	}
	if c.Dir != "" {
		if err := os.Chdir(c.Dir); err != nil {
			return 0, problem.New(problem.Failure, "the command cannot run in %s: %v", c.Dir, paths.Cause(err)).Because(err)
		}
	}
	path, err := c.find()
	if err != nil {
		return 0, err
	}
	environ := c.environ()
	err = syscall.Exec(path, c.Args, environ)
	if errors.Is(err, syscall.ENOEXEC) { // a script without #!, as execvp(3) has it
		err = syscall.Exec("/bin/sh", append([]string{"sh", path}, c.Args[1:]...), environ)
	}
	return 0, c.failed(path, err)
}

// find is the program's path: as PATH has it, without the directories that are not absolute. A checkout's own terraform would
// be run with credentials.
func (c Command) find() (string, error) {
	name := c.Args[0]
	if strings.ContainsRune(name, '/') {
		return name, nil
	}
	dirs, set := c.Env["PATH"]
	if !set {
		dirs = "/usr/bin:/bin"
	}
	var denied error
	relative := false
	for _, dir := range filepath.SplitList(dirs) {
		path := filepath.Join(dir, name)
		err := runnable(path)
		switch {
		case !filepath.IsAbs(dir):
			relative = relative || err == nil
		case err == nil:
			return path, nil
		case errors.Is(err, fs.ErrPermission) && denied == nil:
			denied = c.problem(NotExecutable, "%s is not executable", path).Because(err)
		}
	}
	switch {
	case denied != nil:
		return "", denied
	case relative:
		return "", c.problem(NotFound, "it is in the working directory alone, where programs are not looked for").
			WithHint("whichrole exec -- ./%s", problem.Quote(name))
	}
	return "", c.problem(NotFound, "command not found")
}

// runnable is what access(2) would say of a file, near enough: execve has the last word. In a directory that we may not look into
// there is none.
func runnable(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil || info.IsDir():
		return fs.ErrNotExist
	case info.Mode().Perm()&0o111 == 0:
		return fs.ErrPermission
	}
	return nil
}

// failed is why execve did not run what is at path.
func (c Command) failed(path string, err error) error {
	info, missing := os.Stat(path)
	switch {
	case errors.Is(err, syscall.ENOENT) && missing != nil:
		return c.problem(NotFound, "no such file").Because(err)
	case errors.Is(err, syscall.ENOENT):
		return c.problem(NotExecutable, "the interpreter that its first line names, or its loader, is missing").Because(err)
	case missing == nil && info.IsDir():
		return c.problem(NotExecutable, "it is a directory").Because(err)
	case errors.Is(err, syscall.E2BIG):
		return c.problem(NotExecutable, "its arguments and the environment are too long").Because(err)
	}
	return c.problem(NotExecutable, "%v", err).Because(err)
}
