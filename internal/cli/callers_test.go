package cli

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// callers are programs of a story that stand above whichrole: they do nothing but start what comes next.
var callers = []string{"terraform", "terraform_1.11.0", "tofu", "terragrunt", "terraform-provider-aws_v5.100.0_x5", "terraform-ls", "python3.12", "mise"}

// callOn starts the first of the programs that stand in THEN, with | between them, and leaves it the others. The last word sdk
// is what an AWS SDK for Go does with a credential_process, line the same with that of the profile that exec adds; any other with a space in it is a command line.
func callOn() {
	next, rest, _ := strings.Cut(os.Getenv("THEN"), "|")
	os.Setenv("THEN", rest)
	line := strings.Fields(next)
	shell := []string{"sh", "-c"}
	if runtime.GOOS == "windows" {
		shell = []string{"cmd.exe", "/C"}
	}
	switch next {
	case "sdk":
		line = append(shell, "whichrole credential-process")
	case "line":
		config, _ := os.ReadFile(os.Getenv("AWS_CONFIG_FILE"))
		_, after, _ := strings.Cut(string(config), "credential_process = ")
		own, _, _ := strings.Cut(after, "\n")
		line = append(shell, own)
	}
	cmd := exec.Command(line[0], line[1:]...) // all of them are on PATH
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		os.Exit(exit.ExitCode())
	}
	if err != nil {
		os.Stderr.WriteString(err.Error())
		os.Exit(99)
	}
}
