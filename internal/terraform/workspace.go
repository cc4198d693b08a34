// Package terraform tells where we are in Terraform's own terms: the workspace and the operation.
package terraform

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"unicode"
	"unicode/utf8"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// defaultWorkspace is what Terraform works in where nobody selected another workspace.
const defaultWorkspace = "default"

// maxName is the longest workspace name in bytes: the local backend makes a directory of it.
const maxName = 255

// Workspace is the workspace that Terraform would work in when started in dir, and what selected it: a variable, a file, or
// "nothing selects one". top is the repository around dir, "" where there is none; both are absolute and physical. Variables
// beat the file that `terraform workspace select` writes, as in Terraform's Meta.WorkspaceOverridden. What cannot be the name
// of a workspace is a problem of code NoEnvironment that says where it stands; so is a file that cannot be read.
func Workspace(env paths.Env, dir, top string) (name, where string, err error) {
	for _, variable := range []string{"TF_WORKSPACE", "TERRATEAM_WORKSPACE", "WORKSPACE"} {
		if variable == "WORKSPACE" && env["ATLANTIS_TERRAFORM_VERSION"] == "" {
			continue // too common a name: only Atlantis means a Terraform workspace by it
		}
		if name := env[variable]; name != "" {
			if what := unfit(name); what != "" {
				return "", variable, refused(variable, what, nil)
			}
			return name, variable, nil
		}
	}
	data := dataDir(env, dir)
	file := filepath.Join(data, "environment")
	name, err = selected(file, boundary(data, dir, top))
	if err != nil || name != "" {
		return name, file, err
	}
	return defaultWorkspace, "nothing selects one", nil
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

// boundary is what no symlink may lead out of on the way to data/environment: the repository that brings them, or dir where
// there is none. A data directory elsewhere is the user's word and its own boundary.
func boundary(data, dir, top string) string {
	for _, base := range []string{top, dir} {
		if base != "" && paths.Contains(base, data) {
			return base
		}
	}
	return data
}

// selected is the name in the file that `terraform workspace select` writes, "" where there is no such file or no name in
// it. A repository may bring the file, and so anything: it is neither waited for, nor believed, nor quoted.
func selected(file, base string) (string, error) {
	data, err := readPlain(file, base)
	what := ""
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	case errors.Is(err, paths.ErrNotRegular):
		what = "is not a regular file"
	case errors.Is(err, paths.ErrTooLarge):
		what = "is too large for that"
	case err != nil && leadsOut(err) && base != filepath.Dir(file):
		what = "goes through a symlink that leads out of " + base
	case err != nil:
		what = "cannot be read: " + paths.Cause(err).Error()
	default:
		name := string(bytes.TrimSpace(data)) // as Terraform does
		if name == "" {
			return "", nil
		}
		if what = unfit(name); what == "" {
			return name, nil
		}
	}
	return "", refused(file, what, err)
}

// readPlain reads file, which lies below base. Terraform writes a plain file: a symlink in its place would make a name of
// some other file's text, a token say, and show it.
func readPlain(file, base string) ([]byte, error) {
	rel, err := filepath.Rel(base, file)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(base)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	plain, err := root.Lstat(rel)
	if err != nil {
		return nil, err
	}
	if !plain.Mode().IsRegular() {
		return nil, paths.ErrNotRegular
	}
	f, err := root.OpenFile(rel, paths.OpenFlags, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, info, err := paths.ReadOpened(f, 4096)
	if err == nil && !os.SameFile(plain, info) { // a symlink by now
		err = paths.ErrNotRegular
	}
	return data, err
}

// leadsOut tells os.Root's own refusal, which has no name, from those of the system.
func leadsOut(err error) bool {
	_, fromSystem := errors.AsType[syscall.Errno](err)
	return !fromSystem
}

// refused is the error for a variable or file that selects no workspace. The text that stands there is not quoted: it may
// come from a file that was never meant for us, and hold a secret.
func refused(where, what string, err error) error {
	return problem.New(problem.NoEnvironment, "%s should name the workspace, but %s", where, what).Because(err).WithHint("--workspace NAME overrides it")
}

// unfit is why no workspace can be called name, "" when one can. Terraform's own rule is url.PathEscape(name) == name, but it
// lets older names be; ours only keeps out what could fool a path, a log or a terminal.
func unfit(name string) string {
	switch {
	case len(name) > maxName:
		return fmt.Sprintf("holds %d bytes, which is too long", len(name))
	case !utf8.ValidString(name):
		return "is not UTF-8"
	case strings.ContainsAny(name, `/\`):
		return "holds a slash"
	case strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return "holds a control character"
	}
	return ""
}
