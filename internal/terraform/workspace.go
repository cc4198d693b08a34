// Package terraform tells where we are in Terraform's own terms: the workspace and the operation.
package terraform

import (
	"bytes"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// DefaultWorkspace is what Terraform works in where nobody selected another workspace.
const DefaultWorkspace = "default"

// maxName is the longest workspace name in bytes: the local backend makes a directory of it.
const maxName = 255

// Workspace is the workspace that Terraform would work in when started in dir, which is absolute and physical, and what
// selected it: a variable, a file, or "nothing selects one". Variables beat the file that `terraform workspace select`
// writes, as in Terraform's Meta.WorkspaceOverridden. What cannot be the name of a workspace is a problem of code
// NoEnvironment that says where it stands; so is a file that cannot be read.
func Workspace(env paths.Env, dir string) (name, where string, err error) {
	for _, variable := range []string{"TF_WORKSPACE", "TERRATEAM_WORKSPACE", "WORKSPACE"} {
		if variable == "WORKSPACE" && env["ATLANTIS_TERRAFORM_VERSION"] == "" {
			continue // too common a name: only Atlantis means a Terraform workspace by it
		}
		if name := env[variable]; name != "" {
			if err := checkName(name, variable); err != nil {
				return "", variable, err
			}
			return name, variable, nil
		}
	}
	file := filepath.Join(dataDir(env, dir), "environment")
	name, err = selected(file)
	if err != nil || name != "" {
		return name, file, err
	}
	return DefaultWorkspace, "nothing selects one", nil
}

// dataDir is where Terraform keeps what init made: TF_DATA_DIR, which counts from dir when it is relative, or .terraform.
func dataDir(env paths.Env, dir string) string {
	data := env["TF_DATA_DIR"]
	switch {
	case data == "":
		return filepath.Join(dir, ".terraform")
	case filepath.IsAbs(data):
		return filepath.Clean(data)
	}
	return filepath.Join(dir, data)
}

// selected is the name in the file that `terraform workspace select` writes, "" where there is no such file or no name in
// it. A repository may bring the file, and so anything: it is neither waited for nor believed.
func selected(file string) (string, error) {
	data, _, err := paths.ReadRegular(file, 4096)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	case errors.Is(err, paths.ErrNotRegular):
		return "", problem.New(problem.NoEnvironment, "%s should name the workspace, but is not a regular file", file).Because(err)
	case errors.Is(err, paths.ErrTooLarge):
		return "", problem.New(problem.NoEnvironment, "%s should name the workspace, but is too large for that", file).Because(err)
	case err != nil:
		return "", problem.New(problem.NoEnvironment, "%s names the workspace, but cannot be read: %v", file, paths.Cause(err)).Because(err)
	}
	name := string(bytes.TrimSpace(data)) // as Terraform does
	if name == "" {
		return "", nil
	}
	if err := checkName(name, file); err != nil {
		return "", err
	}
	return name, nil
}


// checkName refuses what no workspace can be called. Terraform's own rule is url.PathEscape(name) == name, but it lets older
// names be; ours only keeps out what could fool a path, a log or a terminal.
func checkName(name, where string) error {
	what := ""
	switch {
	case len(name) > maxName:
		return problem.New(problem.NoEnvironment, "%s names a workspace of %d bytes, which is too long", where, len(name))
	case !utf8.ValidString(name):
		what = "which is not UTF-8"
	case strings.ContainsAny(name, `/\`):
		what = "which holds a slash"
	case strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		what = "which holds a control character"
	default:
		return nil
	}
	return problem.New(problem.NoEnvironment, "%s names the workspace %q, %s", where, name, what).
		WithHint("--workspace NAME overrides it")
}
