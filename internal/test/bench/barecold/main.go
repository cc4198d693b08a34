// Command barecold is the least that an answer costs when nothing is cached: a keyring miss, one POST to STS, and storing
// the result. scripts/bench.sh compares a cold answer with it.
package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/zalando/go-keyring"
)

const (
	service = "bench-cold"
	user    = "item"
	stored  = 1300 // bytes, as whichrole stores for a token of 800
)

// With the URL of an STS it does its work, with none it forgets what it stored.
func main() {
	if len(os.Args) < 2 {
		if err := keyring.Delete(service, user); !errors.Is(err, keyring.ErrNotFound) {
			check(err)
		}
		return
	}
	if _, err := keyring.Get(service, user); !errors.Is(err, keyring.ErrNotFound) {
		check(fmt.Errorf("not a miss: %v", err))
	}
	check(post(os.Args[1]))
	check(keyring.Set(service, user, strings.Repeat("x", stored)))
}

// post is not signed: STS says so in its answer, which costs as much time as a good one.
func post(url string) error {
	form := "Action=AssumeRole&Version=2011-06-15&RoleSessionName=bench&RoleArn=arn%3Aaws%3Aiam%3A%3A222222222222%3Arole%2Fterraform"
	answer, err := http.Post(url, "application/x-www-form-urlencoded", strings.NewReader(form))
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && !strings.Contains(string(body), "<RequestId>") {
		err = errors.New("this is not STS")
	}
	return err
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
