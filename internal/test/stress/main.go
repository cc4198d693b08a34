//go:build linux

// Command stress runs hundreds of whichrole processes against a keyring and an STS that fail now and then, kills and stops
// some of them, and judges what every single one printed. scripts/stress.sh runs it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	binary := flag.String("binary", "", "the whichrole to test, an absolute path")
	storm := flag.Duration("for", 2*time.Minute, "how long it goes on")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	good, err := run(ctx, *binary, *storm)
	if err != nil {
		fmt.Fprintln(os.Stderr, "stress:", err)
	}
	if err != nil || !good {
		os.Exit(1)
	}
}

func run(ctx context.Context, binary string, length time.Duration) (good bool, err error) {
	w, err := newWorld(binary)
	if err != nil {
		return false, err
	}
	defer w.close()
	fmt.Printf("a storm of %s over %d keys\n", length, len(w.keys))
	weather, over := context.WithTimeout(ctx, length)
	defer over()
	if err := w.storm(weather); err != nil {
		return false, err
	}
	lost, err := w.calm()
	if err != nil {
		return false, err
	}
	return w.report(os.Stdout, lost), nil
}
