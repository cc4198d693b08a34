package terraform

import (
	"path/filepath"
	"runtime"
	"strings"

	"whichrole/internal/paths"
)

// Chdir is the directory that a command line that is about to run goes to first, as it is written: by -chdir of Terraform and
// OpenTofu, by --working-dir or its variables of Terragrunt. "" where it stays.
func Chdir(args []string, env paths.Env) string {
	if len(args) == 0 {
		return ""
	}
	switch toolOf(runtime.GOOS, filepath.Base(args[0])) {
	case "":
		return ""
	case terragrunt:
		return workingDir(args[1:], env)
	}
	for _, arg := range args[1:] {
		if isWord(arg) || arg == "--" {
			break
		}
		if dir, found := strings.CutPrefix(arg, "-chdir="); found { // two of them, or two dashes, are an error there
			return dir
		}
	}
	return ""
}

// workingDir reads Terragrunt's flag, which may stand anywhere, and has other names until 0.73.
func workingDir(args []string, env paths.Env) string {
	for i, arg := range args {
		if isWord(arg) {
			continue
		}
		name, value, hasValue := cutFlag(arg)
		if strings.TrimPrefix(name, "terragrunt-") != "working-dir" {
			continue
		}
		if !hasValue && i+1 < len(args) {
			value = args[i+1]
		}
		return value
	}
	for _, variable := range []string{"TG_WORKING_DIR", "TERRAGRUNT_WORKING_DIR"} {
		if env[variable] != "" {
			return env[variable]
		}
	}
	return ""
}
