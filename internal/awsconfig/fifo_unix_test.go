//go:build !windows

package awsconfig

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"whichrole/internal/paths"
)

func TestFIFODoesNotHang(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := Load(paths.Env{"AWS_CONFIG_FILE": path}, "")
		done <- err
	}()
	select {
	case err := <-done:
		if err == nil || !strings.Contains(err.Error(), "not a regular file") {
			t.Errorf("got %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("it waits for a writer")
	}
}
