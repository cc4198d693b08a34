//go:build linux

package main

import (
	"fmt"
	"io"
	"strings"
)

const shown = 10 // mistakes, one line each

// report prints the counts, and before them the first mistakes. It is good if there was none, and enough has happened that
// there could have been one.
func (w *world) report(out io.Writer, lost int) bool {
	counts, codes, sessions := map[verdict]int{}, map[int]int{}, map[string]bool{}
	stopped, mistakes := 0, 0
	w.book.troubles = w.troubles()
	for _, p := range w.book.ran {
		v, why := w.book.judge(p)
		counts[v]++
		if p.stopped {
			stopped++
		}
		switch v {
		case killed:
		case failed:
			codes[p.code]++
		case handed:
			a, _ := parse(p.stdout)
			sessions[a.AccessKeyId] = true
		default:
			if mistakes++; mistakes <= shown {
				fmt.Fprintf(out, "%s: %s %s, exit %d after %s: %s: %s\n", v, p.key.env, p.key.operation, p.code, p.ended.Sub(p.started), why, strings.TrimSpace(string(p.stderr)))
			}
		}
	}
	fmt.Fprintf(out, "%6d processes, of which %d were killed and %d stood still for a while\n", len(w.book.ran), counts[killed], stopped)
	fmt.Fprintf(out, "%6d answers: %d sessions fresh from STS, %d times one from the cache\n", counts[handed], len(sessions), counts[handed]-len(sessions))
	fmt.Fprintf(out, "%6d failures as they should be: %d with exit 7 (refused), %d with exit 8 (STS away)\n", counts[failed], codes[7], codes[8])
	fmt.Fprintf(out, "%6d STS calls for %d sessions, on %d bad days of STS; %d times an environment was cleared\n", w.sts.Count(""), len(w.book.minted), w.badDays, len(w.book.cleared))
	fmt.Fprintf(out, "%6d restarts of the keyring daemon, which hung %d times more\n", w.keyring.starts-1, w.hangs)
	for _, v := range bad {
		fmt.Fprintf(out, "%s %d, ", v, counts[v])
	}
	fmt.Fprintf(out, "lost %d\n", lost)
	return mistakes == 0 && lost == 0 && counts[killed] > 0 && len(sessions) > len(w.keys) && w.keyring.starts > 2
}

// troubles are from STS's own log.
func (w *world) troubles() (list []trouble) {
	for _, c := range w.sts.Calls() {
		if code := badDays[c.Fault]; code != 0 {
			list = append(list, trouble{c.Role, c.Time, code})
		}
	}
	return list
}
