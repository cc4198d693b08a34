// Package flight lets one process at a time do a thing, and hands what came of it to those that waited.
//
// It goes to them through a socket beside the lock, not through a store: one that can't be written, or none at all, costs
// no second call. Where there can be no socket they lead in turn, and each looks into the store first.
package flight

import (
	"context"
	"os"
	"time"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

const (
	// lanes is how many locks an id has. A holder that is stopped (Ctrl-Z of a Terraform run) keeps its lock and does
	// nothing: it is passed over, and the others meet at the next one.
	lanes = 3

	// maxCall bounds a call whose ctx has no deadline: a lock is never held across an unbounded one.
	maxCall = time.Minute
)

// Group is where the processes of one user meet.
type Group struct {
	Dirs paths.Dirs // OpenRun gives the directory for locks and sockets
	Now  func() time.Time
	Log  func(format string, args ...any) // for --verbose; called by Do's own goroutine alone; nil is allowed
}

// Do runs work, unless another process (or goroutine) runs it for the same id at this moment: then it waits for that one
// and returns what it got, the value or the failure. led tells that this call ran work.
//
// id is 32 lower-case hex digits. work gets ctx, with a deadline of 60 s where it has none, and is given 250 ms after its
// end; then it is left behind: it goes on by itself, the lock is free, and what it returns is dropped. again tells work that
// another process may have got the value after since, the moment when the caller looked for it in vain: it should look once
// more. A value of no bytes is for this call alone. Panics of work come out of Do.
//
// A failure of work with the code Refused, Unreachable or LoginNeeded is handed to those that wait and kept for 5 s, for
// all that come: they get it, with that said in its message, and work is not run. Not so where ctx ended, and other codes
// come of one process's own settings: those that wait then try for themselves.
//
// Where ctx ends while another process is waited for, or less than 500 ms before that the other ends without a result, the
// error is an Unreachable *problem.Error that names it; of a ctx that was cancelled, Failure. Whatever else keeps processes
// from meeting is for Log: work runs all the same.
func (g *Group) Do(ctx context.Context, id string, since time.Time, work Work) (value []byte, led bool, err error) {
	if !validID(id) {
		return nil, false, problem.New(problem.Failure, "%q is no id to meet at: it must be 32 lower-case hex digits", problem.Cut(id, 64))
	}
	if _, limited := ctx.Deadline(); !limited {
		limited, cancel := context.WithTimeout(ctx, maxCall)
		defer cancel()
		ctx = limited
	}
	dir, path, err := g.Dirs.OpenRun()
	if err != nil {
		g.log("no other process is waited for: %v", err)
		return run(ctx, work, true).give()
	}
	defer dir.Close()
	f := &flight{Group: g, id: id, dir: dir, path: path, work: work, since: since, start: g.Now()}
	for n := range lanes {
		if o, done := f.lane(n).take(ctx); done {
			return o.give()
		}
	}
	g.log("no other process is waited for any longer")
	return f.attempt(ctx, true).give()
}

// Work gets a value. again tells it to look for one that is there already.
type Work func(ctx context.Context, again bool) ([]byte, error)

func (g *Group) log(format string, args ...any) {
	if g.Log != nil {
		g.Log(format, args...)
	}
}

// flight is one call of Do.
type flight struct {
	*Group
	id    string
	dir   *os.Root
	path  string // of dir
	work  Work
	since time.Time
	start time.Time
}

// attempt runs work, unless it failed a moment ago, and keeps or forgets what the next ones need to know of that.
func (f *flight) attempt(ctx context.Context, again bool) outcome {
	if kept := f.kept(); kept != nil {
		return outcome{err: kept.problem(), shared: kept}
	}
	o := run(ctx, f.work, again)
	if o.err == nil {
		f.forget()
		return o
	}
	if o.shared = shareable(ctx, o.err); o.shared != nil {
		f.keep(o.shared)
	}
	return o
}

func validID(id string) bool {
	for _, c := range []byte(id) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(id) == 32
}
