package terraform

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

func TestWorkspace(t *testing.T) {
	elsewhere := t.TempDir()
	write(t, filepath.Join(elsewhere, "environment"), "elsewhere")
	tests := []struct {
		story       string
		env         paths.Env
		files       map[string]string
		name, where string // where: {dir} is the directory
	}{
		{"nothing at all", nil, nil, "default", "nothing selects one"},
		{"terraform workspace select", nil, map[string]string{".terraform/environment": "qa"}, "qa", "{dir}/.terraform/environment"},
		{"a line break after the name", nil, map[string]string{".terraform/environment": " qa\r\n"}, "qa", "{dir}/.terraform/environment"},
		{"an empty file", nil, map[string]string{".terraform/environment": "\n"}, "default", "nothing selects one"},
		{"a name from before Terraform had a rule", nil, map[string]string{".terraform/environment": "my qa"}, "my qa", "{dir}/.terraform/environment"},
		{"the variable wins", paths.Env{"TF_WORKSPACE": "a", "TERRATEAM_WORKSPACE": "b"}, map[string]string{".terraform/environment": "qa"}, "a", "TF_WORKSPACE"},
		{"a variable set to nothing", paths.Env{"TF_WORKSPACE": ""}, map[string]string{".terraform/environment": "qa"}, "qa", "{dir}/.terraform/environment"},
		{"terrateam", paths.Env{"TERRATEAM_WORKSPACE": "b"}, map[string]string{".terraform/environment": "qa"}, "b", "TERRATEAM_WORKSPACE"},
		{"atlantis", paths.Env{"WORKSPACE": "c", "ATLANTIS_TERRAFORM_VERSION": "1.11.0"}, nil, "c", "WORKSPACE"},
		{"jenkins has a WORKSPACE of its own", paths.Env{"WORKSPACE": "/var/lib/jenkins/ws"}, nil, "default", "nothing selects one"},
		{"a relative TF_DATA_DIR", paths.Env{"TF_DATA_DIR": "data/x"}, map[string]string{"data/x/environment": "far", ".terraform/environment": "qa"}, "far", "{dir}/data/x/environment"},
		{"an absolute TF_DATA_DIR", paths.Env{"TF_DATA_DIR": elsewhere}, nil, "elsewhere", elsewhere + "/environment"},
		{"TF_DATA_DIR without a selection", paths.Env{"TF_DATA_DIR": "data"}, map[string]string{".terraform/environment": "qa"}, "default", "nothing selects one"},
	}
	for _, tt := range tests {
		t.Run(tt.story, func(t *testing.T) {
			dir := t.TempDir()
			for file, content := range tt.files {
				write(t, filepath.Join(dir, file), content)
			}
			name, where, err := Workspace(tt.env, dir)
			wantWhere := filepath.FromSlash(strings.Replace(tt.where, "{dir}", dir, 1))
			if err != nil || name != tt.name || where != wantWhere {
				t.Errorf("got %q from %q, %v; want %q from %q", name, where, err, tt.name, wantWhere)
			}
		})
	}
}

func TestHostileWorkspaceNames(t *testing.T) {
	for story, name := range map[string]string{
		"a slash":           "../../production",
		"a backslash":       `..\production`,
		"an escape":         "qa\x1b[2K",
		"a second line":     "qa\nproduction",
		"text turned round": "qa\u202enoitcudorp",
		"a NUL":             "qa\x00",
		"not UTF-8":         "qa\xff",
		"300 bytes":         strings.Repeat("q", 300),
		"a whole book":      strings.Repeat("q", 1<<20),
	} {
		t.Run(story, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, ".terraform", "environment")
			write(t, file, name)
			_, _, err := Workspace(nil, dir)
			wantProblem(t, err, file)
			if len(name) < 1<<16 { // no longer fits an environment variable
				_, _, err = Workspace(paths.Env{"TF_WORKSPACE": name}, dir)
				wantProblem(t, err, "TF_WORKSPACE")
			}
		})
	}
}

func TestDirectoryInPlaceOfWorkspaceFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, ".terraform", "environment")
	if err := os.MkdirAll(file, 0o700); err != nil {
		t.Fatal(err)
	}
	_, _, err := Workspace(nil, dir)
	wantProblem(t, err, file)
}

func TestParseOperation(t *testing.T) {
	for _, s := range []string{"plan", "apply", "state"} {
		if got, err := ParseOperation(s); got != s || err != nil {
			t.Errorf("%s: got %q, %v", s, got, err)
		}
	}
	for s, hint := range map[string]string{
		"aply":    "did you mean apply?",
		"Plan":    "did you mean plan?",
		"destroy": "the operations are plan, apply and state",
		"":        "the operations are plan, apply and state",
	} {
		_, err := ParseOperation(s)
		p, ok := errors.AsType[*problem.Error](err)
		if !ok || p.Code != problem.Usage || p.Hint != hint {
			t.Errorf("%q: got %+v, want the hint %q", s, p, hint)
		}
	}
}

func wantProblem(t *testing.T, err error, names string) {
	t.Helper()
	if problem.CodeOf(err) != problem.NoEnvironment || !strings.Contains(err.Error(), names) {
		t.Errorf("got %v, want exit 3 naming %s", err, names)
	}
	if err != nil && len(err.Error()) > 2000 {
		t.Errorf("an error of %d bytes", len(err.Error()))
	}
}

func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
