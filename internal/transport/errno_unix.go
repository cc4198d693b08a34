//go:build unix

package transport

import "syscall"

const (
	connectionRefused = syscall.ECONNREFUSED
	connectionReset   = syscall.ECONNRESET
)
