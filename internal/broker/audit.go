package broker

import (
	"os"
	"path/filepath"
	"slices"

	"whichrole/internal/audit"
	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
	"whichrole/internal/terraform"
)

// Trail is where lines are kept of what was handed out and refused.
func (b *Broker) Trail() audit.Log { return audit.Log{Dir: b.Dirs.State, Now: b.Now} }

// asker is who asks for credentials: what exec is about to run, which then has our own process number, else who called us.
func (b *Broker) asker(r Request) terraform.Doing {
	if len(r.Command) == 0 {
		return terraform.Read(b.Callers(terraform.IsAsker), b.Env)
	}
	d, _ := terraform.OfCommand(r.Command, b.Env)
	d.Caller, d.CallerPID = filepath.Base(r.Command[0]), os.Getpid()
	return d
}

// lookUp is asker on the way, so that a cached answer need not wait for it: the store is asked at the same time.
func (b *Broker) lookUp(r Request, d *Decision) func() terraform.Doing {
	switch {
	case d.User.AuditOff:
		return func() terraform.Doing { return terraform.Doing{} }
	case d.Doing != nil && len(r.Command) == 0:
		return func() terraform.Doing { return *d.Doing }
	}
	found := make(chan terraform.Doing, 1)
	go func() { found <- b.asker(r) }()
	return func() terraform.Doing { return <-found }
}

// audit adds the line of a request. That it cannot be written is no reason to fail.
func (b *Broker) audit(r Request, d *Decision, h *Handed, err error) {
	if d.User.AuditOff {
		return
	}
	if d.asker == nil {
		d.asker = func() terraform.Doing { return b.asker(r) }
	}
	asker := d.asker()
	line := audit.Line{
		Command: r.By, Overrides: r.overrides(d),
		Caller: audit.Caller{Name: asker.Caller, PID: asker.CallerPID, Subcommand: asker.Subcommand},
	}
	if d.File != nil { // it was resolved to find the map
		line.Dir, line.Map = d.asked(), d.File.Path
	} else {
		line.Dir = r.asked()
	}
	if g := d.Grant; g != nil {
		line.Environment, line.Operation, line.Account = g.Environment, string(g.Operation), g.Account
		line.RoleARN, line.PermissionSet, line.SessionName = g.RoleARN(), g.PermissionSet, g.SessionName
	}
	if err != nil {
		line.Refused, line.Exit = err.Error(), int(problem.CodeOf(err))
	} else {
		line.AccessKeyID, line.Expires, line.From, line.RequestID = h.Credentials.AccessKeyID, h.Expiration, h.from, h.requestID
	}
	if failure := b.Trail().Append(line); failure != nil {
		b.Log("not in the audit trail: %v", failure)
	}
}

// overrides are the names of what the person said in place of what the directory says.
func (r Request) overrides(d *Decision) []string {
	if r.Pinned != nil || !r.byVariable(d) {
		return r.Chosen
	}
	return append(slices.Clip(r.Chosen), "WHICHROLE_ENV")
}

// byVariable tells whether WHICHROLE_ENV decided: without it the directory would have given something else, or nothing.
func (r Request) byVariable(d *Decision) bool {
	if d.Grant == nil || r.EnvironmentVariable == "" || r.Environment != "" {
		return false
	}
	t := d.Target
	t.EnvironmentVariable, t.Ask = "", nil
	if d.Doing != nil { // it was asked, and is not asked again
		t.Doing = rolemap.Doing{Subcommand: rolemap.Operation(d.Doing.Operation), SelectsWorkspace: d.Doing.SelectsWorkspace}
	}
	g, err := d.Map.Grant(t)
	return err != nil || g.Environment != d.Grant.Environment
}
