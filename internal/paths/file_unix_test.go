//go:build !windows

package paths

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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

// A directory called main.tf is no file of Terraform's, and who came first among thousands is chance.
func TestFilesOfADirectory(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b", "a", "link"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "main.tf"), 0o700); err != nil {
		t.Fatal(err)
	}
	list := func() ([]string, error) {
		f, err := os.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		return Files(f)
	}
	if got, err := list(); err != nil || !slices.Equal(got, []string{"a", "b", "link"}) {
		t.Errorf("%v %v", got, err)
	}
	for i := range maxEntries {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint("f", i)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := list(); !errors.Is(err, ErrTooLarge) || got != nil {
		t.Errorf("%d names, %v", len(got), err)
	}
}
