//go:build linux

// Package faults runs the built binary, mostly twenty processes of it at once, through what goes wrong around it: an STS
// that fails, keyrings and directories that are not there, processes that are killed, stopped or short of time.
package faults

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// binary is the whichrole that is tested, built as releases are.
var binary string

func TestMain(m *testing.M) {
	if how := os.Getenv(jailed); how != "" {
		fmt.Fprintln(os.Stderr, enterJail(how, os.Args[1:])) // it returns only where it fails
		os.Exit(125)
	}
	flag.Parse()
	if parallel := flag.Lookup("test.parallel"); parallel.Value.String() == parallel.DefValue {
		parallel.Value.Set("6") // these tests wait more than they work
	}
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "wr-faults-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "whichrole")
	build := exec.Command("go", "build", "-tags", "nethttpomithttp2", "-trimpath", "-o", binary, "whichrole")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}
