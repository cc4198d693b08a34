//go:build !windows

package sso

import (
	"os"
	"syscall"
	"testing"
	"time"

	"whichrole/internal/problem"
)

func TestAFIFOInTheFilesPlaceDoesNotHang(t *testing.T) {
	w := newWorld(t, nil)
	if err := os.MkdirAll(w.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(w.tokenPath(), 0o600); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { _, err := w.Credentials(t.Context(), account, "Admin"); done <- err }()
	select {
	case err := <-done:
		w.fails(t, err, failure{problem.LoginNeeded, []string{"not a regular file"}, "whichrole login"})
	case <-time.After(20 * time.Second):
		t.Fatal("still waiting")
	}
}

// A container mounts the user's ~/.aws and refreshes as root: the user's own AWS CLI must still be able to read the file.
func TestRootLeavesTheFileToItsOwner(t *testing.T) {
	w := newWorld(t, nil)
	w.login(t)
	uid := os.Getuid()
	if uid == 0 {
		uid = 12345
		if err := os.Chown(w.tokenPath(), uid, 54321); err != nil {
			t.Fatal(err)
		}
	}
	w.pass(2 * time.Hour)
	if _, err := w.admin(t); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(w.tokenPath())
	if err != nil {
		t.Fatal(err)
	}
	if st := info.Sys().(*syscall.Stat_t); int(st.Uid) != uid || uid == 12345 && st.Gid != 54321 {
		t.Errorf("it belongs to %d:%d", st.Uid, st.Gid)
	}
}
