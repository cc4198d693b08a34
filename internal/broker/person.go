package broker

import (
	"context"
	"errors"
	"maps"
	"runtime"
	"slices"
	"strings"
	"time"

	"whichrole/internal/assume"
	"whichrole/internal/credcache"
	"whichrole/internal/creds"
	"whichrole/internal/keystore"
	"whichrole/internal/partition"
	"whichrole/internal/problem"
)

// Ask puts a question to a person and gives six digits.
type Ask func(ctx context.Context, question string) (string, error)

// Person tells how a person may be asked for a code here and now: each is nil where nobody would see the question. Both are
// nil functions where the user wants no questions.
type Person struct {
	Terminal func() Ask
	Dialog   func() Ask
	Place    string // which terminal that is: one question at a time stands there
}

const (
	// withPerson is how long a call takes at most in which a person is asked: the AWS SDK for Go kills its helper at 60 s.
	withPerson = 50 * time.Second

	// forAnswer is what is left for AWS after an answer in the last moment.
	forAnswer = 5 * time.Second

	codes = 3 // that are asked for, where AWS does not take them
)

func open(way func() Ask) Ask {
	if way == nil {
		return nil
	}
	return way()
}

// invite finds out who may be asked during a call of an SDK: nobody, unless the user's file allows it.
func (w *walk) invite(prompt string) {
	c := w.first.Choice
	program := c.Process != nil || c.MFA != nil && c.MFA.Process != ""
	switch {
	case prompt == "tty" && program:
		w.terminal = open(w.Person.Terminal) != nil
	case prompt == "tty" && c.MFA != nil:
		w.ask = open(w.Person.Terminal)
	case prompt == "dialog" && c.MFA != nil && !program:
		w.ask = open(w.Person.Dialog)
	}
}

// apart has those who may ask a person wait apart from those who may not: these fail at once, and that is no failure of theirs.
func (w *walk) apart(want credcache.Want) credcache.Want {
	if w.mayAsk() {
		want.Way += "\nasks"
	}
	return want
}

// mfaSession is the session that one code gets, for all roles and all environments.
func (w *walk) mfaSession(ctx context.Context) (assume.Start, error) {
	entry, err := w.cache.Do(ctx, w.apart(w.wantMFA()), w.mintMFA)
	if err != nil {
		return assume.Start{}, err
	}
	return assume.Start{Signer: w.first.Description, Credentials: entry.Credentials}, nil
}

// wantMFA does not depend on a region: the session is good in all of the partition.
func (w *walk) wantMFA() credcache.Want {
	want := w.wantSource(w.first.StartIdentity, session{Endpoint: w.first.Settings.STSEndpoint})
	want.Label, want.ToTheEnd = "MFA session of "+w.first.MFA.Serial, true
	return want
}

func (w *walk) mintMFA(ctx context.Context) (*credcache.Entry, error) {
	base, err := w.retrieve(ctx)
	if err != nil {
		return nil, err
	}
	mfa := w.first.MFA
	for try := 1; ; try++ {
		code, kept, err := w.code(ctx, try)
		if err != nil || kept != nil {
			return kept, err
		}
		session, err := w.sessionToken(ctx, w.startOf(base), code)
		if errors.Is(err, assume.ErrWrongCode) && w.ask != nil && try < codes {
			w.Log("AWS did not take the code")
			continue
		}
		if err != nil {
			return nil, err
		}
		w.Log("got an MFA session with %s", mfa.Serial)
		return &credcache.Entry{Credentials: session}, nil
	}
}

func (w *walk) sessionToken(ctx context.Context, start assume.Start, code string) (session creds.Credentials, err error) {
	ctx, cancel := w.step(ctx)
	defer cancel()
	mfa := w.first.MFA
	return w.client(w.sts(partition.OfARN(mfa.Serial), "", w.first.Choice)).SessionToken(ctx, start,
		assume.MFA{Serial: mfa.Serial, Code: code, Duration: mfa.Duration})
}

// code is the device's: from the program that the AWS config names, else from a person. Where somebody answered another process
// while this one waited for its turn to ask, it is the session that came of that instead.
func (w *walk) code(ctx context.Context, try int) (code string, kept *credcache.Entry, err error) {
	mfa := w.first.MFA
	if mfa.Process != "" {
		outside := w.outside()
		outside.Terminal = w.terminal
		code, err = mfa.Code(ctx, outside)
		return code, nil, err
	}
	if w.ask == nil {
		return "", nil, problem.New(problem.LoginNeeded, "%s needs a code of the MFA device %s", w.first.Entry, mfa.Serial)
	}
	question := "MFA code of " + mfa.Serial + " for " + w.first.Entry.String()
	if try > 1 {
		question = "AWS did not take that code; wait for the next one. " + question
	}
	if end, limited := ctx.Deadline(); limited { // that nobody answered is then a failure for all that wait, and not our own
		answered, cancel := context.WithDeadline(ctx, end.Add(-forAnswer))
		defer cancel()
		ctx = answered
	}
	code, err = w.cache.Flight.Alone(ctx, "question-"+w.Person.Place, func() (string, error) {
		if w.grant != nil { // a login is asked for in any case
			if e, freshness, _ := w.cache.Get(ctx, w.wantMFA()); freshness == credcache.Fresh {
				kept = e
				return "", nil
			}
		}
		return w.ask(ctx, question)
	})
	return code, kept, err
}

// withLogin adds the command that mends a missing login, as it can be pasted anywhere.
func (w *walk) withLogin(err error, r Request, d *Decision) error {
	p, ok := errors.AsType[*problem.Error](err)
	if !ok || p.Code != problem.LoginNeeded || w.first.Login == "" || p.Hint != "" && !strings.HasPrefix(p.Hint, "whichrole login") {
		return err
	}
	if choice, _ := w.cacheChoice(d.User.Cache); choice == keystore.None && w.first.MFA != nil {
		return p.WithHint("the cache is switched off, so no login can be kept: %s", w.nothingKept(d))
	}
	return p.WithHint("%s", LoginCommand(r, d))
}

// nothingKept is what to do where the user switched the cache off and a person's code is wanted.
func (b *Broker) nothingKept(d *Decision) string {
	where := "WHICHROLE_CACHE"
	if b.Env[where] == "" {
		where = "cache in " + d.User.Path
	}
	return "change " + where + ", or set mfa_process in the AWS config file"
}

// LoginCommand is the line that logs in to the source of a decision: with all that it was decided by.
func LoginCommand(r Request, d *Decision) string {
	words := []string{"whichrole", "-C", problem.Quote(r.Dir)}
	add := func(flag, value string) {
		if strings.HasPrefix(value, "-") { // it would be taken for a flag
			words = append(words, flag+"="+problem.Quote(value))
			return
		}
		words = append(words, flag, problem.Quote(value))
	}
	switch {
	case r.MapFlag != "":
		add("--map", r.MapFlag)
	case r.MapVariable != "" && runtime.GOOS != "windows": // the flag would approve it
		words = append([]string{"WHICHROLE_MAP=" + problem.Quote(r.MapVariable)}, words...)
	}
	if r.Environment != "" || r.EnvironmentVariable != "" {
		add("--env", d.Grant.Environment)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Set)) {
		add("--set", name+"="+r.Set[name])
	}
	if r.Workspace != "" || strings.HasSuffix(d.WorkspaceFrom, "WORKSPACE") { // a variable; files are there for the next one, too
		add("--workspace", d.Target.Workspace)
	}
	if r.Operation != "" {
		add("--operation", r.Operation)
	}
	return strings.Join(append(words, "login"), " ")
}
