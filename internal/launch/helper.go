package launch

import (
	"os"
	"runtime"

	"whichrole/internal/awsconfig"
	"whichrole/internal/problem"
)

// helper is our program as a credential_process can name it. SDKs split and unquote such a line each in its own way
// (CONTRACT.md), so that a path with other characters goes by another name: a link in the session's directory or, on Windows,
// its short name.
func (s *Session) helper(dir *os.Root, self string) (string, error) {
	if awsconfig.IsPlain(self, runtime.GOOS) {
		return self, nil
	}
	if runtime.GOOS == "windows" {
		if short := shortName(self); awsconfig.IsPlain(short, runtime.GOOS) {
			return short, nil
		}
	} else if link := s.path(linkName); awsconfig.IsPlain(link, runtime.GOOS) {
		return link, dir.Symlink(self, linkName)
	}
	return "", problem.New(problem.Failure, "AWS SDKs cannot run whichrole from %s: its path must be of letters, digits and _-./+@, alone", self).
		WithHint("install it in another directory, such as /usr/local/bin")
}
