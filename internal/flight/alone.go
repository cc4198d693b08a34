package flight

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// Alone runs f while no other process of this user runs one of the same name: what has only one of its kind here, a terminal.
// It waits for its turn until ctx ends, which is a LoginNeeded *problem.Error; where nobody can meet, it does not wait.
func (g *Group) Alone(ctx context.Context, name string, f func() (string, error)) (string, error) {
	dir, path, err := g.Dirs.OpenRun()
	if err != nil {
		g.log("no other process is waited for: %v", err)
		return f()
	}
	dir.Close()
	l := flock.New(filepath.Join(path, name+".lock"), flock.SetFlag(os.O_CREATE|paths.OpenFlags))
	got, err := l.TryLock()
	if !got && err == nil {
		got, err = l.TryLockContext(ctx, 50*time.Millisecond)
	}
	switch {
	case got:
		defer l.Unlock() // the file stays: who deletes it would let two hold "the" lock
	case ctx.Err() != nil:
		return "", problem.New(problem.LoginNeeded, "another process asks here already, and nobody answered it").Because(ctx.Err())
	default:
		g.log("no other process is waited for: %v", err)
	}
	return f()
}
