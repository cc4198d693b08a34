package cli

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"whichrole/internal/broker"
	"whichrole/internal/output"
	"whichrole/internal/problem"
)

type showCmd struct {
	JSON   bool   `name:"json" xor:"form" help:"Print one JSON object."`
	Format string `placeholder:"TEXT" xor:"form" help:"Print TEXT with fields such as {env} {operation} {role} {role_arn} {account} {region} {workspace}. Outside any map it prints nothing (exit 3): for shell prompts."`
}

// shown is the object of show --json. Scripts and editors rely on its names.
type shown struct {
	Environment string   `json:"environment"`
	Operation   string   `json:"operation"`
	Workspace   string   `json:"workspace"`
	Dir         string   `json:"dir"` // from the map's root
	RoleARN     string   `json:"role_arn"`
	Permission  string   `json:"permission_set,omitempty"`
	Chain       []string `json:"chain"` // all ARNs in order
	Account     string   `json:"account"`
	Region      string   `json:"region"` // "" where the map names none
	SessionName string   `json:"session_name"`
	Source      string   `json:"source"`               // the entry of the source list that is used; "" where none is present
	Overridden  string   `json:"overridden,omitempty"` // what the directory alone would have got, where --env chose another
	Map         string   `json:"map"`
	Trust       string   `json:"trust"` // what makes the map obeyed
}

// Run uses no keyring and no network: it is fast enough for a shell prompt.
func (c *showCmd) Run(a *app) error {
	request, err := a.request()
	if err != nil {
		return err
	}
	b := a.broker()
	d, err := b.Decide(request)
	if err != nil {
		if c.Format != "" && errors.Is(err, problem.ErrNowhere) {
			return silent{problem.NoEnvironment}
		}
		return err
	}
	switch {
	case c.JSON:
		return output.JSON(a.stdout, show(b, d))
	case c.Format != "":
		s := decided(d, broker.First{})
		if strings.Contains(c.Format, "{source}") { // the AWS files are read only for that
			s = show(b, d)
		}
		text, err := output.Expand(c.Format, fields(s))
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(a.stdout, text)
		return err
	}
	line(a.stdout, "%s %s %s%s", d.Grant.Environment, string(d.Grant.Operation), what(d), overridden(d))
	return nil
}

// what names the credentials that a grant stands for.
func what(d *broker.Decision) string {
	switch g := d.Grant; {
	case g.RoleARN() != "":
		return g.RoleARN()
	case g.PermissionSet != "":
		return "permission set " + g.PermissionSet + " in " + g.Account
	default:
		return "the source's own credentials in " + g.Account
	}
}

func overridden(d *broker.Decision) string {
	if d.Grant.Overridden == "" {
		return ""
	}
	return " (the directory alone is " + d.Grant.Overridden + ")"
}

// show is what the map says, and the source that would be used; none is fine, since nothing is handed out here.
func show(b *broker.Broker, d *broker.Decision) shown {
	first, _ := b.Source(d)
	return decided(d, first)
}

func decided(d *broker.Decision, first broker.First) shown {
	g := d.Grant
	s := shown{
		Environment: g.Environment, Operation: string(g.Operation), Workspace: g.Workspace, Dir: g.Dir,
		RoleARN: g.RoleARN(), Permission: g.PermissionSet, Chain: g.Chain(), Account: g.Account, Region: cmp.Or(g.Region, g.DefaultRegion),
		SessionName: g.SessionName, Overridden: g.Overridden, Map: d.File.Path, Trust: d.Trust.How,
	}
	if first.Choice != nil {
		s.Source = first.Entry.String()
	}
	return s
}

// fields are what --format may name.
func fields(s shown) map[string]string {
	role := s.RoleARN[strings.LastIndexByte(s.RoleARN, '/')+1:]
	if role == "" {
		role = s.Permission
	}
	return map[string]string{
		"env": s.Environment, "environment": s.Environment, "operation": s.Operation, "workspace": s.Workspace, "dir": s.Dir,
		"role": role, "role_arn": s.RoleARN, "permission_set": s.Permission, "account": s.Account, "region": s.Region,
		"session_name": s.SessionName, "source": s.Source, "map": s.Map,
	}
}
