package terraform

import (
	"path"
	"runtime"
	"slices"
	"strings"

	"whichrole/internal/process"
)

// asker finds the nearest process that is neither a version manager's shim for whichrole nor the shell in which an SDK runs a
// credential_process: who asks, at callers[at]. sdk is whether such a shell, where there is one, is the Go SDK's own. bash
// becomes the last command of its line, and then there is none; what a local-exec runs cannot be told from the SDK's there.
func asker(goos string, callers []process.Process) (at int, sdk bool) {
	for at < len(callers) && isShim(goos, callers[at]) {
		at++
	}
	if at == len(callers) || !runsLine(goos, callers[at]) {
		return at, true
	}
	return at + 1, runsLineOfGo(goos, callers[at])
}

// IsAsker tells a process that may be the one that asks: neither a shim nor the SDK's own shell. Who wants to know no more need not
// look at what is above it.
func IsAsker(p process.Process) bool {
	return !isShim(runtime.GOOS, p) && !runsLine(runtime.GOOS, p)
}

// runsLine tells a shell that runs one line and nothing else: sh -c LINE, cmd.exe /C LINE.
func runsLine(goos string, p process.Process) bool {
	if goos == "windows" {
		return program(goos, p.Name) == "cmd" && len(p.Args) > 2 && strings.EqualFold(p.Args[1], "/c")
	}
	return isShell(goos, p.Name) && len(p.Args) == 3 && p.Args[1] == "-c"
}

// runsLineOfGo tells, of the shells that run a line, the one that both Go SDKs start: they call it by no path. Terraform's
// local-exec says /bin/sh and cmd, and what it runs gets no state role.
func runsLineOfGo(goos string, p process.Process) bool {
	if goos == "windows" {
		return p.Args[0] == "cmd.exe"
	}
	return p.Args[0] == "sh"
}

// isShell tells the programs that sh may be in truth, and cmd.
func isShell(goos, name string) bool {
	switch program(goos, name) {
	case "sh", "dash", "bash", "busybox", "ash", "zsh", "ksh", "ksh93", "mksh", "oksh", "yash", "toybox", "cmd":
		return true
	}
	return false
}

// isShim tells what a version manager leaves between a caller and whichrole. asdf and mise become the program on Unix; on
// Windows, and by aqua's default everywhere, they start it and wait. Scoop and mise on Windows put a small program there that
// has whichrole's name and hands on its arguments.
func isShim(goos string, p process.Process) bool {
	name := program(goos, p.Name)
	switch name {
	case "asdf", "mise", "mise-shim", "rtx", "aqua", "aqua-proxy":
		return slices.ContainsFunc(p.Args, func(arg string) bool { return isWhichrole(goos, arg) })
	case "whichrole":
		return slices.Contains(p.Args, "credential-process")
	}
	return isShell(goos, name) && runsShim(goos, p.Args)
}

// runsShim tells the command line of a shell that runs the script …/shims/whichrole.
func runsShim(goos string, args []string) bool {
	return len(args) > 1 && isWhichrole(goos, args[1]) && path.Base(path.Dir(slashed(goos, args[1]))) == "shims"
}

func isWhichrole(goos, file string) bool {
	return program(goos, path.Base(slashed(goos, file))) == "whichrole"
}

func slashed(goos, file string) string {
	if goos == "windows" {
		return strings.ReplaceAll(file, `\`, "/")
	}
	return file
}

// isPlugin tells a provider's own process (terraform-provider-aws_v5.100.0_x5).
func isPlugin(goos, name string) bool {
	return strings.HasPrefix(program(goos, name), "terraform-provider-")
}
