package terraform

import (
	"errors"
	"fmt"
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
			name, where, err := Workspace(tt.env, dir, "")
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
			_, _, err := Workspace(nil, dir, "")
			wantProblem(t, err, file)
			if strings.Contains(err.Error(), "qa") || strings.Contains(err.Error(), "production") {
				t.Errorf("what stands in the file is shown: %v", err)
			}
			if len(name) < 1<<16 { // no longer fits an environment variable
				_, _, err = Workspace(paths.Env{"TF_WORKSPACE": name}, dir, "")
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
	_, _, err := Workspace(nil, dir, "")
	wantProblem(t, err, file)
}

// A branch commits a symlink to a file with a secret, and show, in every prompt, prints it: as a part of an error, or whole, as
// the name of a workspace that no environment matches.
func TestSecretIsNotShownAsAWorkspace(t *testing.T) {
	const secret = "s3cr3t"
	tests := []struct {
		attack   string
		env      paths.Env
		at, link string // the symlink, and what it says; {home} is the user's home
		says     string // "" where the default is right: no symlink is followed
	}{
		{"a credentials file", nil, "repo/qa/.terraform/environment", "../../../aws/credentials", "not a regular file"},
		{"a token of one line", nil, "repo/qa/.terraform/environment", "../../../token", "not a regular file"},
		{"by its full path", nil, "repo/qa/.terraform/environment", "{home}/token", "not a regular file"},
		{"a file that git ignores", nil, "repo/qa/.terraform/environment", "../../.env", "not a regular file"},
		{"the directory", nil, "repo/qa/.terraform", "../../data", "leads out of {home}/repo"},
		{"the directory by its full path", nil, "repo/qa/.terraform", "{home}/data", "leads out of {home}/repo"},
		{"on the way to TF_DATA_DIR", paths.Env{"TF_DATA_DIR": "x/y"}, "repo/qa/x", "../../", "leads out of {home}/repo"},
		{"TF_DATA_DIR in the repository by its full path", paths.Env{"TF_DATA_DIR": "{home}/repo/x/y"}, "repo/x", "../", "leads out of {home}/repo"},
		{"out of TF_DATA_DIR elsewhere", paths.Env{"TF_DATA_DIR": "{home}/tf"}, "tf/environment", "../token", "not a regular file"},
	}
	for _, tt := range tests {
		for _, git := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, git %v", tt.attack, git), func(t *testing.T) {
				home, err := filepath.EvalSymlinks(t.TempDir())
				check(t, err)
				here := strings.NewReplacer("{home}", filepath.ToSlash(home))
				write(t, filepath.Join(home, "aws/credentials"), "[corp]\naws_secret_access_key = "+secret+"\n")
				for _, file := range []string{"token", "data/environment", "y/environment", "repo/.env"} {
					write(t, filepath.Join(home, file), secret+"\n")
				}
				link := filepath.Join(home, tt.at)
				check(t, os.MkdirAll(filepath.Dir(link), 0o700))
				check(t, os.MkdirAll(filepath.Join(home, "repo/qa"), 0o700))
				check(t, os.Symlink(filepath.FromSlash(here.Replace(tt.link)), link))
				env := paths.Env{"TF_DATA_DIR": here.Replace(tt.env["TF_DATA_DIR"])}
				dir, top := filepath.Join(home, "repo"), ""
				says := here.Replace(tt.says)
				if tt.at != "repo/x" {
					dir = filepath.Join(dir, "qa")
				}
				if git {
					top = filepath.Join(home, "repo")
				} else if strings.HasPrefix(tt.at, "repo/qa") {
					says = strings.TrimSuffix(says, here.Replace("{home}/repo"))
				}
				name, _, err := Workspace(env, dir, top)
				if err == nil || name != "" || !strings.Contains(filepath.ToSlash(err.Error()), says) {
					t.Fatalf("the workspace %q, %v; want %q", name, err, says)
				}
				wantProblem(t, err, filepath.FromSlash(filepath.Base(tt.at)))
				if strings.Contains(err.Error(), secret) {
					t.Errorf("shown: %v", err)
				}
			})
		}
	}
}

func TestDataDirectoryBehindASymlink(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	check(t, err)
	write(t, filepath.Join(root, "scratch/environment"), "far")
	write(t, filepath.Join(root, "repo/shared/environment"), "qa")
	check(t, os.MkdirAll(filepath.Join(root, "repo/live"), 0o700))
	check(t, os.Symlink(filepath.Join("..", "shared"), filepath.Join(root, "repo/live/.terraform")))
	check(t, os.Symlink("scratch", filepath.Join(root, "link")))
	repo := filepath.Join(root, "repo")
	for _, tt := range []struct{ data, want string }{
		{"", "qa"}, // a symlink inside the repository
		{filepath.Join(root, "link"), "far"},
		{"../../link", "far"}, // the user's word, however he spells it
		{filepath.Join(root, "none"), "default"},
	} {
		name, _, err := Workspace(paths.Env{"TF_DATA_DIR": tt.data}, filepath.Join(repo, "live"), repo)
		if err != nil || name != tt.want {
			t.Errorf("TF_DATA_DIR=%s: %q, %v; want %s", tt.data, name, err, tt.want)
		}
	}
	_, _, err = Workspace(paths.Env{"TF_DATA_DIR": filepath.Join(root, "scratch/environment")}, repo, repo)
	wantProblem(t, err, "cannot be read")
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

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
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
