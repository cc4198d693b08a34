// Command bareget reads one keyring item and does nothing else: what scripts/bench.sh compares a cached answer with.
// With a third argument it stores that first.
package main

import (
	"fmt"
	"os"

	"github.com/zalando/go-keyring"
)

func main() {
	if len(os.Args) > 3 {
		check(keyring.Set(os.Args[1], os.Args[2], os.Args[3]))
	}
	value, err := keyring.Get(os.Args[1], os.Args[2])
	check(err)
	fmt.Println(value)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
