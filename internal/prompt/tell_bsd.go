//go:build !windows && !linux

package prompt

import (
	"os/signal"

	"golang.org/x/sys/unix"
)

// unstoppable keeps the terminal from stopping our job, all of Terraform included, because we write from the background
// (stty tostop). Here that is for good: package signal cannot put it back (Go 1.26), and a thread's mask is out of reach.
func unstoppable() (restore func()) {
	signal.Ignore(unix.SIGTTOU)
	return func() {}
}
