package endpoint

import (
	"context"
	"sync"
	"time"

	"whichrole/internal/creds"
	"whichrole/internal/problem"
)

const (
	// again is how long after a failure the next try is made; the broker's own cool-down is as long.
	again = 5 * time.Second

	// seldom is how long after one that is made in the background, where nobody waits.
	seldom = time.Minute
)

// held is the credentials that are served, and what keeps them fresh.
type held struct {
	renew Source
	now   func() time.Time
	log   func(format string, args ...any)
	ctx   context.Context // of the server; ends with it

	mu         sync.Mutex
	c          creds.Credentials
	expiration time.Time     // that SDKs are told
	due        time.Time     // when they are renewed
	failure    error         // of the last try; nil after a success
	failed     time.Time     // when that was
	trying     chan struct{} // is closed when the try that is under way has ended; nil where none is
}

// take puts credentials in the place of those that are held, if they are the newer ones, and says when the next ones are due:
// when half of what is left is over. That is so for the same ones as well: the cache that they come from gives others only
// nearer to their end.
func (h *held) take(c creds.Credentials, expiration time.Time) error {
	if !c.IsSession() || c.Expires.IsZero() || expiration.IsZero() {
		return problem.New(problem.Usage, "the credentials have no end: SDKs take only a role's or a session's from an endpoint").
			WithHint("leave --server out, or give the environment a role_arn")
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.clock()
	switch {
	case !expiration.After(now):
		return problem.New(problem.Unreachable, "the credentials have ended already").WithHint("try again")
	case h.c.AccountID != "" && h.c.AccountID != c.AccountID: // what runs must not find itself in another account halfway
		return problem.New(problem.Refused, "the new credentials belong to account %s, those before to %s", c.AccountID, h.c.AccountID).
			WithHint("start the command again")
	case expiration.After(h.expiration):
		h.c, h.expiration = c, expiration
	}
	h.failure, h.due = nil, now.Add(h.c.Expires.Sub(now)/2)
	return nil
}

// clock is the wall clock alone: Go compares by its other one, which stands still while the machine sleeps, where both are there.
func (h *held) clock() time.Time { return h.now().Round(0) }

// rested tells whether that much time has gone by since a try failed. A clock that was put back holds nobody up.
func (h *held) rested(now time.Time, pause time.Duration) bool {
	return h.failure == nil || now.Sub(h.failed) >= pause || now.Before(h.failed)
}

// current is what may be served now: never what has ended.
func (h *held) current() (c creds.Credentials, expiration time.Time, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.c, h.expiration, h.expiration.After(h.clock())
}

// keep renews in the background until the server ends. What has ended nevertheless is left to who asks for it: a machine that
// nobody uses over the weekend would otherwise fail once a minute.
func (h *held) keep(every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-h.ctx.Done():
			return
		}
		if h.wants() {
			h.try()
		}
	}
}

// wants tells whether the background should try now. After a failure it waits the shorter, the nearer the end.
func (h *held) wants() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.clock()
	left := h.expiration.Sub(now)
	return h.trying == nil && left > 0 && now.After(h.due) && h.rested(now, min(seldom, max(again, left/4)))
}

// fresh is current, after a try where that is nothing. It waits for the try until ctx ends; err says why there is nothing.
func (h *held) fresh(ctx context.Context) (c creds.Credentials, expiration time.Time, err error) {
	c, expiration, ok := h.current()
	if ok {
		return c, expiration, nil
	}
	if h.mayTry() {
		select {
		case <-h.try():
		case <-ctx.Done():
		}
	}
	if c, expiration, ok = h.current(); ok {
		return c, expiration, nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.failure == nil {
		return c, expiration, problem.New(problem.Unreachable, "the credentials have ended, and new ones are still being fetched").WithHint("try again")
	}
	return c, expiration, h.failure
}

// mayTry is false just after a failure: every SDK asks several times.
func (h *held) mayTry() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.trying != nil || h.rested(h.clock(), again)
}

// try asks the source, once for all that wait. What it returns is closed at the try's end.
func (h *held) try() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.trying == nil {
		ended := make(chan struct{})
		h.trying = ended
		go func() {
			h.once()
			h.mu.Lock()
			h.trying = nil
			h.mu.Unlock()
			close(ended)
		}()
	}
	return h.trying
}

func (h *held) once() {
	c, expiration, err := h.renew(h.ctx)
	if err == nil {
		err = h.take(c, expiration)
	}
	if err == nil {
		_, until, _ := h.current()
		h.log("endpoint: holds credentials until %s", until.UTC().Format(time.RFC3339))
		return
	}
	if h.ctx.Err() != nil { // nobody is served any more
		return
	}
	h.log("endpoint: the credentials cannot be renewed: %v", err)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.failure, h.failed = err, h.clock()
}
