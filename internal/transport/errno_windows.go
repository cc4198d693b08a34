package transport

import "syscall"

// What Windows says; the names of Unix stand there for numbers that it never uses.
const (
	connectionRefused = syscall.Errno(10061) // WSAECONNREFUSED
	connectionReset   = syscall.WSAECONNRESET
)
