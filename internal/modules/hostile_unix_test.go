//go:build !windows

package modules

import (
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

func TestFIFOIsNotWaitedFor(t *testing.T) {
	top := repository(t, map[string]string{".git/HEAD": "", "a/ok.tf": aws, "b/ok.tf": aws, ".git/info/x": ""})
	for _, name := range []string{"a/main.tf", "a/terragrunt.hcl", "a/.gitignore", ".git/info/exclude", "pipe"} {
		if err := syscall.Mkfifo(filepath.Join(top, name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	link(t, top, "b/main.tf", "../pipe")
	link(t, top, "b/device.tf", "/dev/zero")
	within(t, time.Minute, "a FIFO", func() {
		dirs, notes := search(t, top, ".", usual())
		expect(t, "modules", dirs, "a", "b")
		expect(t, "notes", notes, "a/main.tf:0: is not a regular file", "a/terragrunt.hcl:0: is not a regular file",
			"b/device.tf:0: is a symlink that leads out of the repository: not read", "b/main.tf:0: is not a regular file")
		if _, found, err := Read(filepath.Join(top, "a")); err != nil || !found {
			t.Errorf("%v %v", found, err)
		}
	})
}

func TestSocketIsNotOpened(t *testing.T) {
	top := t.TempDir()
	l, err := net.Listen("unix", filepath.Join(top, "a.tf"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, notes := search(t, top, ".", usual())
	expect(t, "notes", notes, "a.tf:0: is not a regular file")
}

// A repository's .git or .gitignore may lead anywhere: to somebody's list of secrets, or to a program's pipe.
func TestIgnoreFilesAreNotFollowedOut(t *testing.T) {
	outside := repository(t, map[string]string{"rules": "a\n", "git/info/exclude": "a\n"})
	top := repository(t, map[string]string{"a/main.tf": aws})
	link(t, top, ".gitignore", filepath.Join(outside, "rules"))
	link(t, top, ".git", filepath.Join(outside, "git"))
	dirs, notes := search(t, top, ".", usual())
	expect(t, "modules", dirs, "a")
	expect(t, "notes", notes)
}

func TestUnreadableDirectoryIsNoted(t *testing.T) {
	top := repository(t, map[string]string{"a/main.tf": aws, "b/c/main.tf": aws, "d/main.tf": aws})
	closed := filepath.Join(top, "b")
	if err := os.Chmod(closed, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(closed, 0o700) })
	if err := os.Chmod(filepath.Join(top, "d", "main.tf"), 0); err != nil {
		t.Fatal(err)
	}
	dirs, notes := search(t, top, ".", usual())
	if os.Geteuid() == 0 { // for whom nothing is closed
		expect(t, "modules", dirs, "a", "b/c", "d")
		return
	}
	expect(t, "modules", dirs, "a")
	expect(t, "notes", notes, "b:0: cannot be read: permission denied", "d/main.tf:0: cannot be read: permission denied")
}
