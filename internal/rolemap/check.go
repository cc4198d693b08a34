package rolemap

import (
	"slices"
	"strings"
	"time"

	"whichrole/internal/partition"
	"whichrole/internal/strictyaml"
)

// check holds together what the keys of one environment say, its defaults included.
func (d *decoder) check(e *environment) {
	if !d.checkVariables(e) {
		return
	}
	switch {
	case e.Role.set() && e.PermissionSet.set():
		e.place("permission_set").Mistake("keep one of them", "role_arn and permission_set exclude each other")
	case e.Role.set():
		e.checkRoles()
		e.checkSession()
	case e.PermissionSet.set():
		d.checkPermissionSet(e)
	default:
		e.checkSourceAlone()
	}
}

// checkRoles compares what is known before any variable is: partition, account and region of each role.
func (e *environment) checkRoles() {
	of := ""
	for t := range e.Role.all {
		arn, f := parseRoleARN(t.text)
		if !f.tell(t.at) {
			continue
		}
		e.checkAccount(t, arn)
		if !templated(arn.Partition) {
			if of != "" && of != arn.Partition {
				t.at.Mistake("", "the roles of environment %s belong to the partitions %s and %s", e.name, of, arn.Partition)
			}
			of = arn.Partition
		}
	}
	if of != "" {
		e.checkPartition(of)
	}
}

func (e *environment) checkAccount(t template, arn roleARN) {
	known := e.Account.set() && e.Account.literal() && !templated(arn.Account)
	if known && arn.Account != e.Account.text {
		e.place("account").Mistake("correct one of them, or remove account", "environment %s: account says %s, but %s belongs to another", e.name, e.Account.text, t.text)
	}
}

func (e *environment) checkPartition(of string) {
	for _, t := range e.Via {
		if p := partition.OfARN(t.text); !templated(p) && p != of {
			t.at.Mistake("", "a role of the partition %s cannot assume one of %s, as environment %s asks", p, of, e.name)
		}
	}
	if e.Region.set() && e.Region.literal() {
		f := regionFlaw(e.Region.text, of)
		if f != nil {
			e.Region.at.Mistake(f.hint, "%s (environment %s)", f.text, e.name)
		}
	}
	for _, arn := range e.PolicyARNs {
		if partition.OfARN(arn) != of {
			e.place("policy_arns").Mistake("", "policy %s does not belong to the partition %s of environment %s", arn, of, e.name)
		}
	}
}

// checkSession is for what only AssumeRole takes.
func (e *environment) checkSession() {
	if len(e.Via) > 0 && time.Duration(e.Duration) > maxChained {
		e.place("duration").Mistake("STS gives a role that is assumed through another one an hour at most: take via or duration away",
			"environment %s: duration is over 1h, with via", e.name)
	}
	for _, key := range e.TransitiveTags {
		if _, ok := slices.BinarySearchFunc(e.SessionTags, key, func(t sessionTag, key string) int { return strings.Compare(t.Key, key) }); !ok {
			e.place("transitive_tags").Mistake("list keys of session_tags", "environment %s: transitive_tags names %s, which session_tags does not have", e.name, key)
		}
	}
}

// place is where to point at for a key that may have come from the defaults.
func (e *environment) place(key string) strictyaml.Value {
	v, _ := e.ownKey(key)
	return v
}

// Without an AssumeRole nothing can limit a session. A policy that has no effect would be a promise that is not kept, even in
// the defaults; other settings of the defaults just don't apply.
var assumeRoleOnly = []string{"via", "duration", "session_name", "external_id", "source_identity", "session_tags", "transitive_tags", "policy", "policy_arns"}

func (e *environment) checkNoAssumeRole(instead string) {
	for _, key := range assumeRoleOnly {
		if v, own := e.ownKey(key); own && !(key == "via" && len(e.Via) == 0 || key == "policy_arns" && len(e.PolicyARNs) == 0) {
			v.Mistake("it belongs to AssumeRole: remove it", "%s has no effect with %s", key, instead)
			return
		}
	}
	inherited := func(key string) {
		e.at.Mistake("", "environment %s: %s of the defaults has no effect with %s", e.name, key, instead)
	}
	switch {
	case len(e.Via) > 0:
		inherited("via")
	case e.Policy.set():
		inherited("policy")
	case len(e.PolicyARNs) > 0:
		inherited("policy_arns")
	}
}

func (d *decoder) checkPermissionSet(e *environment) {
	for t := range e.PermissionSet.all {
		if t.literal() {
			permissionSetFlaw(t.text).tell(t.at)
		} else if fixed := literals(t.text); !isSTSName("x" + fixed) {
			permissionSetFlaw(fixed).tell(t.at)
		}
	}
	e.checkNoAssumeRole("permission_set")
	if !e.Account.set() {
		e.at.Mistake("add account: \"111111111111\"", "environment %s: permission_set needs account", e.name)
	}
	sources := d.m.sourcesOf(e)
	serves := func(s Source) bool { return s.Kind == "sso" && s.PermissionSet == "" }
	if sources != nil && !slices.ContainsFunc(sources, serves) { // nil: the user's own file says
		e.at.Mistake("add - sso: SESSION to source", "environment %s: permission_set needs an sso source without account and permission_set", e.name)
	}
}

// checkSourceAlone is for an environment without a role: the source's own credentials are handed out, and so it must name the
// source itself. One in the defaults does not count, or a forgotten role_arn would hand out more than any role.
func (e *environment) checkSourceAlone() {
	if _, own := e.ownKey("source"); !own {
		e.at.Mistake("add role_arn: "+exampleARN, "environment %s has no role_arn", e.name)
		return
	}
	if !e.Account.set() {
		e.at.Mistake("add role_arn, or account to hand out the source's own credentials", "environment %s has neither role_arn nor account", e.name)
		return
	}
	e.checkNoAssumeRole("a source alone")
}

// sourcesOf is the list that counts for an environment; nil leaves it to the user's own file.
func (m *Map) sourcesOf(e *environment) []Source {
	if len(e.Source) > 0 {
		return e.Source
	}
	return m.sources
}
