package flight

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// How often the lock is tried where nobody can tell when it will be free: at first and at last.
const (
	minPause = 5 * time.Millisecond
	maxPause = 25 * time.Millisecond
)

// worthwhile is how much time one that has waited must have left to try for itself: a call to STS takes about as long. With
// less, each of those whose time runs out soon after the leader's would make one more call that it can't wait for.
const worthwhile = 500 * time.Millisecond

// lane is a lock and a socket beside it. The lock file is never deleted: two processes could hold "the" lock then.
type lane struct {
	*flight
	lock     *flock.Flock
	lockName string
	sockName string // short: a socket's path has room for 104 bytes (108 on Linux)
	waited   bool   // here or in another lane
	spokeTo  int    // the process that was at the other end of the socket, 0 where that is unknown
	named    string // whom Log has named last
}

func (f *flight) lane(n int) *lane {
	number := ""
	if n > 0 {
		number = "." + strconv.Itoa(n)
	}
	l := &lane{flight: f, lockName: f.id + number + ".lock", sockName: f.id[:16] + number + ".sock", waited: n > 0}
	l.lock = flock.New(filepath.Join(f.path, l.lockName), flock.SetFlag(os.O_CREATE|paths.OpenFlags))
	return l
}

// take leads, or waits for the one that does. It is not done where the holder gives no sign of life for 2 s; and where
// there is no socket, so that none can be told from work, after half of the time that is left.
func (l *lane) take(ctx context.Context) (o outcome, done bool) {
	patience := l.halfway(ctx)
	for pause := minPause; ; pause = min(pause*3/2, maxPause) {
		got, err := l.lock.TryLock()
		if err != nil {
			l.log("no other process is waited for: %v", err)
			return l.attempt(ctx, true), true
		}
		if got {
			return l.lead(ctx), true
		}
		l.waited = true
		before := l.spokeTo
		switch a := l.ask(ctx); a.kind {
		case isValue, isFailure:
			l.log("%s handed over its result", l.who())
			return a.outcome, true
		case isSilent:
			l.log("%s gives no sign of life and is passed over", l.who())
			return outcome{}, false
		case isGone:
			if ctx.Err() == nil && l.left(ctx) < worthwhile {
				return outcome{err: l.tooLate()}, true
			}
			if l.spokeTo != before { // it will not tell the same again and again
				patience = l.halfway(ctx)
			}
		case isAbsent:
			l.nameHolder()
		}
		select {
		case <-ctx.Done():
			return outcome{err: l.waitedInVain(ctx)}, true
		case <-time.After(pause):
		}
		if l.Now().After(patience) {
			l.log("%s has had half of the time and is passed over", l.who())
			return outcome{}, false
		}
	}
}

func (l *lane) lead(ctx context.Context) (o outcome) {
	defer func() {
		if err := l.lock.Unlock(); err != nil {
			l.log("%v", err)
		}
	}()
	again := l.usedSince()
	l.sign()
	defer l.markUse()
	if s := l.listen(); s != nil {
		defer func() { // of a panic the others hear nothing
			if n := s.finish(o.frame()); n > 0 {
				l.log("handed it to %d that waited", n)
			}
		}()
	}
	return l.attempt(ctx, again)
}

// left is the time until the deadline of ctx. Do makes sure that there is one.
func (l *lane) left(ctx context.Context) time.Duration {
	deadline, _ := ctx.Deadline()
	return deadline.Sub(l.Now())
}

// halfway is the time between now and the deadline of ctx.
func (l *lane) halfway(ctx context.Context) time.Time {
	return l.Now().Add(l.left(ctx) / 2)
}

// usedSince tells whether anybody may have led since the caller looked.
func (l *lane) usedSince() bool {
	info, err := l.dir.Lstat(l.lockName)
	return l.waited || err != nil || !info.ModTime().Before(l.since)
}

// markUse is for usedSince, by the clock that since was told by. Where it can't, a call more is made at worst.
func (l *lane) markUse() {
	now := l.Now()
	l.dir.Chtimes(l.lockName, now, now)
}

// sign writes into the lock file who holds it. On Windows the lock is on the file's content: there it stays unsigned.
func (l *lane) sign() {
	f, err := l.dir.OpenFile(l.lockName, os.O_WRONLY|paths.OpenFlags, 0)
	if err != nil {
		return
	}
	defer f.Close()
	fmt.Fprintf(f, "%-10d\n", os.Getpid()) // one length, so that nothing of another is left
}

// signed is the process that the lock file names, 0 if none. It may live on another machine (a home on NFS) or in another
// container: good enough to be named, not to be killed.
func (l *lane) signed() int {
	f, err := l.dir.OpenFile(l.lockName, paths.OpenFlags, 0)
	if err != nil {
		return 0
	}
	defer f.Close()
	data, _, err := paths.ReadOpened(f, 32)
	if err != nil {
		return 0
	}
	pid, err := strconv.ParseUint(strings.TrimSpace(string(data)), 10, 31)
	if err != nil {
		return 0
	}
	return int(pid)
}

func (l *lane) who() string {
	pid := l.spokeTo
	if pid == 0 {
		pid = l.signed()
	}
	switch pid {
	case 0:
		return "another process"
	case os.Getpid():
		return "this process"
	}
	return fmt.Sprintf("process %d", pid)
}

func (l *lane) nameHolder() {
	if l.Log == nil {
		return
	}
	if who := l.who(); who != l.named {
		l.named = who
		l.Log("waiting for %s, which is getting these credentials", who)
	}
}

// waitedInVain is about one that lives, has a deadline of its own, and waits for AWS: a stopped one would have been passed over.
func (l *lane) waitedInVain(ctx context.Context) *problem.Error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return problem.New(problem.Failure, "interrupted while waiting for %s, which is getting these credentials", l.who()).Because(ctx.Err())
	}
	return l.late("is still getting these credentials after %s of waiting").Because(ctx.Err())
}

// tooLate is about one that died or ran out of time itself.
func (l *lane) tooLate() *problem.Error {
	return l.late("has ended without these credentials, and after %s of waiting there is no time to ask AWS again")
}

func (l *lane) late(format string) *problem.Error {
	return problem.New(problem.Unreachable, "%s "+format, l.who(), l.Now().Sub(l.start).Round(time.Second)).
		WithHint("look at the network, HTTPS_PROXY and NO_PROXY; WHICHROLE_TIMEOUT=30s waits longer")
}
