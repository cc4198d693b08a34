//go:build linux

package main

import (
	"fmt"
	"slices"
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
		if why := w.askedSTS(k); kept && why != "" {
			lost++
			fmt.Printf("lost: %s %s: %s", k.env, k.operation, why)
		}
	}
	w.keyring.end(syscall.SIGTERM)
	if err := w.keyring.start(); err != nil {
		return 0, err
	}
	for _, k := range w.keys {
		if why := w.askedSTS(k); why != "" {
			lost++
			fmt.Printf("lost by the restart: %s %s: %s", k.env, k.operation, why)
		}
	}
	return lost, nil
}

// askedSTS runs the key once more, and tells what that said when STS was asked for it; "" when it was not.
func (w *world) askedSTS(k key) (why string) {
	before := w.sts.Count("")
	p := w.run(k, none, "--verbose")
	if w.sts.Count("") > before {
		why = string(p.stderr)
	}
	if p.code == 0 {
		p.stderr = nil // as asked
	}
	w.ran(p)
	return why
}

// keptFor tells whether a session was handed out that must still be there.
func (w *world) keptFor(k key) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.ContainsFunc(w.book.ran, func(p process) bool {
		if p.key != k || p.code != 0 {
			return false
		}
		a, err := parse(p.stdout)
		m := w.book.minted[a.AccessKeyId]
		return err == nil && m.fresh(time.Now()) && !w.book.clearedSince(k.env, m.at)
	})
}
