package child

import (
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/windows"
)

// A tree is the program with all that comes of it.
type tree struct {
	job   Job
	leave bool // what a program leaves behind that could ask a person
}

// plant makes cmd, which is not yet started, one that can be ended with all that comes of it. It starts suspended, for the job.
func plant(cmd *exec.Cmd, mayAsk bool) (*tree, error) {
	job, err := NewJob()
	if err != nil {
		return nil, err
	}
	t := &tree{job: job, leave: mayAsk}
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.CreationFlags |= windows.CREATE_SUSPENDED
	if !mayAsk { // a console of its own that nobody sees; and it dies with us
		cmd.SysProcAttr.CreationFlags |= windows.CREATE_NO_WINDOW
		err = job.KilledOnClose(true)
	}
	if err != nil {
		job.Close()
		return nil, err
	}
	return t, nil
}

// started puts the program into the job and lets it go.
func (t *tree) started(program *os.Process) error { return t.job.Run(program) }

func (t *tree) end(*os.Process) error { return t.job.Kill() }

// kill kills what is left after the program's end.
func (t *tree) kill(*os.Process) {
	if !t.leave {
		t.job.Kill()
	}
	t.job.Close()
}
