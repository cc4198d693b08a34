//go:build !linux

package keystore

import "runtime"

func openKernel(Options, bool) (Store, error) {
	return nil, &Unavailable{Store: "kernel", Class: Absent, Detail: "there is no kernel keyring on " + runtime.GOOS}
}
