package setup

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"unicode"

	"whichrole/internal/awsconfig"
	"whichrole/internal/child"
	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// program is how the profile calls us: by the path that PATH leads to, which the next upgrade leaves in place, and only where no SDK
// could misread that by the bare name.
func (p *Plan) program(env paths.Env) (string, error) {
	found := child.Find(env, "whichrole")
	self, err := os.Executable()
	if found == "" {
		if err != nil {
			return "", problem.New(problem.Failure, "where whichrole lies cannot be told: %v", err).WithHint("put it into a directory of PATH").Because(err)
		}
		if !awsconfig.IsPlain(self, runtime.GOOS) {
			return "", problem.New(problem.Failure, "SDKs do not all find %s: its path has characters that each of them reads in its own way", self).
				WithHint("%s", linked(self))
		}
		found = self
	}
	if err == nil && !sameFile(found, self) {
		p.Other, p.Self = found, self
	}
	if !awsconfig.IsPlain(found, runtime.GOOS) {
		p.Misread = found
		return "whichrole", nil
	}
	p.Version = VersionIn(found)
	return found, nil
}

func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

func linked(self string) string {
	if runtime.GOOS == "windows" {
		return "put whichrole.exe into a folder of PATH"
	}
	return "sudo ln -s " + problem.Quote(self) + " /usr/local/bin/whichrole && whichrole setup"
}

// VersionIn is the folder of a path that an upgrade replaces, as version managers, Homebrew's Cellar and the Nix store have them: "" for none.
func VersionIn(path string) string {
	segments := strings.Split(filepath.ToSlash(path), "/")
	for i, s := range segments {
		if _, version, found := strings.Cut(s, "@"); found && isVersion(version) || isVersion(s) || i > 1 && segments[i-1] == "store" && segments[i-2] == "nix" {
			return s
		}
	}
	return ""
}

func isVersion(s string) bool {
	major, rest, found := strings.Cut(strings.TrimPrefix(s, "v"), ".")
	digit := func(r rune) bool { return !unicode.IsDigit(r) }
	return found && major != "" && !strings.ContainsFunc(major, digit) && rest != "" && unicode.IsDigit(rune(rest[0]))
}
