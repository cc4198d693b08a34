package cli

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"whichrole/internal/credcache"
	"whichrole/internal/output"
)

type cacheCmd struct {
	List  cacheListCmd  `cmd:"" default:"withargs" help:"List what is cached: never a secret, and the keyring is left alone."`
	Clear cacheClearCmd `cmd:"" help:"Remove cached credentials, with --env only those of that environment, and ask again at once what failed a moment ago. They stay valid at AWS until they expire."`
}

type cacheListCmd struct {
	JSON bool `name:"json" help:"Print a JSON array."`
}

// Run prints credcache.Meta as it is: its JSON names are the output's.
func (c *cacheListCmd) Run(a *app) error {
	list, err := a.broker().Cached()
	if err != nil {
		return err
	}
	if c.JSON {
		return output.JSON(a.stdout, append([]credcache.Meta{}, list...)) // [] and not null
	}
	if len(list) == 0 {
		line(a.stdout, "nothing is cached")
		return nil
	}
	rows := [][]string{{"ENVIRONMENT", "OPERATION", "ROLE", "EXPIRES IN", "STORE"}}
	for _, m := range list {
		rows = append(rows, []string{
			output.Printable(cmp.Or(m.Environment, "-")), output.Printable(cmp.Or(m.Operation, "-")),
			output.Printable(cmp.Or(m.RoleARN, m.Label)), remaining(m.Expires.Sub(a.now())), output.Printable(m.Store),
		})
	}
	table(a.stdout, rows)
	return nil
}

// remaining is a time to go in minutes, as people say it.
func remaining(d time.Duration) string {
	switch {
	case d <= 0:
		return "expired"
	case d < time.Minute:
		return "under 1m"
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	}
	return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
}

type cacheClearCmd struct {
	Expired bool `help:"Only what has expired."`
}

func (c *cacheClearCmd) Run(a *app) error {
	ctx, cancel := context.WithTimeout(context.Background(), a.options.timeout)
	defer cancel()
	var drop func(credcache.Meta) bool // nil is all, which is more than what is listed
	if c.Expired || a.options.Env != "" {
		drop = func(m credcache.Meta) bool {
			return (!c.Expired || !m.Expires.After(a.now())) && (a.options.Env == "" || m.Environment == a.options.Env)
		}
	}
	n, err := a.broker().Forget(ctx, drop)
	if err != nil {
		return err
	}
	line(a.stdout, "removed %d", n)
	return nil
}
