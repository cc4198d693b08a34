//go:build unix

package oidc

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"whichrole/internal/problem"
)

// Kubernetes turns a symlink when it renews a token: what was read once is no longer good.
func TestRenewedFileIsReadAnew(t *testing.T) {
	dir := t.TempDir()
	w := worldOf(nil)
	for _, sub := range []string{"first", "second"} {
		target := filepath.Join(dir, sub)
		if err := os.WriteFile(target, []byte(usual().with("sub", sub).jwt(t)), 0o600); err != nil {
			t.Fatal(err)
		}
		link := filepath.Join(dir, "token")
		os.Remove(link)
		if err := os.Symlink(sub, link); err != nil {
			t.Fatal(err)
		}
		if token, err := w.get(t, Place{System: "file:" + link}); err != nil || token.Claims.Subject != sub {
			t.Errorf("%s: %v, %v", sub, token.Claims, err)
		}
	}
}

func TestFIFOInATokensPlaceDoesNotHang(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "token")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := worldOf(nil).get(t, Place{System: "file:" + fifo})
	fails(t, err, problem.LoginNeeded, "file:"+fifo+": "+fifo+" is not a regular file", "")
}

func TestUnreadableFileIsNotAbsent(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "loop")
	if err := os.Symlink("loop", path); err != nil { // unreadable for root, too
		t.Fatal(err)
	}
	w := worldOf(nil)
	if why := w.Absent(Place{System: "file:" + path}); why != "" {
		t.Error(why)
	}
	_, err := w.get(t, Place{System: "file:" + path})
	fails(t, err, problem.LoginNeeded, "file:"+path+": "+path+" cannot be read: too many levels of symbolic links", "")
}
