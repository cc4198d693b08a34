//go:build !linux

package keystore

import "runtime"

// volatilePlace is nowhere: only Linux has directories that are known to lie in memory.
func volatilePlace(Options) (place, *Unavailable) {
	return place{}, &Unavailable{Store: "file", Class: Absent, Detail: "no directory is known to lie in memory on " + runtime.GOOS}
}

func usualPlaces(Options) []place { return nil }
