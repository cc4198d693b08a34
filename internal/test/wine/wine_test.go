//go:build linux

// Package wine runs the Windows build on Linux, under Wine: our own tests, and whichrole.exe on the Credential Manager.
package wine

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// tools are what Wine consists of.
type tools struct{ loader, server, libraries string }

const compiler = "x86_64-w64-mingw32-gcc"

// find skips where Wine is missing, and fails where CI must have it. Debian has the loader and the DLLs off the usual paths.
func find(t *testing.T) tools {
	t.Helper()
	found := tools{
		loader:    first("wine64", "/usr/lib/wine/wine64"),
		server:    first("wineserver", "/usr/lib/wine/wineserver"),
		libraries: first("/usr/lib/*/wine/x86_64-windows"),
	}
	if found.loader != "" && found.server != "" && found.libraries != "" && first(compiler) != "" {
		return found
	}
	const missing = "there is no Wine to run the Windows build: apt-get install wine64 gcc-mingw-w64-x86-64-win32"
	if os.Getenv("CI") != "" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return tools{}
}

// first is the first that there is: a program on PATH, or a path with stars.
func first(candidates ...string) string {
	for _, c := range candidates {
		if path, err := exec.LookPath(c); err == nil {
			return path
		}
		if paths, _ := filepath.Glob(c); len(paths) > 0 {
			return paths[0]
		}
	}
	return ""
}

// shim is compiled once for all machines.
var shim = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "wr-wine-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	dll := filepath.Join(dir, "shim.dll")
	if out, err := exec.Command(compiler, "-Wall", "-Werror", "-shared", "-o", dll, "testdata/bcryptprimitives.c", "-ladvapi32").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", compiler, err, out)
	}
	return os.ReadFile(dll)
})

// build runs the go command for Windows, whose output goes to the directory that it returns.
func build(t *testing.T, args ...string) string {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.Command("go", append(args[:1:1], append([]string{"-o", dir + "/"}, args[1:]...)...)...)
	cmd.Env = append(os.Environ(), "GOOS=windows", "GOARCH=amd64", "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s", args[0], err, out)
	}
	return dir
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
