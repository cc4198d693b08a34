package broker

import (
	"whichrole/internal/rolemap"
	"whichrole/internal/terraform"
)

// resolve fills in where we are in Terraform's terms and asks the map.
func (b *Broker) resolve(r Request, d *Decision) error {
	if err := b.workspace(r, d); err != nil {
		return err
	}
	d.Target = b.target(r, d, d.File.Dir, d.Target.Workspace)
	d.Target.Operation = rolemap.Operation(r.Operation)
	d.Target.Ask = func() (rolemap.Operation, rolemap.Doing) { return b.doing(r, d) }
	var err error
	d.Grant, d.Reasons, err = d.Map.Resolve(d.Target)
	d.Target.Operation, d.OperationFrom = b.operation(r, d)
	return err
}

// target is the question for one directory, slash-separated from the map's root, in one workspace.
func (b *Broker) target(r Request, d *Decision, dir, workspace string) rolemap.Target {
	return rolemap.Target{
		Dir: dir, Workspace: workspace,
		Environment: r.Environment, EnvironmentVariable: r.EnvironmentVariable, Set: r.Set, Lookup: b.lookup(d),
	}
}

func (b *Broker) workspace(r Request, d *Decision) (err error) {
	d.Target.Workspace, d.WorkspaceFrom = r.Workspace, "--workspace or WHICHROLE_WORKSPACE"
	if r.Workspace == "" {
		d.Target.Workspace, d.WorkspaceFrom, err = terraform.Workspace(b.Env, d.File.Physical, d.File.Top)
	}
	return err
}

// doing finds out what Terraform is doing. Only an SDK that runs the helper for Terraform itself wants its state: a command
// that somebody runs in a provisioner may look just like it.
func (b *Broker) doing(r Request, d *Decision) (rolemap.Operation, rolemap.Doing) {
	t := b.command(r)
	d.Doing = &t
	operation := rolemap.Operation(t.Operation)
	doing := rolemap.Doing{Subcommand: operation, SelectsWorkspace: t.SelectsWorkspace}
	if t.Direct && r.SDK {
		operation = rolemap.State
	}
	return operation, doing
}

// command is what the command that exec will run is going to do; where that is no Terraform, what the processes above us do.
func (b *Broker) command(r Request) terraform.Doing {
	if d, isTool := terraform.OfCommand(r.Command, b.Env); isTool {
		return d
	}
	return terraform.Read(b.Callers(terraform.IsTool), b.Env) // what is above it says nothing of the operation
}

// Doing is what the processes above this one are doing, all of them.
func (b *Broker) Doing() terraform.Doing { return terraform.Read(b.Callers(nil), b.Env) }

// operation is the one that was asked for, and what named it.
func (b *Broker) operation(r Request, d *Decision) (rolemap.Operation, string) {
	operation := rolemap.Plan
	if d.Grant != nil {
		operation = d.Grant.Operation
	}
	switch {
	case r.Operation != "" && (d.Grant == nil || string(operation) == r.Operation):
		return rolemap.Operation(r.Operation), "--operation or WHICHROLE_OPERATION"
	case d.Doing != nil:
		return operation, d.Doing.From
	case d.Grant != nil:
		return operation, "the role is the same for each"
	}
	return operation, "nothing says more"
}
