package rolemap

import (
	"fmt"
	"strings"
)

// machineBits are the variables that say nothing of the environment: who asks, from which machine, in which run.
const machineBits = operationBit | 1<<4 | 1<<5 | 1<<6 | 1<<8 | 1<<9 | 1<<10

// sharedRoles finds roles with which two environments apply, and those with which one plans and another applies: a mistake in
// the one then reaches into the other. It compares roles that are written without a variable. Two environments whose sessions
// differ (by policy, policy_arns or tags) have split the role between them on purpose.
func (v *reviewer) sharedRoles() {
	writers := map[string][]*environment{}
	var order []string
	for _, e := range v.m.environments {
		if role, ok := e.session(e.kind().Apply); ok {
			if writers[role] == nil {
				order = append(order, role)
			}
			writers[role] = append(writers[role], e)
		}
	}
	for _, role := range order {
		if list := writers[role]; len(list) > 1 {
			at := list[1].kind().Apply
			v.find(SharedRole, at.at.Line(), at.at.Column(), "give each environment a role of its own, or one of them the dirs of both",
				"%s apply with one role: %s", lines(list), at.text)
		}
	}
	for _, e := range v.m.environments {
		plan, apply := e.kind().Plan, e.kind().Apply
		role, ok := e.session(plan)
		if !ok || plan.text == apply.text {
			continue
		}
		for _, other := range writers[role][:min(len(writers[role]), 1)] {
			v.find(SharedRole, plan.at.Line(), plan.at.Column(), "name a role that may only read",
				"environment %s plans with the role with which %s applies: %s", e.name, lines([]*environment{other}), plan.text)
		}
	}
}

// kind are the roles or the permission sets.
func (e *environment) kind() roles {
	if e.PermissionSet.set() {
		return e.PermissionSet
	}
	return e.Role
}

// session tells sessions of one role apart by what limits them. Not ok: the role is not known before a directory is.
func (e *environment) session(t template) (string, bool) {
	if !t.set() || !t.literal() || e.PermissionSet.set() && !e.Account.literal() {
		return "", false
	}
	key := []string{t.text, e.Policy.Text}
	if e.PermissionSet.set() {
		key = append(key, e.Account.text)
	}
	key = append(key, e.PolicyARNs...)
	for _, tag := range e.SessionTags {
		key = append(key, tag.Key, tag.Value.text)
		if tag.Value.bits&^machineBits != 0 {
			key = append(key, e.name)
		}
	}
	return strings.Join(key, "\n"), true
}

func lines(list []*environment) string {
	names := make([]string, 0, len(list))
	for _, e := range list {
		names = append(names, fmt.Sprintf("%s (line %d)", e.name, e.line))
	}
	return some(names)
}

// stateRoles finds environments whose plan, which only reads, would have to write the lock of the state.
func (v *reviewer) stateRoles(locks func(env string) bool) {
	for _, e := range v.m.environments {
		r := e.kind()
		apart := r.Plan.set() && r.Plan.text != r.Apply.text
		byVariable := !apart && r.Apply.bits.has(operationBit)
		if r.State.set() || !apart && !byVariable || locks != nil && !locks(e.name) {
			continue
		}
		key := "role_arn"
		if e.PermissionSet.set() {
			key = "permission_set"
		}
		at, hint := r.Plan.at, "add state: ROLE to "+key+", one that may read and write the state"
		if byVariable {
			at, hint = r.Apply.at, "write "+key+" as plan, apply and state"
		}
		v.find(NoStateRole, at.Line(), at.Column(), hint,
			"environment %s has a role for plan and none for state: during plan, a locking backend writes its lock with the role of plan", e.name)
	}
}

// unusedAccounts finds entries of accounts that no environment looks up, or no root module, where those are known.
func (v *reviewer) unusedAccounts(used map[string]bool) {
	if len(v.m.accounts) == 0 || v.m.imports {
		return
	}
	lookedUp, byName := false, false
	for _, e := range v.m.environments {
		looks := e.variables().has(accountIDBit)
		lookedUp = lookedUp || looks
		byName = byName || looks && len(e.Dirs) == 0 // --set may name any
	}
	if !lookedUp {
		v.find(UnusedAccount, v.m.accountsAt.Line(), v.m.accountsAt.Column(), "write {account_id} in a role_arn, or take accounts out",
			"accounts is not used: no environment has {account_id}")
		return
	}
	if len(used) == 0 || byName {
		return
	}
	for _, spot := range v.m.accountsAt.Spots() {
		if !used[spot.Key] {
			v.find(UnusedAccount, spot.Line, spot.Column, "take it out, or see whether its directory is called otherwise",
				"account %s is not used: no root module is in it", spot.Key)
		}
	}
}
