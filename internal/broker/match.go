package broker

import (
	"whichrole/internal/rolemap"
	"whichrole/internal/terraform"
)

// resolve fills in where we are in Terraform's terms and asks the map.
func (b *Broker) resolve(r Request, d *Decision) error {
	d.Target = rolemap.Target{
		Dir: d.File.Dir, Workspace: r.Workspace, Operation: rolemap.Operation(r.Operation),
		Environment: r.Environment, EnvironmentVariable: r.EnvironmentVariable, Set: r.Set, Lookup: b.lookup(d),
	}
	d.WorkspaceFrom, d.OperationFrom = "--workspace or WHICHROLE_WORKSPACE", "--operation or WHICHROLE_OPERATION"
	if r.Operation == "" {
		d.Target.Operation, d.OperationFrom = rolemap.Plan, "nothing says more"
	}
	var err error
	if r.Workspace == "" {
		if d.Target.Workspace, d.WorkspaceFrom, err = terraform.Workspace(b.Env, d.File.Physical, d.File.Top); err != nil {
			return err
		}
	}
	d.Grant, d.Reasons, err = d.Map.Resolve(d.Target)
	return err
}
