package broker

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"whichrole/internal/assume"
	"whichrole/internal/flight"
	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
	"whichrole/internal/survey"
)

// Whose asks AWS whose the credentials are that were handed out: the account (12 digits) and the ARN.
func (b *Broker) Whose(ctx context.Context, h *Handed) (account, arn string, err error) {
	ctx, cancel := context.WithTimeout(ctx, b.Timeout)
	defer cancel()
	whose := cmp.Or(h.Decision.Grant.RoleARN(), h.First.Description)
	return b.client(b.session(h.Decision.Grant, h.First)).Identity(ctx, assume.Start{Signer: whose, Credentials: h.Credentials})
}

// Alone runs f while no other process of this user does what has that name, and waits for its turn.
func (b *Broker) Alone(ctx context.Context, name string, f func() error) error {
	started := false
	_, err := (&flight.Group{Dirs: b.Dirs, Now: b.Now, Log: b.Log}).Alone(ctx, name, func() (string, error) {
		started = true
		return "", f()
	})
	if err != nil && !started {
		return problem.New(problem.Failure, "another whichrole does the same and does not end").WithHint("try again").Because(err)
	}
	return err
}

// MapRegion is the region that a trusted map gives this directory or, where that has no environment, the one that all environments
// have that name one. "" for none.
func (b *Broker) MapRegion(r Request) (region string) {
	d, err := b.Decide(r)
	if err == nil {
		return d.Grant.Region
	}
	if !errors.Is(err, problem.ErrNowhere) || d.Map == nil { // one that is not trusted is another failure
		return ""
	}
	for _, e := range d.Map.Entries() {
		switch {
		case rolemap.CheckRegion(e.Region, "") != nil || d.Trust.Allows([]string{e.Name}, "") != nil: // it has none, or a variable
		case region != "" && region != e.Region:
			return ""
		default:
			region = e.Region
		}
	}
	return region
}

// Fixed is an environment whose role depends on no directory, by itself or for that entry of the map's accounts.
type Fixed struct {
	Environment string
	Account     string // a name in accounts, "" where the environment needs none
	Region      string // the map's, "" for none
}

// Unfixed is an environment of which only a directory says whose role it is.
type Unfixed struct{ Environment, Why string }

// Fixed lists the environments of a trusted map that -e chooses anywhere in its repository: those without captures, and for each of
// accounts those in which only the account varies. An account that the map does not know is a *problem.Error of code Usage.
func (b *Broker) Fixed(r Request, accounts []string) (list []Fixed, left []Unfixed, err error) {
	d, err := b.Examine(r)
	if err != nil {
		return nil, nil, err
	}
	if d.Trust.How == "" {
		return nil, nil, d.Trust.Allows(nil, "")
	}
	for _, name := range accounts {
		if _, known := d.Map.Accounts()[name]; !known {
			return nil, nil, noAccount(name, d)
		}
	}
	for _, e := range d.Map.Entries() {
		names := []string{""}
		switch varies := onlyAccount(e); {
		case varies && len(accounts) > 0:
			names = accounts
		case varies:
			left = append(left, Unfixed{e.Name, "it needs an account: whichrole setup --per-env --accounts NAME,…"})
			continue
		case len(variables(e)) > 0:
			left = append(left, Unfixed{e.Name, "only a directory says what {" + strings.Join(variables(e), "}, {") + "} is"})
			continue
		}
		for _, account := range names {
			f, err := b.fix(d, e, account)
			if err != nil {
				left = append(left, Unfixed{e.Name, err.Error()})
				continue
			}
			list = append(list, f)
		}
	}
	return list, left, nil
}

// fix resolves the environment as -e would.
func (b *Broker) fix(d *Decision, e rolemap.Entry, account string) (f Fixed, err error) {
	f = Fixed{Environment: e.Name, Account: account}
	t := rolemap.Target{Dir: ".", Environment: e.Name, Lookup: survey.Anyone}
	if account != "" {
		t.Set = map[string]string{"account": account}
	}
	if err := d.Trust.Allows([]string{e.Name}, account); err != nil {
		return f, err
	}
	for _, t.Operation = range survey.OwnOperations(e) {
		g, failed := d.Map.Grant(t)
		if failed == nil {
			f.Region = g.Region
			return f, nil
		}
		err = failed
	}
	return f, err
}

func noAccount(name string, d *Decision) error {
	var known []string
	for account := range d.Map.Accounts() {
		known = append(known, account)
	}
	slices.Sort(known)
	err := problem.New(problem.Usage, "%s knows no account %s", d.File.Path, name)
	switch near := problem.Nearest(name, known); {
	case near != "":
		return err.WithHint("did you mean %s?", near)
	case len(known) == 0:
		return err.WithHint("it has no accounts: leave --accounts out")
	}
	return err.WithHint("%s", problem.Cut("its accounts are "+strings.Join(known, ", "), 300))
}
