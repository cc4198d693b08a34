package survey

import (
	"slices"
	"strings"

	"whichrole/internal/rolemap"
)

// operations are all that a role can serve, in the order in which they are shown.
var operations = []rolemap.Operation{rolemap.Plan, rolemap.Apply, rolemap.State}

// Role is what some operations of an environment get: a role, a permission set or, with neither, the source's own credentials.
type Role struct {
	Operations    []rolemap.Operation
	RoleARN       string
	PermissionSet string
	Account       string
	Region        string // "" where the map names none
}

// same tells whether two differ in nothing but the operations.
func (r Role) same(o Role) bool {
	return r.RoleARN == o.RoleARN && r.PermissionSet == o.PermissionSet && r.Account == o.Account && r.Region == o.Region
}

// merge adds a role of one more operation to those of the operations before it.
func merge(list []Role, r Role) []Role {
	for i := range list {
		if list[i].same(r) {
			list[i].Operations = append(list[i].Operations, r.Operations...)
			return list
		}
	}
	return append(list, r)
}

// OwnOperations are plan and apply, and state where the environment names a role for it: else the role of the subcommand at
// hand serves it.
func OwnOperations(e rolemap.Entry) []rolemap.Operation {
	if _, ok := e.Roles[rolemap.State]; ok {
		return operations
	}
	return operations[:2]
}

// rolesOf are the roles of an environment, each with all operations that it serves.
func rolesOf(e rolemap.Entry) (list []Role) {
	if len(e.Roles) == 0 { // the source's own credentials, whatever is done with them
		return []Role{{Operations: operations[:2], Account: e.Account, Region: e.Region}}
	}
	for _, op := range operations {
		text, ok := e.Roles[op]
		if !ok {
			continue
		}
		role := Role{Operations: []rolemap.Operation{op}, RoleARN: text, Account: e.Account, Region: e.Region}
		if e.PermissionSet {
			role.RoleARN, role.PermissionSet = "", text
		} else if parts := strings.SplitN(text, ":", 6); len(parts) == 6 {
			role.Account = parts[4]
		}
		list = merge(list, role)
	}
	return list
}

// Serving are the roles of an operation, "" for all. Where no role is named for state, plan's serves it.
func Serving(e rolemap.Entry, op rolemap.Operation) (list []Role) {
	all := rolesOf(e)
	if op == "" {
		return all
	}
	from := op
	if _, own := e.Roles[rolemap.State]; op == rolemap.State && !own {
		from = rolemap.Plan
	}
	for _, role := range all {
		if slices.Contains(role.Operations, from) {
			if from != op {
				role.Operations = []rolemap.Operation{op}
			}
			list = append(list, role)
		}
	}
	return list
}
