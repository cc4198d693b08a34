//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"whichrole/internal/test/fakests"
)

const (
	atATime = 24               // processes
	tooOld  = 30 * time.Second // for a process whose deadline is timeout
)

// usual is what STS is like on good days: not at once, so that processes meet and are hit while they wait.
var usual = fakests.Fault{Kind: fakests.Delay, By: fakests.Duration(40 * time.Millisecond)}

// badDays are those on which STS gives no answer, with the exit code that fits.
var badDays = map[string]int{
	fakests.Internal: 8, fakests.Throttle: 8, fakests.Hang: 8, fakests.Cut: 8, fakests.CutBody: 8, fakests.Refuse: 7,
}

// storm comes back when ctx has ended and every process has.
func (w *world) storm(ctx context.Context) error {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	var weather, processes sync.WaitGroup
	for _, bad := range []func(context.Context) error{w.troubleSTS, w.troubleKeyring, w.clearNowAndThen} {
		weather.Go(func() {
			if err := bad(ctx); err != nil {
				end(err) // without it the rest is worth nothing
			}
		})
	}
	slots := make(chan struct{}, atATime)
	for pause(ctx, 20*time.Millisecond, 400*time.Millisecond) {
		k := w.keys[rand.N(len(w.keys))]
		for range 1 + rand.N(1+rand.N(20)) {
			slots <- struct{}{}
			processes.Go(func() {
				w.ran(w.run(k, rand.N(10)))
				<-slots
			})
		}
	}
	processes.Wait()
	weather.Wait()
	if err := context.Cause(ctx); !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// pause waits for a random time, and tells whether ctx goes on.
func pause(ctx context.Context, least, most time.Duration) bool {
	select {
	case <-ctx.Done():
	case <-time.After(least + rand.N(most-least)):
	}
	return ctx.Err() == nil
}

// What happens to a process, at a random moment.
const (
	none = iota
	kill
	stop
)

// run runs one credential-process. Fate is what happens to it; what it does not know happens to none.
func (w *world) run(k key, fate int, more ...string) process {
	cmd := exec.Command(w.binary, append([]string{"credential-process", "--operation", k.operation}, more...)...)
	cmd.Dir, cmd.Env = w.place(k.env), w.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	p := process{key: k, started: time.Now()}
	if err := cmd.Start(); err != nil {
		p.code, p.stderr, p.ended = -1, []byte(err.Error()), time.Now()
		return p
	}
	ended := make(chan struct{})
	var accident sync.WaitGroup
	accident.Go(func() {
		meet(cmd.Process, fate, &p)
		select {
		case <-ended:
		case <-time.After(tooOld):
			p.hung = cmd.Process.Kill() == nil
		}
	})
	cmd.Wait()
	p.ended, p.code = time.Now(), cmd.ProcessState.ExitCode()
	close(ended)
	accident.Wait()
	p.killed = p.killed && p.code == -1 // it may have ended between
	p.stdout, p.stderr = stdout.Bytes(), stderr.Bytes()
	return p
}

func (w *world) ran(p process) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.book.ran = append(w.book.ran, p)
}

// meet has it meet its fate. It stands still mostly for a moment, now and then beyond its deadline.
func meet(running *os.Process, fate int, p *process) {
	switch fate {
	case kill:
		time.Sleep(rand.N(100 * time.Millisecond))
		p.killed = running.Kill() == nil
	case stop:
		time.Sleep(rand.N(60 * time.Millisecond))
		if p.stopped = running.Signal(syscall.SIGSTOP) == nil; !p.stopped {
			return
		}
		still := rand.N(time.Second)
		if rand.N(5) == 0 {
			still = timeout + rand.N(2*time.Second)
		}
		time.Sleep(still)
		running.Signal(syscall.SIGCONT)
	}
}

// troubleSTS leaves good time between the bad days.
func (w *world) troubleSTS(ctx context.Context) error {
	for {
		for kind := range badDays { // in another order each time
			if !pause(ctx, 3*time.Second, 12*time.Second) {
				return nil
			}
			w.sts.SetFaults(fakests.Fault{Kind: kind})
			pause(ctx, 500*time.Millisecond, 3*time.Second)
			w.sts.SetFaults(usual)
			w.badDays++
		}
	}
}

// troubleKeyring ends the daemon, with and without a chance to clean up, and leaves it away for a moment; or it hangs for
// a while. No failure is excused by that.
func (w *world) troubleKeyring(ctx context.Context) error {
	for pause(ctx, 2*time.Second, 8*time.Second) {
		switch rand.N(8) {
		case 0:
			w.keyring.hang(4 * time.Second)
			w.hangs++
			continue
		case 1, 2, 3:
			w.keyring.end(syscall.SIGKILL)
		default:
			w.keyring.end(syscall.SIGTERM)
		}
		time.Sleep(rand.N(1500 * time.Millisecond))
		if err := w.keyring.start(); err != nil {
			return err
		}
	}
	return nil
}

// clearNowAndThen forgets an environment. It fails where the keyring is away, and says so; that is no failure here.
func (w *world) clearNowAndThen(ctx context.Context) error {
	for pause(ctx, 4*time.Second, 12*time.Second) {
		env := w.keys[rand.N(len(w.keys))].env
		w.whichrole(env, "cache", "clear", "--env", env)
		w.mu.Lock()
		w.book.cleared = append(w.book.cleared, clearing{env, time.Now()})
		w.mu.Unlock()
	}
	return nil
}
