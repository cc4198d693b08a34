package rolemap

import (
	"crypto/sha256"
	"fmt"
	"io"
)

// machineBits are the variables that say nothing of the environment: who asks, from which machine, in which run.
const machineBits = operationBit | 1<<4 | 1<<5 | 1<<6 | 1<<8 | 1<<9 | 1<<10

// sharedRoles finds roles with which two environments apply, and those with which one plans and another applies: a mistake in
// the one then reaches into the other. It compares roles that are written without a variable. Two environments whose sessions
// differ (by policy, policy_arns or tags) have split the role between them on purpose.
func (v *reviewer) sharedRoles() {
	often := v.rolesByName()
	writers := map[session][]*environment{}
	var order []session
	for _, e := range v.m.environments {
		if s, ok := e.session(e.kind().Apply, often); ok {
			if writers[s] == nil {
				order = append(order, s)
			}
			writers[s] = append(writers[s], e)
		}
	}
	for _, s := range order {
		if list := writers[s]; len(list) > 1 {
			at := list[1].kind().Apply
			v.find(SharedRole, at.at.Line(), at.at.Column(), "give each environment a role of its own, or one of them the dirs of both",
				"%s apply with one role: %s", lines(list), at.text)
		}
	}
	for _, e := range v.m.environments {
		plan := e.kind().Plan
		s, ok := e.session(plan, often)
		if !ok || plan.text == e.kind().Apply.text || len(writers[s]) == 0 {
			continue
		}
		v.find(SharedRole, plan.at.Line(), plan.at.Column(), "name a role that may only read",
			"environment %s plans with the role with which %s applies: %s", e.name, lines(writers[s][:1]), plan.text)
	}
}

// rolesByName counts how often each role is written.
func (v *reviewer) rolesByName() map[string]int {
	often := map[string]int{}
	for _, e := range v.m.environments {
		often[e.kind().Plan.text]++
		often[e.kind().Apply.text]++
	}
	return often
}

// kind are the roles or the permission sets.
func (e *environment) kind() roles {
	if e.PermissionSet.set() {
		return e.PermissionSet
	}
	return e.Role
}

// A session is a role and a digest of what limits the sessions of it, which may be long and inherited by thousands.
type session struct {
	role, account string
	limits        [sha256.Size]byte
}

// session tells sessions of one role apart. Not ok: no other environment can have it, or the role is not known before a
// directory is.
func (e *environment) session(t template, often map[string]int) (s session, ok bool) {
	if !t.set() || !t.literal() || often[t.text] < 2 {
		return s, false
	}
	s.role = t.text
	if e.PermissionSet.set() {
		s.account = e.Account.text
		return s, e.Account.literal()
	}
	limits := sha256.New()
	io.WriteString(limits, e.Policy.Text)
	for _, arn := range e.PolicyARNs {
		io.WriteString(limits, "\n"+arn)
	}
	for _, tag := range e.SessionTags {
		if tag.Value.bits&^machineBits != 0 { // each environment's is another
			return s, false
		}
		io.WriteString(limits, "\n"+tag.Key+"="+tag.Value.text)
	}
	limits.Sum(s.limits[:0])
	return s, true
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
