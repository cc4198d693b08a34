package cli

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"whichrole/internal/broker"
	"whichrole/internal/output"
	"whichrole/internal/rolemap"
	"whichrole/internal/survey"
)

type listCmd struct {
	Dirs bool `help:"List every Terraform root module at and below this directory instead, with the environment and role that it gets."`
	Tree bool `xor:"form" help:"The same as a tree of directories."`
	JSON bool `name:"json" xor:"form" help:"Print a JSON array; with --dirs one JSON object."`
}

// Run works for an untrusted map too, and says so. That root modules have no environment is no failure here: check judges.
func (c *listCmd) Run(a *app) error {
	request, err := a.request()
	if err != nil {
		return err
	}
	if c.Dirs || c.Tree {
		return c.dirs(a, request)
	}
	l, err := a.broker().List(request)
	if err != nil {
		return err
	}
	if c.JSON {
		return output.JSON(a.stdout, listing(a, l))
	}
	rows := [][]string{{"ENVIRONMENT", "OPERATIONS", "ACCOUNT", "ROLE", "REGION", "CACHE"}}
	for _, row := range l.Rows {
		rows = append(rows, []string{
			word(row.Environment), operationWords(row.Operations), account(row, l.Decision.Map), roleName(row.Role),
			word(cmp.Or(row.Region, "-")), cmp.Or(a.cached(row), "-"),
		})
	}
	table(a.stdout, rows)
	a.sayTrust(l.Decision)
	return nil
}

func (c *listCmd) dirs(a *app, request broker.Request) error {
	progress := a.progress()
	defer progress.wipe()
	s, err := a.broker().ListDirs(context.Background(), request, func(dirs int) { progress.tell("%d directories", dirs) })
	progress.wipe()
	switch {
	case err != nil:
		return err
	case c.JSON:
		return output.JSON(a.stdout, ofSurvey(s))
	case c.Tree:
		a.printTree(s)
	default:
		a.printPlaced(s)
	}
	fmt.Fprintln(a.stdout, summary(s))
	a.sayTrust(s.Decision)
	return nil
}

// sayTrust tells where all this is not obeyed.
func (a *app) sayTrust(d *broker.Decision) {
	if !d.Trust.Approved {
		fmt.Fprintln(a.stdout, a.style().bad(trustWords(d)))
	}
}

func operationWords(list []rolemap.Operation) string {
	words := make([]string, 0, len(list))
	for _, op := range list {
		words = append(words, string(op))
	}
	return strings.Join(words, ", ")
}

// account is the row's, or which ones a variable stands for.
func account(row broker.Listed, m *rolemap.Map) string {
	switch {
	case !strings.Contains(row.Account, "{"):
		return word(cmp.Or(row.Account, "-"))
	case row.Accounts > 0:
		return "any of " + counted(row.Accounts, "account")
	case len(m.Accounts()) == 0 && strings.Contains(row.Account, "{account"):
		return "any account"
	}
	return word(row.Account)
}

// roleName is the role without what its account says already: the path and name of its ARN.
func roleName(r survey.Role) string {
	switch {
	case r.PermissionSet != "":
		return "permission set " + word(r.PermissionSet)
	case r.RoleARN == "":
		return "the source's own"
	}
	_, name, found := strings.Cut(r.RoleARN, ":role/")
	if !found {
		name = r.RoleARN
	}
	return word(name)
}

// cached is what the records say.
func (a *app) cached(row broker.Listed) string {
	switch len(row.Cached) {
	case 0:
		return ""
	case 1:
		m := row.Cached[0]
		return word(m.Store) + " " + remaining(m.Expires.Sub(a.now()))
	}
	return fmt.Sprintf("%d cached", len(row.Cached))
}
