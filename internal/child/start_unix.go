//go:build !windows

package child

import (
	"context"
	"os/exec"
	"syscall"
)

// shell runs a line as sh -c does.
func shell(ctx context.Context, line string) (*exec.Cmd, error) {
	return exec.CommandContext(ctx, "/bin/sh", "-c", line), nil
}

// direct runs a program without a shell.
func direct(ctx context.Context, path string, args []string) (*exec.Cmd, error) {
	return exec.CommandContext(ctx, path, args...), nil
}

// interrupted tells whether it was Ctrl-C that ended a program.
func interrupted(exit *exec.ExitError) bool {
	status, ok := exit.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGINT
}
