// Command fakests runs the fake STS for shell scripts: it prints its URL on stdout and ends when stdin closes, or after a while.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"whichrole/internal/test/fakests"
)

func main() {
	file := flag.String("config", "", "JSON file: users, roles, faults and so on, as fakests.Config has them")
	longest := flag.Duration("for", 10*time.Minute, "end after this time at the latest")
	ca := flag.String("ca", "", "with tls: write the PEM certificate to this file")
	flag.Parse()
	if err := run(*file, *ca, *longest); err != nil {
		fmt.Fprintln(os.Stderr, "fakests:", err)
		os.Exit(1)
	}
}

func run(file, ca string, longest time.Duration) error {
	config, err := read(file)
	if err != nil {
		return err
	}
	s := fakests.Start(config)
	defer s.Close()
	if ca != "" {
		if err := os.WriteFile(ca, s.CA(), 0o600); err != nil {
			return err
		}
	}
	fmt.Println(s.URL)

	ended := make(chan struct{})
	go func() {
		io.Copy(io.Discard, os.Stdin)
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(longest):
	}
	return nil
}

func read(file string) (fakests.Config, error) {
	var config fakests.Config
	f, err := os.Open(file)
	if err != nil {
		return config, err
	}
	defer f.Close()
	decoder := json.NewDecoder(f)
	decoder.DisallowUnknownFields()
	return config, decoder.Decode(&config)
}
