// Command parts tells what a built binary is made of, from what the Go linker wrote into it: the software bill of materials
// as CycloneDX 1.6, and the licences that have to go along with it. The same binary gives the same bytes.
package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"errors"
	"flag"
	"fmt"
	"os"
)

func main() {
	version := flag.String("version", "", "version of the binary")
	sbom := flag.String("sbom", "", "write the bill of materials to this file")
	licenses := flag.String("licenses", "", "write the licences of all that is linked to this file")
	flag.Parse()
	if err := run(flag.Arg(0), *version, *sbom, *licenses); err != nil {
		fmt.Fprintln(os.Stderr, "parts:", err)
		os.Exit(1)
	}
}

func run(binary, version, sbom, licenses string) error {
	if version == "" || sbom == "" || licenses == "" {
		return errors.New("-version, -sbom and -licenses are needed")
	}
	content, err := os.ReadFile(binary)
	if err != nil {
		return err
	}
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return err
	}
	bill, err := cycloneDX(info, version, sha256.Sum256(content))
	if err != nil {
		return err
	}
	texts, err := notices(info)
	if err != nil {
		return err
	}
	if err := os.WriteFile(sbom, bill, 0o644); err != nil {
		return err
	}
	return os.WriteFile(licenses, texts, 0o644)
}
