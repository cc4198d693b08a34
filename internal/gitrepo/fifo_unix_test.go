//go:build !windows

package gitrepo

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A named pipe in place of any of git's files must not hang the helper until the SDK kills it.
func TestFIFOInPlaceOfGitFiles(t *testing.T) {
	for _, name := range []string{".git/config", ".git/HEAD", ".git/commondir", remoteHead} {
		dir := t.TempDir()
		write(t, dir, map[string]string{".git/HEAD": "ref: refs/heads/main\n", ".git/refs/remotes/origin/": ""})
		path := filepath.Join(dir, name)
		syscall.Unlink(path)
		check(t, syscall.Mkfifo(path, 0o644))
		if err := everything(dir); err == nil || !strings.Contains(err.Error(), name+": not a regular file") {
			t.Errorf("%s: %v", name, err)
		}
	}
	dir := t.TempDir()
	check(t, syscall.Mkfifo(filepath.Join(dir, ".git"), 0o644))
	if IsTop(dir) {
		t.Error("a pipe makes no repository")
	}
	if _, err := Open(dir); err == nil {
		t.Error("a pipe was opened")
	}
}
