package broker

import (
	"context"
	"sync"
	"time"

	"whichrole/internal/credcache"
	"whichrole/internal/problem"
	"whichrole/internal/survey"
)

// Trial is one role of an environment, and whether its credentials can be had.
type Trial struct {
	survey.Role
	Environment string
	Left        time.Duration // for how long they are good; 0: without an end
	Cached      bool          // they were there already
	Err         error
	Untried     string // why nothing was tried, in words
}

// atOnce is how many roles are tried at a time: AWS throttles who asks for hundreds.
const atOnce = 8

// Live tries each role of a checked map through its chain, as a helper's call would, but asks nobody. Environments whose
// roles have variables are tried for the root modules that there are and, where only the account varies, for each account.
// Each has the broker's Timeout, and once a whole round has found nobody there, the others are left. A map that is not trusted
// is not obeyed here either. progress may be nil.
func (b *Broker) Live(ctx context.Context, r Request, c *Checked, progress func(done, all int)) ([]Trial, error) {
	d := c.Decision
	if d.Trust.How == "" {
		return nil, d.Trust.Allows(nil, "")
	}
	cache, err := b.openCache(d.User.Cache)()
	if err != nil {
		return nil, err
	}
	p := &schedule{b: b, r: r, d: d, seen: map[string]int{}}
	p.make(c)
	l := &live{b: b, cache: cache, all: len(p.trials), progress: progress}
	turns := make(chan struct{}, atOnce)
	var running sync.WaitGroup
	for i := range p.trials {
		turns <- struct{}{}
		running.Go(func() {
			l.run(ctx, &p.trials[i])
			<-turns
		})
	}
	running.Wait()
	list := make([]Trial, 0, len(p.trials))
	for _, t := range p.trials {
		list = append(list, t.Trial)
	}
	return list, nil
}

// live is what the trials have in common.
type live struct {
	b        *Broker
	cache    *credcache.Cache
	all      int
	progress func(done, all int)

	mu     sync.Mutex
	done   int
	silent int // trials that came to nothing because nobody answered, before any other came to an end
}

func (l *live) run(ctx context.Context, t *trial) {
	l.mu.Lock()
	if t.Untried == "" && l.silent >= atOnce {
		t.Untried = "AWS did not answer"
	}
	l.mu.Unlock()
	if t.Untried == "" {
		t.Err = l.b.try(ctx, l.cache, t)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case t.Untried != "":
	case problem.CodeOf(t.Err) == problem.Unreachable:
		l.silent++
	default:
		l.silent = -l.all // somebody answers: what fails does so by itself
	}
	if l.done++; l.progress != nil {
		l.progress(l.done, l.all)
	}
}

// try is one role's way through the cache, its source and STS.
func (b *Broker) try(ctx context.Context, cache *credcache.Cache, t *trial) (err error) {
	d := t.d
	if d.Grant, err = d.Map.Grant(d.Target); err != nil {
		return err
	}
	if err := d.Trust.Allows([]string{d.Grant.Environment}, d.Grant.AccountName); err != nil {
		return err
	}
	first, err := b.Source(d)
	if err != nil {
		return err
	}
	w := &walk{Broker: b, cache: cache, grant: d.Grant, first: first}
	ctx, cancel := w.limit(ctx)
	defer cancel()
	return w.withLogin(w.attempt(ctx, t), t.r, d)
}

// attempt looks into the cache first, to tell what was there from what AWS gave now.
func (w *walk) attempt(ctx context.Context, t *trial) error {
	if len(w.grant.Hops) > 0 {
		e, freshness, _ := w.cache.Get(ctx, w.want(w.grant, w.first, w.session(w.grant, w.first)))
		if freshness == credcache.Fresh {
			t.Cached, t.Left = true, credcache.Printed(e.Credentials.Expires).Sub(w.Now())
			return nil
		}
	}
	handed, err := w.hand(ctx)
	if err == nil && !handed.Expiration.IsZero() {
		t.Left = handed.Expiration.Sub(w.Now())
	}
	return err
}
