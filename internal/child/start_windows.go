package child

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/windows"
)

// shell runs a line as cmd.exe /C does.
//
// The line goes there as it is: Go's own quoting puts a \ before each ", which cmd does not understand. With /s it is exactly
// the outer quotation marks that cmd takes away. cmd itself is the system's: the working directory, which is searched before
// PATH, is a repository's.
func shell(ctx context.Context, line string) (*exec.Cmd, error) {
	if strings.ContainsAny(line, "\r\n") {
		return nil, errors.New("a line break in the command line") // cmd would run what stands before it
	}
	system, err := windows.GetSystemDirectory()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(system, "cmd.exe"))
	cmd.Env = []string{"NoDefaultCurrentDirectoryInExePath=1"} // nor does cmd take a program from there that should be on PATH
	cmd.SysProcAttr = &syscall.SysProcAttr{CmdLine: `cmd.exe /d /s /c "` + line + `"`}
	return cmd, nil
}

// direct runs a program without a shell. A batch file is not one: cmd would read its arguments as a line, and they may be
// others' words.
func direct(ctx context.Context, path string, args []string) (*exec.Cmd, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".bat", ".cmd":
		return nil, errors.New("a batch file is no program")
	}
	return exec.CommandContext(ctx, path, args...), nil
}

// interrupted tells whether it was Ctrl-C that ended a program.
func interrupted(exit *exec.ExitError) bool {
	return uint32(exit.ExitCode()) == uint32(windows.STATUS_CONTROL_C_EXIT)
}
