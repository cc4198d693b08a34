//go:build !windows

package terraform

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

func TestFIFOInPlaceOfWorkspaceFile(t *testing.T) {
	for _, at := range []string{".terraform/environment", ".terraform"} {
		dir := t.TempDir()
		file := filepath.Join(dir, at)
		check(t, os.MkdirAll(filepath.Dir(file), 0o700))
		check(t, syscall.Mkfifo(file, 0o600))
		done := make(chan error, 1)
		go func() {
			_, _, err := Workspace(nil, dir, "")
			done <- err
		}()
		select {
		case err := <-done:
			wantProblem(t, err, file)
		case <-time.After(5 * time.Second):
			t.Fatal("still waiting for somebody to write into the FIFO")
		}
	}
}
