package broker

import (
	"os"
	"path/filepath"

	"whichrole/internal/audit"
	"whichrole/internal/problem"
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
		Command: r.By, Overrides: r.overrides(),
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

// overrides are what the person chose by hand in place of what the directory says.
func (r Request) overrides() (list []string) {
	if r.Pinned {
		return nil
	}
	for _, o := range []struct {
		flag string
		used bool
	}{{"--map", r.MapFlag != ""}, {"--env", r.Environment != ""}, {"--set", len(r.Set) > 0}, {"--operation", r.Operation != ""}, {"--workspace", r.Workspace != ""}} {
		if o.used {
			list = append(list, o.flag)
		}
	}
	return list
}
