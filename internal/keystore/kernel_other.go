//go:build !linux

package keystore

import "runtime"

func inContainer() bool { return false }

func openKernel(Options, bool) (Store, error) {
	return nil, &Unavailable{Store: "kernel", Class: Absent, Detail: "there is no kernel keyring on " + runtime.GOOS}
}
