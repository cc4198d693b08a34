//go:build !windows

package child

import (
	"os"
	"os/signal"
	"syscall"
)

// passOn has end called when a signal would end us, and gives what must be called once the program is gone: then the signal does
// what it would have done. A program with a session of its own hears nothing of Ctrl-C in our terminal.
func passOn(end func()) (done func()) {
	caught, quit, ended := make(chan os.Signal, 1), make(chan struct{}), make(chan syscall.Signal, 1)
	for _, s := range []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(s) { // as nohup has it
			signal.Notify(caught, s)
		}
	}
	go func() {
		select {
		case s := <-caught:
			end()
			ended <- s.(syscall.Signal)
		case <-quit:
			ended <- 0
		}
	}()
	return func() {
		signal.Stop(caught)
		close(quit)
		if s := <-ended; s != 0 {
			syscall.Kill(os.Getpid(), s)
		}
	}
}
