package sso

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// errBusy is the error of a lock that somebody holds and the caller does not wait for.
var errBusy = errors.New("another process is at it")

// lock is held while a token is exchanged for the next one: the one that is used up may be good for a single use. The AWS CLI
// knows no lock. With wait it is bounded by the context alone; without, it fails with errBusy. Where there is no place for
// a lock we go on without one. The file is never deleted: two processes could hold "the" lock then.
func (c *Client) lock(ctx context.Context, wait bool) (unlock func(), err error) {
	if c.Locks == "" {
		c.log("there is no directory for a lock: no other process is waited for")
		return func() {}, nil
	}
	name := sha256.Sum256([]byte(c.tokenPath()))
	l := flock.New(filepath.Join(c.Locks, "sso-"+hex.EncodeToString(name[:16])+".lock"), flock.SetFlag(os.O_CREATE|paths.OpenFlags))
	got, err := l.TryLock()
	if !got && err == nil && wait {
		c.log("waiting for another process, which is refreshing the login to %s", c.Session)
		got, err = l.TryLockContext(ctx, 25*time.Millisecond)
		if ctx.Err() != nil && !got {
			return nil, c.interrupted(ctx, "wait for another process, which is refreshing the login to "+c.Session.String())
		}
	}
	switch {
	case err != nil:
		c.log("no other process is waited for: %v", err)
		return func() {}, nil
	case !got:
		return nil, errBusy
	}
	return func() {
		if err := l.Unlock(); err != nil {
			c.log("%v", err)
		}
	}, nil
}

// quiet is the lock for what does not exchange the token itself: it goes on without where it would wait for long.
func (c *Client) quiet(ctx context.Context) (unlock func()) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	unlock, err := c.lock(ctx, true)
	if err != nil {
		return func() {}
	}
	return unlock
}

// interrupted words the end of the context.
func (c *Client) interrupted(ctx context.Context, what string) *problem.Error {
	if ctx.Err() == context.Canceled {
		return problem.New(problem.Failure, "cannot %s: interrupted", what).Because(context.Canceled)
	}
	return problem.New(problem.Unreachable, "cannot %s any longer", what).
		WithHint("look at the network, HTTPS_PROXY and NO_PROXY; WHICHROLE_TIMEOUT waits longer").Because(context.DeadlineExceeded)
}
