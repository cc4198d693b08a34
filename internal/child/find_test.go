package child

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"whichrole/internal/paths"
)

// The working directory is a repository's, which could have its own programs of any name there.
func TestFindLeavesTheWorkingDirectoryOut(t *testing.T) {
	repository, bin := t.TempDir(), t.TempDir()
	t.Chdir(repository)
	exe := ""
	if runtime.GOOS == "windows" {
		exe = ".exe"
	}
	write := func(mode os.FileMode, dir, name string) string {
		t.Helper()
		path := filepath.Join(dir, name+exe)
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	tool, other, data := write(0o700, repository, "tool"), write(0o700, bin, "other"), write(0o600, bin, "data")
	if runtime.GOOS != "windows" { // which has no such bit
		data = ""
	}
	if err := os.Mkdir(filepath.Join(bin, "dir"+exe), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		path       []string
		name, want string
	}{
		{[]string{".", "", bin}, "tool", ""},
		{[]string{"bin", "sub/..", ""}, "tool", ""},
		{nil, "tool", ""},
		{[]string{".", bin}, "other", other},
		{[]string{bin}, "data", data},
		{[]string{bin}, "dir", ""},
		{[]string{bin, repository}, "tool", tool}, // as the user has it
	} {
		if got := Find(paths.Env{"PATH": strings.Join(tt.path, string(filepath.ListSeparator))}, tt.name); got != tt.want {
			t.Errorf("%s on %q: %q, want %q", tt.name, tt.path, got, tt.want)
		}
	}
}
