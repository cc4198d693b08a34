//go:build !windows

package cli

import (
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"
)

// fifo FILE: a FIFO without a writer, on which an ordinary open waits for ever.
func fifo(ts *testscript.TestScript, neg bool, args []string) {
	ts.Check(syscall.Mkfifo(ts.MkAbs(args[0]), 0o600))
}
