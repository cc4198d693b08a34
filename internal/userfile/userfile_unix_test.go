//go:build !windows

package userfile

import (
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"whichrole/internal/problem"
)

func TestFIFOInPlaceOfTheFile(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "config.yaml"), 0o600); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := Read(dir, "/home/me")
		done <- err
	}()
	select {
	case err := <-done:
		if problem.CodeOf(err) != problem.BadMap {
			t.Error(err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("still waiting for somebody to write into the FIFO")
	}
}
