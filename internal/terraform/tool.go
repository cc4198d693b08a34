package terraform

import (
	"runtime"
	"strings"

	"whichrole/internal/process"
)

const terragrunt = "terragrunt"

// IsTool tells whether a process is terraform, tofu or terragrunt.
func IsTool(p process.Process) bool { return toolOf(runtime.GOOS, p.Name) != "" }

// toolOf is terraform, tofu or terragrunt where a program's file called name is one of them on the system goos, "" where it
// is not. It may end in a version, as tfswitch and many a CI image name it (terraform_1.9.0-rc1, tofu1.8), and in the platform,
// as the releases of Terragrunt do (terragrunt_linux_amd64). Whatever else follows makes another program of it:
// terraform-ls, terraform-docs, terraform-provider-aws, terraform.bak. Nix renames what it wraps (.terraform-wrapped).
func toolOf(goos, name string) string {
	name = program(goos, name)
	if inner, hidden := strings.CutPrefix(name, "."); hidden {
		if inner, wrapped := strings.CutSuffix(inner, "-wrapped"); wrapped {
			name = inner
		}
	}
	for _, tool := range [...]string{"terraform", "tofu", terragrunt} {
		if rest, ok := strings.CutPrefix(name, tool); ok {
			if rest = withoutPlatform(rest); rest == "" || isVersion(rest) {
				return tool
			}
		}
	}
	return ""
}

// program is the name of a program whose file is called name: without .exe, and on Windows, which does not tell A from a, in
// small letters.
func program(goos, name string) string {
	if goos == "windows" {
		name = strings.ToLower(name)
	}
	return strings.TrimSuffix(name, ".exe")
}

// isVersion tells [-_]?v?N(.N)*(-(alpha|beta|rc)N?)?. It is no regular expression, because compiling one costs more than all
// names of a process tree.
func isVersion(s string) bool {
	if s[0] == '-' || s[0] == '_' {
		s = s[1:]
	}
	numbers, stage, isPrerelease := strings.Cut(strings.TrimPrefix(s, "v"), "-")
	for number := range strings.SplitSeq(numbers, ".") {
		if number == "" || !isDigits(number) {
			return false
		}
	}
	return !isPrerelease || isStage(stage)
}

func isStage(s string) bool {
	for _, stage := range [...]string{"alpha", "beta", "rc"} {
		if rest, ok := strings.CutPrefix(s, stage); ok {
			return isDigits(rest)
		}
	}
	return false
}

func isDigits(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

// withoutPlatform cuts _linux_amd64 and the like off the end.
func withoutPlatform(s string) string {
	for _, arch := range [...]string{"amd64", "arm64", "arm", "386"} {
		rest, ok := strings.CutSuffix(s, "_"+arch)
		if !ok {
			continue
		}
		for _, system := range [...]string{"linux", "darwin", "windows", "freebsd"} {
			if rest, ok := strings.CutSuffix(rest, "_"+system); ok {
				return rest
			}
		}
	}
	return s
}
