package digger

import (
	"whichrole/internal/found"
	"whichrole/internal/looseyaml"
)

const keyRole = "aws_role_to_assume"

// roles are those of a project: one for the commands, plan and apply, and one for the state.
type roles struct {
	command, state *found.Role // nil where there is none, or it is not known
	unknown        bool        // something is said that cannot be read
	cognito        bool        // they are assumed with a Cognito identity, not with the token itself
}

func (r roles) any() bool { return r.command != nil || r.state != nil }

func (r roles) same(o roles) bool {
	equal := func(a, b *found.Role) bool {
		return a == b || a != nil && b != nil && a.ARN == b.ARN && a.Region == b.Region
	}
	return equal(r.command, o.command) && equal(r.state, o.state)
}

// note puts a note beside the roles.
func (r roles) note(text string) {
	if r.command != nil {
		r.command.Remark(text)
	}
	if r.state != nil && r.state != r.command {
		r.state.Remark(text)
	}
}

// roles reads those that stand in a project, a block or the like.
func (b *reading) roles(in looseyaml.Node) (r roles) {
	pool := in.Get("aws_cognito_oidc")
	r.cognito = pool.Exists() && !pool.IsNull()
	n := in.Get(keyRole)
	switch {
	case n.IsMap():
		r = b.rolesIn(n, r)
	case n.Exists() && !n.IsNull():
		b.miss(n, "%s has no keys", keyRole)
		r.unknown = true
	}
	switch {
	case r.cognito && r.any():
		r.note("digger comes to it through a Cognito identity pool")
	case r.cognito && !r.unknown:
		b.miss(pool, "aws_cognito_oidc without %s: which role the identity pool gives is not said", keyRole)
		r.unknown = true
	}
	return r
}

// rolesIn reads aws_role_to_assume. The one of state and command that is missing is the other's copy.
func (b *reading) rolesIn(n looseyaml.Node, r roles) roles {
	command, wrongCommand := b.role(n.Get("command"))
	state, wrongState := b.role(n.Get("state"))
	if command == nil && !wrongCommand {
		command, wrongCommand = state, wrongState
	} else if state == nil && !wrongState {
		state, wrongState = command, wrongCommand
	}
	r.command, r.state, r.unknown = command, state, wrongCommand || wrongState
	region := n.Get("aws_role_region")
	if text, ok := region.Text(); ok && found.IsRegion(text) {
		for _, role := range []*found.Role{command, state} {
			if role != nil {
				role.Region = text
			}
		}
	} else if region.Exists() && !region.IsNull() && (!ok || text != "") {
		b.miss(region, "aws_role_region is not a region as it stands")
	}
	return r
}

// role is nil where none is said; what is no ARN as it stands is wrong.
func (b *reading) role(n looseyaml.Node) (r *found.Role, wrong bool) {
	text, ok := n.Text()
	switch {
	case !n.Exists() || n.IsNull() || ok && text == "":
		return nil, false
	case !ok || !found.IsRole(text):
		b.miss(n, "this is not the ARN of a role as it stands")
		return nil, true
	}
	return &found.Role{ARN: text, From: found.Origin{File: b.file, Line: n.Line()}}, false
}
