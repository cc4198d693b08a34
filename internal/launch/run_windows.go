package launch

import (
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/windows"

	"whichrole/internal/child"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// Run runs the command and waits for it: code is its exit code. It ends with us, but what it leaves in the background when it
// ends by itself stays. The errors are *problem.Error of code NotFound, NotExecutable, or Failure.
func Run(c Command) (code int, err error) {
	if len(c.Args) == 0 || c.Args[0] == "" {
		return 0, problem.New(problem.Usage, "no command to run").WithHint("whichrole exec -- COMMAND")
	}
	path, err := c.find()
	if err != nil {
		return 0, err
	}
	path, line, err := c.line(path)
	if err != nil {
		return 0, err
	}
	job, err := child.NewJob()
	if err == nil {
		err = job.KilledOnClose(true)
	}
	if err != nil {
		return 0, c.problem(problem.Failure, "%v", err).Because(err)
	}
	defer func() { // what the command left behind, such as an editor that it opened, stays
		job.KilledOnClose(false)
		job.Close()
	}()
	// Ctrl-C, Ctrl-Break and the end of the console are the command's: it is told of them, too.
	heard := make(chan os.Signal, 1)
	signal.Notify(heard, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(heard)
	process, err := c.start(path, line, job)
	if err != nil {
		return 0, c.problem(NotExecutable, "%v", paths.Cause(err)).Because(err)
	}
	state, err := process.Wait()
	if err != nil {
		return 0, c.problem(problem.Failure, "%v", err).Because(err)
	}
	return state.ExitCode(), nil
}

func (c Command) start(path, line string, job child.Job) (*os.Process, error) {
	files := []*os.File{os.NewFile(uintptr(syscall.Stdin), "stdin"), os.NewFile(uintptr(syscall.Stdout), "stdout"), os.NewFile(uintptr(syscall.Stderr), "stderr")}
	process, err := os.StartProcess(path, c.Args, &os.ProcAttr{
		Dir: c.Dir, Env: c.environ(), Files: files, Sys: &syscall.SysProcAttr{CmdLine: line, CreationFlags: windows.CREATE_SUSPENDED},
	})
	if err != nil {
		return nil, err
	}
	if err = job.Run(process); err != nil {
		process.Kill()
		process.Wait()
		return nil, err
	}
	return process, nil
}
