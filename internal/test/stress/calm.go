//go:build linux

package main

import (
	"fmt"
	"strings"
	"syscall"
	"time"
)

// calm looks whether anything was lost, now that all is well again: what somebody has been handed out and is still fresh
// must be served without STS, and all of it once more after the keyring was started again. It tells how many keys were not.
func (w *world) calm() (lost int, err error) {
	// That also has a keyring asked again that hung a moment ago.
	if err := w.whichrole("one", "cache", "clear", "--expired"); err != nil {
		return 0, err
	}
	for _, k := range w.keys {
		kept := w.keptFor(k)
		lost += w.look("lost in the storm", k, kept)
	}
	w.keyring.end(syscall.SIGTERM)
	if err := w.keyring.start(); err != nil {
		return 0, err
	}
	for _, k := range w.keys {
		lost += w.look("lost by the restart", k, true)
	}
	hidden, err := w.renewedElsewhere(w.keys[0])
	return lost + hidden, err
}

// renewedElsewhere has a session renewed while the keyring is away. What it holds when it is back is old, and must not hide
// the new one.
func (w *world) renewedElsewhere(k key) (lost int, err error) {
	w.setLife(shortest, shortest+time.Second)
	if err := w.whichrole(k.env, "cache", "clear", "--env", k.env); err != nil {
		return 0, err
	}
	w.askedSTS(k)
	w.keyring.end(syscall.SIGTERM)
	time.Sleep(shortest + 2*time.Second - 2*time.Minute)
	w.setLife(usualLife, usualMost)
	w.askedSTS(k)
	if err := w.keyring.start(); err != nil {
		return 0, err
	}
	return w.look("hidden by an old one", k, true), nil
}

// look asks for the key, and counts and tells it if that should have come from the cache and did not.
func (w *world) look(what string, k key, kept bool) (lost int) {
	asked, why := w.askedSTS(k)
	if !asked || !kept {
		return 0
	}
	fmt.Printf("%s: %s %s: %s\n", what, k.env, k.operation, why)
	return 1
}

// askedSTS runs the key once more, and tells whether STS was asked for it, and why.
func (w *world) askedSTS(k key) (asked bool, why string) {
	before := w.sts.Count("")
	p := w.run(k, none, "--verbose")
	_, why, _ = strings.Cut(string(p.stderr), "not from the cache: ")
	why, _, _ = strings.Cut(why, "\n")
	if p.code == 0 {
		p.stderr = nil // as asked
	}
	w.ran(p)
	return w.sts.Count("") > before, why
}

// keptFor tells whether a session was handed out that must still be there.
func (w *world) keptFor(k key) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.book.kept(k, time.Now())) > 0
}
