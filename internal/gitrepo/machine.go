package gitrepo

import (
	"errors"
	"runtime"
	"strings"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// otherMachine tells whether Windows would ask a machine other than top's for target: that hands it a hash of the user's
// password (NTLM), and a repository may name any machine. Device paths (\\?\, \\.\, \??\) hide what they lead to, so they
// count as one. Every system refuses what one of them must.
func otherMachine(target, top string) bool {
	host := machine(target)
	return host != "" && (strings.Trim(host, "?.") == "" || !strings.EqualFold(host, machine(top)))
}

// machine is the first name of a UNC path: "?" where none can be told, "" where path is none.
func machine(path string) string {
	path = strings.ReplaceAll(path, `\`, "/")
	if strings.HasPrefix(path, "/??/") {
		return "?"
	}
	rest, unc := strings.CutPrefix(path, "//")
	if !unc {
		return ""
	}
	host, _, _ := strings.Cut(rest, "/")
	if host == "" {
		return "?"
	}
	return host
}

// stay refuses to follow path where a symlink on it leads to another machine. Only Windows has such symlinks.
func stay(path, top string) error {
	if runtime.GOOS != "windows" {
		return nil
	}
	return followed(path, top)
}

// followed looks at each symlink of path before it is taken. What cannot be opened is left for the opening to report.
func followed(path, top string) error {
	_, err := paths.Resolve(path, func(link, target string) error {
		if otherMachine(target, top) {
			return elsewhere(link)
		}
		return nil
	})
	if p, ok := errors.AsType[*problem.Error](err); ok {
		return p
	}
	return nil
}

func elsewhere(file string) *problem.Error {
	return problem.New(problem.Failure, "%s is not followed: it leads to another machine", file)
}
