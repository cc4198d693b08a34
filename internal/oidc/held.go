package oidc

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

const maxFile = 64 << 10 // bytes of a file with a token: three times the longest

// held is the token that lies in a variable or a file already, and where that is.
func (w World) held(p Place) (token, from string, err error) {
	if _, ok := strings.CutPrefix(p.System, inFile); ok {
		return w.read(p)
	}
	name, err := w.variable(p)
	if err != nil {
		return "", "", err
	}
	return w.Env[name], name, nil
}

// variables are those that may hold the system's token, the one that is preferred first; none where a token must be asked for.
func (w World) variables(system string) []string {
	switch system {
	case gitlab: // its jobs name the variable themselves; others than this one are env:NAME
		return []string{"AWS_ID_TOKEN"}
	case circleci:
		return []string{"CIRCLE_OIDC_TOKEN_V2", "CIRCLE_OIDC_TOKEN"}
	case bitbucket:
		return []string{"BITBUCKET_STEP_OIDC_TOKEN"}
	case hcp: // a tag says what a token is for
		return []string{hcpToken + "_AWS", hcpToken}
	}
	if name, ok := strings.CutPrefix(system, inVariable); ok {
		return []string{name}
	}
	return nil
}

const hcpToken = "TFC_WORKLOAD_IDENTITY_TOKEN"

// variable is the one that holds the token. Of several tokens with tags of somebody's own, none is taken for the right one.
func (w World) variable(p Place) (string, error) {
	for _, name := range w.variables(p.System) {
		if w.Env[name] != "" {
			return name, nil
		}
	}
	var tagged []string
	if p.System == hcp {
		tagged = w.tagged()
	}
	switch len(tagged) {
	case 0:
		return "", p.problem(problem.LoginNeeded, needed(p.System), "%s", w.missing(p))
	case 1:
		return tagged[0], nil
	}
	return "", p.problem(problem.LoginNeeded, "name the one for AWS: oidc: env:"+tagged[0], "%s and %s both hold one", tagged[0], tagged[1])
}

// tagged are the variables with HCP Terraform's tokens under tags of somebody's own, such as …_TOKEN_PRODUCTION, in order.
// What has not the form of a token is something about one.
func (w World) tagged() []string {
	var names []string
	for name, value := range w.Env {
		if strings.HasPrefix(name, hcpToken+"_") && strings.Count(value, ".") == 2 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// file is the path of a file:PATH. A relative one would be the repository's.
func (w World) file(system string) (path, flaw string) {
	path = strings.TrimPrefix(system, inFile)
	if rest, ok := strings.CutPrefix(path, "~/"); ok && w.Home != "" {
		path = filepath.Join(w.Home, rest)
	}
	if !filepath.IsAbs(path) {
		return "", path + " is not an absolute path"
	}
	return path, ""
}

// fileMissing counts a file that is there but cannot be looked at as present: unreadable is not absent.
func (w World) fileMissing(system string) string {
	path, flaw := w.file(system)
	if flaw != "" {
		return flaw
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return path + " does not exist"
	}
	return ""
}

// read follows symlinks: Kubernetes renews its tokens by turning one.
func (w World) read(p Place) (token, from string, err error) {
	path, flaw := w.file(p.System)
	if flaw != "" {
		return "", "", p.problem(problem.LoginNeeded, "", "%s", flaw)
	}
	data, _, err := paths.ReadRegular(path, maxFile)
	switch {
	case errors.Is(err, paths.ErrNotRegular):
		return "", "", p.problem(problem.LoginNeeded, "", "%s is not a regular file", path)
	case errors.Is(err, paths.ErrTooLarge):
		return "", "", p.problem(problem.LoginNeeded, "", "%s is larger than %d KiB", path, maxFile>>10)
	case err != nil:
		return "", "", p.problem(problem.LoginNeeded, "", "%s cannot be read: %v", path, paths.Cause(err)).Because(err)
	}
	return string(data), path, nil
}
