//go:build !linux

// Package pty exists on Linux alone.
package pty
