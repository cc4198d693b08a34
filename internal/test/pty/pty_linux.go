// Package pty runs a program on a terminal of its own, as a person would, and types for them.
package pty

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Session is a program on its terminal.
type Session struct {
	t      *testing.T
	cmd    *exec.Cmd
	master *os.File
	done   chan error

	mu   sync.Mutex
	seen bytes.Buffer
}

// Start runs cmd with a new terminal as its controlling one. stdin is that terminal, stdout and stderr too where cmd does not
// set them.
func Start(t *testing.T, cmd *exec.Cmd) *Session {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdin = slave
	if cmd.Stdout == nil {
		cmd.Stdout = slave
	}
	if cmd.Stderr == nil {
		cmd.Stderr = slave
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	s := &Session{t: t, cmd: cmd, master: master, done: make(chan error, 1)}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	slave.Close()
	go s.read()
	go func() { s.done <- cmd.Wait() }()
	t.Cleanup(func() {
		cmd.Process.Kill()
		master.Close()
	})
	return s
}

func (s *Session) read() {
	buf := make([]byte, 4096)
	for {
		n, err := s.master.Read(buf)
		s.mu.Lock()
		s.seen.Write(buf[:n])
		s.mu.Unlock()
		if err != nil {
			return // EIO when the last one has left the terminal
		}
	}
}

// Screen is all that the terminal has shown, what was typed included.
func (s *Session) Screen() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.ReplaceAll(s.seen.String(), "\r\n", "\n")
}

// Expect waits until the terminal has shown text, n times in all.
func (s *Session) Expect(text string, n int) {
	s.t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if strings.Count(s.Screen(), text) >= n {
			return
		}
	}
	s.t.Fatalf("the terminal did not show %q %d times:\n%s", text, n, s.Screen())
}

// Type types text as it is: "\n" is the return key, "\x03" Ctrl-C.
func (s *Session) Type(text string) {
	s.t.Helper()
	if _, err := s.master.WriteString(text); err != nil {
		s.t.Fatal(err)
	}
}

// Wait waits for the program's end.
func (s *Session) Wait() error {
	s.t.Helper()
	select {
	case err := <-s.done:
		time.Sleep(20 * time.Millisecond) // what it wrote last is still on its way through the terminal
		return err
	case <-time.After(30 * time.Second):
		s.t.Fatalf("still there after 30 s:\n%s", s.Screen())
		return nil
	}
}
