// Package readers is what the tests of the readers of other systems share: a repository in memory, and what was said of it as text.
package readers

import (
	"io/fs"
	"strings"
	"testing"

	"whichrole/internal/found"
	"whichrole/internal/modules"
)

// Repository has these files, these root modules (those of Terragrunt end in a slash), and these directories with other code.
func Repository(files map[string]string, mods, code string) found.Repository {
	r := found.Repository{Code: strings.Fields(code), Read: func(name string) ([]byte, error) {
		if data, ok := files[name]; ok {
			return []byte(data), nil
		}
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}}
	for _, dir := range strings.Fields(mods) {
		m := modules.Module{Dir: dir, Kind: "terraform"}
		if unit, ok := strings.CutSuffix(dir, "/"); ok {
			m = modules.Module{Dir: unit, Kind: "terragrunt"}
		}
		r.Modules = append(r.Modules, m)
	}
	return r
}

// ARN is that of a role.
func ARN(name string) string { return "arn:aws:iam::111111111111:role/" + name }

// Head is a place without its roles.
func Head(p found.Place) string {
	text := p.Dir
	if p.Workspace != "" {
		text += "/" + p.Workspace
	}
	if p.Name != "" {
		text += " (" + p.Name + ")"
	}
	return text
}

// Lines are the places as show writes them, and then what was not read.
func Lines(s found.Said, show func(found.Place) string) string {
	var list []string
	for _, p := range s.Places {
		list = append(list, show(p))
	}
	for _, u := range s.Unread {
		list = append(list, "! "+u.At.String()+" "+u.Text)
	}
	return strings.Join(list, "\n")
}

// Check fails the test where got is not want, space around it apart.
func Check(t *testing.T, got, want string) {
	t.Helper()
	if want = strings.TrimSpace(want); got != want {
		t.Errorf("got\n%s\n\nwant\n%s", got, want)
	}
}
