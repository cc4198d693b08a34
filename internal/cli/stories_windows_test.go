package cli

import "github.com/rogpeppe/go-internal/testscript"

func fifo(ts *testscript.TestScript, neg bool, args []string) { ts.Fatalf("no FIFOs here") }
