// Package main writes the manual page from the command tree: go run ./internal/man > whichrole.1. It is no part of the binary.
package main

import (
	"flag"
	"os"

	"whichrole/internal/cli"
)

func main() {
	date := flag.String("date", "", "the day of the release, as 2026-11-23")
	version := flag.String("version", "", "the release, as 1.2.3")
	flag.Parse()
	tree, err := cli.Tree()
	if err == nil {
		_, err = os.Stdout.WriteString(page(tree, *version, *date))
	}
	if err != nil {
		panic(err)
	}
}
