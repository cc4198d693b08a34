//go:build linux

package faults

import (
	"strings"
	"testing"
	"time"

	"whichrole/internal/test/fakests"
)

// A failure is not asked for again at once: AWS counts them, and an MFA code is good only once.
func TestFailureIsKeptForFiveSeconds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plays(fakests.Refuse)(w)
	first := w.ask("qa").begin()
	first.fails(7, slack)
	failed := time.Now()
	next := w.ask("qa").begin()
	next.fails(7, slack)
	if !strings.Contains(next.stderr.String(), "asked again in") || strings.Contains(first.stderr.String(), "asked again") {
		t.Errorf("the first says %snext says %s", &first.stderr, &next.stderr)
	}
	w.calls(1, 1)
	w.ask("production").begin().fails(7, slack)
	w.calls(2, 2) // it is of one key alone
	w.faults()
	time.Sleep(time.Until(failed.Add(5200 * time.Millisecond)))
	w.ask("qa").begin().served(slack)
	w.calls(3, 3)
}

func TestCacheClearLiftsTheCoolDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	plays(fakests.Refuse)(w)
	w.ask("qa").begin().fails(7, slack)
	w.faults()
	w.whichrole("cache", "clear", "--env", "qa")
	w.ask("qa").begin().served(slack)
	w.calls(2, 2)
}
