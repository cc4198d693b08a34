package cli

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"whichrole/internal/broker"
	"whichrole/internal/output"
	"whichrole/internal/problem"
	"whichrole/internal/prompt"
	"whichrole/internal/rolemap"
	"whichrole/internal/trust"
)

type trustCmd struct {
	Yes bool `help:"Approve without asking: for scripts, and for CI on reviewed branches."`
}

// Run shows what the map grants, and what changed since it was approved, before it asks.
func (c *trustCmd) Run(a *app) error {
	request, err := a.request()
	if err != nil {
		return err
	}
	request.MapFlag, request.MapVariable = "", firstOf(request.MapFlag, request.MapVariable) // naming a map here asks for a record
	b := a.broker()
	d, err := b.Examine(request)
	if err != nil {
		return err
	}
	if d.Trust.Approved {
		line(a.stdout, "already trusted: %s (%s)", d.File.Path, d.Trust.How)
		return nil
	}
	var grants bytes.Buffer
	printGrants(&grants, d)
	printChanges(&grants, d.Trust)
	if !c.Yes {
		if err := a.ask(grants.Bytes(), d, request.Dir); err != nil {
			return err
		}
		grants.Reset() // they were shown on the terminal
	}
	if err := b.Approve(d); err != nil {
		return err
	}
	line(&grants, "trusted: %s", d.File.Path)
	_, err = a.stdout.Write(grants.Bytes())
	return err
}

// ask shows the grants on the terminal and asks there.
func (a *app) ask(grants []byte, d *broker.Decision, dir string) error {
	which := "-C " + problem.Quote(dir)
	if d.Subject.Named { // in that directory another map may lie
		which = "--map " + problem.Quote(d.File.Path)
	}
	unasked := problem.New(problem.NotTrusted, "there is no terminal to ask on whether %s is trusted", d.File.Path).
		WithHint("whichrole trust --yes %s", which)
	if a.options.NoInput {
		return unasked
	}
	terminal, err := prompt.Terminal()
	if err != nil {
		return unasked.Because(err)
	}
	defer terminal.Close()
	terminal.Write(grants)
	if !prompt.Confirm(terminal, "\ntrust this role map?") {
		return problem.New(problem.NotTrusted, "not trusted: %s", d.File.Path)
	}
	return nil
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// printGrants shows templates as what they are: who approves {account_id} approves every account in the list.
func printGrants(w io.Writer, d *broker.Decision) {
	line(w, "role map  %s", d.File.Path)
	if d.Subject.Checkout != "" {
		line(w, "used for  %s (named in repositories by its git remote)", d.Subject.Checkout)
	}
	fmt.Fprintln(w)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, e := range d.Map.Overview() {
		name, where := e.Name, places(e)
		for _, grant := range grants(e, d.Map) {
			fmt.Fprintf(table, "%s\t%s\t%s\n", output.Printable(name), output.Printable(where), output.Printable(grant))
			name, where = "", ""
		}
	}
	table.Flush()
	fmt.Fprintln(w)
	if list := d.Map.Sources(); len(list) > 0 {
		line(w, "source    %s", sourceNames(list))
	}
	if list := d.Map.NoRole(); len(list) > 0 {
		line(w, "no role   %s", strings.Join(list, ", "))
	}
}

// places says which directories and workspaces an environment wins.
func places(e rolemap.Overview) string {
	where := strings.Join(e.Dirs, ", ")
	switch {
	case len(e.Workspaces) > 0:
		where = strings.TrimSpace(where + " workspaces " + strings.Join(e.Workspaces, ", "))
	case where == "":
		where = "only by --env"
	}
	return where
}

// grants says what an environment hands out, a line for each operation that has a role of its own.
func grants(e rolemap.Overview, m *rolemap.Map) []string {
	kind, remark := "", ""
	if e.PermissionSet {
		kind = "permission set "
	}
	if e.UsesAccounts && len(m.Accounts()) > 0 {
		remark = fmt.Sprintf("  (any account in accounts: %d)", len(m.Accounts()))
	} else if e.UsesAccounts {
		remark = "  (any account)"
	}
	if len(e.Via) > 0 {
		remark += "  via " + strings.Join(e.Via, ", ")
	}
	lines := make([]string, 0, 3)
	for _, r := range e.Roles {
		operation := ""
		if r.Operation != "" {
			operation = string(r.Operation) + ": "
		}
		lines = append(lines, operation+kind+r.Role+remark)
	}
	if len(lines) == 0 {
		lines = append(lines, "the source's own credentials, in account "+e.Account)
	}
	return lines
}

func sourceNames(list []rolemap.Source) string {
	names := make([]string, 0, len(list))
	for _, s := range list {
		names = append(names, s.String())
	}
	return strings.Join(names, ", else ")
}

// printChanges shows what is not as it was when the map was approved.
func printChanges(w io.Writer, v trust.Verdict) {
	if v.Never {
		return
	}
	fmt.Fprintln(w)
	line(w, "%s", v.Reason)
	for _, c := range v.Changes {
		line(w, "  %s %s", c.Where, c.Key)
		if c.Old != "" {
			line(w, "    - %s", c.Old)
		}
		if c.New != "" {
			line(w, "    + %s", c.New)
		}
	}
	for _, name := range v.AddedEnvironments {
		line(w, "  + environment %s", name)
	}
	for _, name := range v.AddedAccounts {
		line(w, "  + account %s", name)
	}
}

type untrustCmd struct{}

// Run works on a map that cannot be read any more, too.
func (c *untrustCmd) Run(a *app) error {
	request, err := a.request()
	if err != nil {
		return err
	}
	path, found, err := a.broker().Revoke(request)
	if err != nil {
		return err
	}
	if !found {
		line(a.stdout, "was not trusted: %s", path)
		return nil
	}
	line(a.stdout, "no longer trusted: %s", path)
	return nil
}
