package flight

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

const (
	coolDown     = 5 * time.Second
	failedSuffix = ".failed"
	maxText      = 4 << 10 // of a failure's message and of its hint, in bytes

	// timerSlack is how much earlier than ctx a connection can notice that ctx's deadline has passed: it has a timer of its
	// own for it.
	timerSlack = 20 * time.Millisecond
)

// failure is a failure of work as others get it: through the socket, and for a while in <id>.failed.
type failure struct {
	Time    time.Time    `json:"time"`
	Code    problem.Code `json:"code"`
	Message string       `json:"message"`
	Hint    string       `json:"hint,omitempty"`
}

func (f *failure) problem() *problem.Error {
	return &problem.Error{Code: f.Code, Message: f.Message, Hint: f.Hint}
}

// forOthers tells which failures are no matter of one process's own settings.
func forOthers(code problem.Code) bool {
	return code == problem.Refused || code == problem.Unreachable || code == problem.LoginNeeded
}

// shareable is err as others may have it, or nil: what came of the end of this call's own ctx says nothing about theirs.
func shareable(ctx context.Context, err error) *failure {
	p, ok := errors.AsType[*problem.Error](err)
	if !ok || !forOthers(p.Code) {
		return nil
	}
	if p.Code == problem.Unreachable {
		select {
		case <-ctx.Done():
		case <-time.After(timerSlack):
		}
	}
	if ctx.Err() != nil {
		return nil
	}
	return &failure{Code: p.Code, Message: problem.Cut(p.Message, maxText), Hint: problem.Cut(p.Hint, maxText)}
}

// decodeFailure is nil for what is no failure that somebody shared.
func decodeFailure(data []byte) *failure {
	var f failure
	if err := json.Unmarshal(data, &f); err != nil || !forOthers(f.Code) || f.Message == "" {
		return nil
	}
	f.Message, f.Hint = problem.Cut(f.Message, maxText), problem.Cut(f.Hint, maxText)
	return &f
}

// kept is the failure of the last 5 s, nil if there is none. One from the future is none: the clock was set back.
func (f *flight) kept() *failure {
	opened, err := f.dir.OpenFile(f.id+failedSuffix, paths.OpenFlags, 0)
	if err != nil {
		return nil
	}
	defer opened.Close()
	data, _, err := paths.ReadOpened(opened, maxFrame)
	if err != nil {
		return nil
	}
	kept := decodeFailure(data)
	if kept == nil {
		return nil
	}
	age := f.Now().Sub(kept.Time)
	if age < 0 || age >= coolDown {
		return nil
	}
	if kept.Code == problem.LoginNeeded { // nobody was asked anything, and a login lifts it
		return kept
	}
	age = age.Truncate(time.Second)
	kept.Message += fmt.Sprintf(" (that was %s ago; asked again in %s, or after: whichrole cache clear --expired)", age, coolDown-age)
	return kept
}

// keep replaces in one step. A process that dies in between leaves a small file, which keystore's file store sweeps if it is in
// use.
func (f *flight) keep(what *failure) {
	what.Time = f.Now().UTC()
	data, err := json.Marshal(what)
	temp := ".new-" + rand.Text()
	if err == nil {
		err = f.dir.WriteFile(temp, data, 0o600)
	}
	if err == nil {
		err = f.dir.Rename(temp, f.id+failedSuffix)
	}
	if err != nil {
		f.dir.Remove(temp)
		f.log("the failure is not kept for others: %v", err)
	}
}

// forget leaves nothing that would keep the next one from asking. An error is none: within 5 s it is over anyway.
func (f *flight) forget() { f.dir.Remove(f.id + failedSuffix) }

// Lift ends all cool-downs. The error is one of package os; of the files that could not be removed, the first.
func (g *Group) Lift() error {
	dir, _, err := g.Dirs.OpenRun()
	if err != nil {
		return nil // where nobody can meet, nothing is kept
	}
	defer dir.Close()
	names, err := fs.Glob(dir.FS(), "*"+failedSuffix)
	for _, name := range names {
		if !validID(strings.TrimSuffix(name, failedSuffix)) {
			continue
		}
		if failed := dir.Remove(name); err == nil && !errors.Is(failed, os.ErrNotExist) {
			err = failed
		}
	}
	return err
}
