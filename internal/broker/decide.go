package broker

import (
	"whichrole/internal/mapfile"
	"whichrole/internal/rolemap"
	"whichrole/internal/terraform"
	"whichrole/internal/terrateam"
	"whichrole/internal/trust"
	"whichrole/internal/userfile"
)

// Decision is all that was found out on the way to a role. Where a step failed, what came before it is there and the
// rest is zero: explain shows it as far as it goes.
type Decision struct {
	User           userfile.Config
	File           *mapfile.File
	Beside         *mapfile.Beside // the Terrateam configuration that File imports; nil for none
	Terrateam      *terrateam.Here // the one that is obeyed, File or Beside; nil for none
	Map            *rolemap.Map
	Subject        trust.Subject
	Trust          trust.Verdict
	Target         rolemap.Target
	WorkspaceFrom  string           // what named the workspace
	DestBranchFrom string           // what named the destination branch; "" where Terrateam's configuration did not ask for it
	OperationFrom  string           // what named the operation
	Doing          *terraform.Doing // what the processes above us do; nil where the answer does not depend on it
	Grant          *rolemap.Grant
	Reasons        []rolemap.Reason

	asker func() terraform.Doing // who asks for credentials, for the audit trail; nil until it is looked up
}

// Decide finds the map, makes sure that it may be obeyed, and resolves the role. It uses no network and no keyring.
func (b *Broker) Decide(r Request) (*Decision, error) {
	d := &Decision{}
	if err := b.find(r, d); err != nil {
		return d, err
	}
	return d, b.decide(r, d)
}

// decide goes on from a map that was found.
func (b *Broker) decide(r Request, d *Decision) error {
	if err := b.examine(r, d); err != nil {
		return err
	}
	if d.Trust.How == "" && !r.Untrusted {
		return d.Trust.Allows(nil, "")
	}
	resolveErr := b.resolve(r, d)
	if d.Trust.How == "" { // it was pure, and nothing is handed out
		return d.Trust.Allows(nil, "")
	}
	if resolveErr != nil {
		return resolveErr
	}
	return d.Trust.Allows(append(d.Grant.Agreed, d.Grant.Environment), d.Grant.AccountName)
}

// Examine finds the map, reads it and judges it, without asking for an environment.
func (b *Broker) Examine(r Request) (*Decision, error) {
	d := &Decision{}
	if err := b.find(r, d); err != nil {
		return d, err
	}
	return d, b.examine(r, d)
}

func (b *Broker) examine(r Request, d *Decision) (err error) {
	if d.Map, err = b.read(r, d); err != nil {
		return err
	}
	return b.judge(r, d)
}
