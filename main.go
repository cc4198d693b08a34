// whichrole hands out short-lived AWS credentials for exactly the role that the working directory belongs to.
package main

import (
	"os"

	"whichrole/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}
