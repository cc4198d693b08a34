package broker

import (
	"context"
	"errors"
	"strings"
	"time"

	"whichrole/internal/assume"
	"whichrole/internal/child"
	"whichrole/internal/credcache"
	"whichrole/internal/creds"
	"whichrole/internal/partition"
	"whichrole/internal/problem"
)

// Ask puts a question to a person and gives six digits.
type Ask func(ctx context.Context, question string) (string, error)

// Person is how a person may be asked for a code. A nil Ask is a way that is closed here.
type Person struct {
	Terminal Ask
	Dialog   Ask
}

const (
	// withPerson is how long a call takes at most in which a person is asked: the AWS SDK for Go kills its helper at 60 s.
	withPerson = 50 * time.Second

	codes = 3 // that are asked for, where AWS does not take them
)

// asker is who may be asked during a call of an SDK: nobody, unless the user's file allows it and the source wants a code.
func (b *Broker) asker(prompt string, first First) Ask {
	if first.Choice == nil || first.MFA == nil {
		return nil
	}
	switch prompt {
	case "tty":
		return b.Person.Terminal
	case "dialog":
		return b.Person.Dialog
	}
	return nil
}

// terminal tells whether another program may ask on the terminal during a call of an SDK.
func (b *Broker) terminal(prompt string) bool { return prompt == "tty" && b.Person.Terminal != nil }

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
		code, err := w.code(ctx, try)
		if err != nil {
			return nil, err
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

// code is the device's: from the program that the AWS config names, else from a person.
func (w *walk) code(ctx context.Context, try int) (string, error) {
	mfa := w.first.MFA
	if mfa.Process != "" {
		return w.processCode(ctx)
	}
	if w.ask == nil {
		return "", problem.New(problem.LoginNeeded, "%s needs a code of the MFA device %s", w.first.Entry, mfa.Serial)
	}
	question := "MFA code of " + mfa.Serial + " for " + w.first.Entry.String()
	if try > 1 {
		question = "AWS did not take that code; wait for the next one. " + question
	}
	return w.ask(ctx, question)
}

func (w *walk) processCode(ctx context.Context) (string, error) {
	out, err := child.Run(ctx, child.Command{Line: w.first.MFA.Process, Env: w.Env, Terminal: w.terminal})
	code := strings.TrimSpace(string(out))
	if err == nil && (len(code) != 6 || strings.Trim(code, "0123456789") != "") {
		err = errors.New("it printed something else than six digits")
	}
	if err != nil {
		return "", problem.New(problem.LoginNeeded, "mfa_process of %s gave no code: %v", w.first.Entry, err).WithHint("run it by hand: it stands in %s", w.first.MFA.Where)
	}
	return code, nil
}

// withLogin adds the command that mends a missing login, as it can be pasted anywhere.
func (b *Broker) withLogin(err error, r Request, first First) error {
	p, ok := errors.AsType[*problem.Error](err)
	if !ok || p.Code != problem.LoginNeeded || first.Choice == nil || first.Login == "" || p.Hint != "" && !strings.HasPrefix(p.Hint, "whichrole login") {
		return err
	}
	line := "whichrole -C " + problem.Quote(r.Dir)
	if r.MapFlag != "" {
		line += " --map " + problem.Quote(r.MapFlag)
	}
	if r.Environment != "" {
		line += " --env " + problem.Quote(r.Environment)
	}
	return p.WithHint("%s login", line)
}
