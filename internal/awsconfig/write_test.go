package awsconfig

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

func save(t *testing.T, path string) (backup string) {
	t.Helper()
	f, err := Edit(path)
	if err != nil {
		t.Fatal(err)
	}
	set(t, f.Draft, "terraform", ours...)
	if !f.Changed() {
		t.Error("nothing changes")
	}
	if backup, err = f.Save(); err != nil {
		t.Fatal(err)
	}
	if again, err := Edit(path); err != nil || again.Changed() {
		t.Errorf("read again: %v", err)
	}
	return backup
}

func content(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func mode(t *testing.T, path string) os.FileMode {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode()
}

// isAlone makes sure that only the owner may touch a file; Windows has no such modes.
func isAlone(t *testing.T, path string) {
	t.Helper()
	if got := mode(t, path).Perm(); runtime.GOOS != "windows" && got&0o077 != 0 {
		t.Errorf("%s is %v", path, got)
	}
}

func TestSaveMakesFileAndDirectory(t *testing.T) {
	home := t.TempDir()
	path := filepath.Join(home, ".aws", "config")
	if backup := save(t, path); backup != "" {
		t.Errorf("a copy of nothing: %s", backup)
	}
	if got := content(t, path); got != "[profile terraform]\nregion = eu-west-1\ncredential_process = "+line+"\n" {
		t.Errorf("%q", got)
	}
	isAlone(t, path)
	isAlone(t, filepath.Dir(path))
}

// The file may hold keys, and lie in a repository of dotfiles: its copy is for nobody else, and not in there.
func TestBackupIsPrivateAndBesideTheLink(t *testing.T) {
	home := t.TempDir()
	real, link := filepath.Join(home, "dotfiles", "aws"), filepath.Join(home, ".aws", "config")
	for _, path := range []string{real, link} {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(real, []byte("[default]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, link); err != nil {
		t.Fatal(err)
	}
	before := mode(t, real)
	backup := save(t, link)
	if backup != link+BackupSuffix || content(t, backup) != "[default]\n" {
		t.Errorf("kept as %s", backup)
	}
	isAlone(t, backup)
	if mode(t, real) != before || mode(t, link)&os.ModeSymlink == 0 {
		t.Errorf("%v became %v; the link is %v", before, mode(t, real), mode(t, link))
	}
	if entries, _ := os.ReadDir(filepath.Dir(real)); len(entries) != 1 {
		t.Errorf("left among the dotfiles: %v", entries)
	}
}

// Who can write into ~/.aws could lay a link there, to have the copy written elsewhere.
func TestBackupFollowsNoLink(t *testing.T) {
	dir := t.TempDir()
	path, elsewhere := filepath.Join(dir, "config"), filepath.Join(dir, "elsewhere")
	for _, p := range []string{path, elsewhere} {
		if err := os.WriteFile(p, []byte("[default]\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(elsewhere, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, path+BackupSuffix); err != nil {
		t.Fatal(err)
	}
	save(t, path)
	if content(t, elsewhere) != "precious" || content(t, path+BackupSuffix) != "[default]\n" {
		t.Error("the copy went through the link")
	}
}

func TestFileThatCannotBeChanged(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.Chmod(path, 0o600) })
		return path
	}
	readOnly, large := file("read-only", "[default]\n", 0o400), file("large", strings.Repeat("#", maxFile), 0o600)
	dangling := filepath.Join(dir, "dangling")
	if err := os.Symlink("gone", dangling); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ path, want, hint string }{
		{readOnly, "it is read-only", "chmod u+w " + problem.Quote(resolved(t, readOnly))},
		{large, "over 1 MiB", ""},
		{dangling, "it is a link to something that is not there", ""},
		{dir, "not a regular file", ""},
		{"", "neither AWS_CONFIG_FILE nor a home", "export AWS_CONFIG_FILE=/path/to/config"},
		{os.DevNull, "there is no file to change", "unset AWS_CONFIG_FILE"},
	}
	for _, tt := range tests {
		f, err := Edit(tt.path)
		if err == nil {
			set(t, f.Draft, "terraform", ours...)
			_, err = f.Save()
		}
		if problem.CodeOf(err) != problem.Failure || !strings.Contains(err.Error(), tt.want) || problem.HintOf(err) != tt.hint {
			t.Errorf("%s: %v, hint %q", tt.path, err, problem.HintOf(err))
		}
	}
	if content(t, readOnly) != "[default]\n" {
		t.Error("the read-only file was changed")
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 3 {
		t.Errorf("left behind: %v", entries)
	}
}

func resolved(t *testing.T, path string) string {
	t.Helper()
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		t.Fatal(err)
	}
	return real
}

// aws configure knows nothing of us.
func TestSaveLosesNoChangeOfAnotherProgram(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, []byte("[default]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Edit(path)
	if err != nil {
		t.Fatal(err)
	}
	set(t, f.Draft, "terraform", ours...)
	theirs := "[default]\nregion = eu-west-9\n"
	if err := os.WriteFile(path, []byte(theirs), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Save(); !errors.Is(err, paths.ErrChanged) || problem.HintOf(err) != "try again" {
		t.Errorf("%v", err)
	}
	if content(t, path) != theirs {
		t.Error("their change is lost")
	}
}
