//go:build !windows

package paths

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

func TestFIFOInAFilesPlaceDoesNotHang(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	within(t, 5*time.Second, func() {
		if _, _, err := ReadRegular(fifo, 10); !errors.Is(err, ErrNotRegular) {
			t.Errorf("got %v", err)
		}
	})
}
