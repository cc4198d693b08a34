//go:build !linux && !darwin && !windows

package child

import (
	"syscall"

	"golang.org/x/sys/unix"
)

const getModes, setModes = unix.TIOCGETA, unix.TIOCSETA

// dieWithUs is not to be had here.
func dieWithUs(*syscall.SysProcAttr) {}

// processes are not listed here: what is killed is the program, and its group where that is its own.
func processes() map[int]int { return nil }
