package source

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"whichrole/internal/problem"
)

// oidcSystems are the CI systems that are tried where nobody wrote a source list, in this order.
var oidcSystems = []string{"github", "gitlab", "circleci", "bitbucket", "buildkite", "azure-devops", "hcp-terraform"}

// absent is why the entry's condition does not hold, "" where it does. It looks at variables and files only.
func (w World) absent(e Entry) (string, error) {
	switch e.Kind {
	case kindOIDC:
		return w.oidcAbsent(e.Name), nil
	case kindWebIdentity:
		return w.unset("AWS_WEB_IDENTITY_TOKEN_FILE"), nil
	case kindSSO:
		return w.sessionAbsent(e.Name)
	case kindProfile:
		_, why, err := w.findProfile(e.Name)
		return why, err
	case kindEnvironment: // half a key is there, and an error
		if w.Env["AWS_SECRET_ACCESS_KEY"] != "" {
			return "", nil
		}
		return w.unset("AWS_ACCESS_KEY_ID"), nil
	case kindInstance: // not asked: a machine without one would wait for an answer
		return "", nil
	}
	return "", problem.New(problem.Failure, "there is no source called %s", e.Kind)
}

func (w World) oidcAbsent(system string) string {
	if name, ok := strings.CutPrefix(system, "env:"); ok {
		return w.unset(name)
	}
	if path, ok := strings.CutPrefix(system, "file:"); ok {
		return w.fileAbsent(path)
	}
	switch system {
	case "github":
		return w.githubAbsent()
	case "gitlab":
		return w.unset("AWS_ID_TOKEN")
	case "circleci":
		return w.noneSet("CIRCLE_OIDC_TOKEN_V2", "CIRCLE_OIDC_TOKEN")
	case "bitbucket":
		return w.unset("BITBUCKET_STEP_OIDC_TOKEN")
	case "buildkite":
		if why := w.unset("BUILDKITE"); why != "" {
			return why
		}
		return w.commandAbsent("buildkite-agent")
	case "azure-devops":
		return w.unset("SYSTEM_OIDCREQUESTURI", "SYSTEM_ACCESSTOKEN")
	case "hcp-terraform":
		return w.hcpAbsent()
	}
	return "there is no such system"
}

func (w World) githubAbsent() string {
	why := w.unset("ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN")
	if why != "" && w.Env["GITHUB_ACTIONS"] != "" {
		why += ": " + githubPermission
	}
	return why
}

const githubPermission = "the job needs permissions: id-token: write"

// hcpAbsent also finds tokens with a tag, TFC_WORKLOAD_IDENTITY_TOKEN_AWS and others: a workspace may have several.
func (w World) hcpAbsent() string {
	const name = "TFC_WORKLOAD_IDENTITY_TOKEN"
	for variable, value := range w.Env {
		if value != "" && strings.HasPrefix(variable, name+"_") {
			return ""
		}
	}
	return w.unset(name)
}

// unset names the first variable that is not set.
func (w World) unset(names ...string) string {
	for _, name := range names {
		if w.Env[name] == "" {
			return name + " is not set"
		}
	}
	return ""
}

func (w World) noneSet(names ...string) string {
	for _, name := range names {
		if w.Env[name] != "" {
			return ""
		}
	}
	return "none of " + strings.Join(names, ", ") + " is set"
}

// fileAbsent counts a file that is there but cannot be looked at as present: unreadable is not absent.
func (w World) fileAbsent(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok && w.Home != "" {
		path = filepath.Join(w.Home, rest)
	}
	if !filepath.IsAbs(path) {
		return path + " is not an absolute path"
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return path + " does not exist"
	}
	return ""
}

// commandAbsent looks through PATH as it was handed in. Relative directories in it are skipped: they are the repository's.
func (w World) commandAbsent(command string) string {
	path := w.Env["PATH"]
	if runtime.GOOS == "windows" {
		command += ".exe"
		path += string(filepath.ListSeparator) + w.Env["Path"] // its usual spelling there
	}
	for _, dir := range filepath.SplitList(path) {
		if !filepath.IsAbs(dir) {
			continue
		}
		info, err := os.Stat(filepath.Join(dir, command))
		if err == nil && info.Mode().IsRegular() && (runtime.GOOS == "windows" || info.Mode().Perm()&0o111 != 0) {
			return ""
		}
	}
	return command + " is not on PATH"
}

func (w World) sessionAbsent(name string) (string, error) {
	files, err := w.AWS()
	if err != nil {
		return "", err
	}
	if _, ok := files.Section("sso-session", name); ok {
		return "", nil
	}
	return fmt.Sprintf("%s has no [sso-session %s]", orNone(files.ConfigPath), name), nil
}

// orNone names a file that has no path because there is no home to look in.
func orNone(path string) string {
	if path == "" {
		return "the AWS config (no home directory is known)"
	}
	return path
}
