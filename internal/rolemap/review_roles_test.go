package rolemap

import (
	"slices"
	"strings"
	"testing"
)

const arn = "arn:aws:iam::111111111111:role/"

// found are the findings of one code: line:column text.
func found(list []Finding, code string) (lines []string) {
	for _, f := range list {
		if f.Code == code {
			lines = append(lines, strings.Replace(spell([]Finding{f})[0], " "+code, "", 1))
		}
	}
	return lines
}

func environments(list ...string) string {
	return "version: 1\nsource: [{sso: s}]\nenvironments:\n  " + strings.Join(list, "\n  ") + "\n"
}

const ownRole = " | give each environment a role of its own, or one of them the dirs of both"

// What is done to qa by mistake must not reach production.
func TestRoleOfTwoEnvironments(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"copied": {environments("a: {dirs: [a], role_arn: '"+arn+"x'}", "b: {dirs: [b], role_arn: '"+arn+"x'}"),
			[]string{"5:28 a (line 4), b (line 5) apply with one role: " + arn + "x" + ownRole}},
		"apply of maps": {environments("a: {dirs: [a], role_arn: {plan: '"+arn+"p', apply: '"+arn+"x', state: '"+arn+"s'}}", "b: {dirs: [b], role_arn: {plan: '"+arn+"p', apply: '"+arn+"x', state: '"+arn+"s'}}"),
			[]string{"5:78 a (line 4), b (line 5) apply with one role: " + arn + "x" + ownRole}},
		"read and state roles are shared": {environments("a: {dirs: [a], role_arn: {plan: '"+arn+"p', apply: '"+arn+"x', state: '"+arn+"s'}}", "b: {dirs: [b], role_arn: {plan: '"+arn+"p', apply: '"+arn+"y', state: '"+arn+"s'}}"), nil},
		"plans with what another applies": {environments("a: {dirs: [a], role_arn: {plan: '"+arn+"x', apply: '"+arn+"y', state: '"+arn+"s'}}", "b: {dirs: [b], role_arn: '"+arn+"x'}"),
			[]string{"4:35 environment a plans with the role with which b (line 5) applies: " + arn + "x | name a role that may only read"}},
		"plan falls back to apply": {environments("a: {dirs: [a], role_arn: {plan: '" + arn + "x', apply: '" + arn + "x'}}"), nil},
		"one template":             {environments("a: {dirs: ['{account}/a'], role_arn: 'arn:aws:iam::{account_id}:role/x'}", "b: {dirs: ['{account}/b'], role_arn: 'arn:aws:iam::{account_id}:role/x'}"), nil},
		"split by policy":          {environments("a: {dirs: [a], policy: '{}', role_arn: '"+arn+"x'}", "b: {dirs: [b], role_arn: '"+arn+"x'}"), nil},
		"split by tag":             {environments("a: {dirs: [a], session_tags: {t: '{env}'}, role_arn: '"+arn+"x'}", "b: {dirs: [b], session_tags: {t: '{env}'}, role_arn: '"+arn+"x'}"), nil},
		"split by policies":        {environments("a: {dirs: [a], policy_arns: ['arn:aws:iam::aws:policy/A'], role_arn: '"+arn+"x'}", "b: {dirs: [b], policy_arns: ['arn:aws:iam::aws:policy/B'], role_arn: '"+arn+"x'}"), nil},
		"a tag of who asks splits nothing": {environments("a: {dirs: [a], session_tags: {t: '{user}'}, role_arn: '"+arn+"x'}", "b: {dirs: [b], session_tags: {t: '{user}'}, role_arn: '"+arn+"x'}"),
			[]string{"5:57 a (line 4), b (line 5) apply with one role: " + arn + "x" + ownRole}},
		"permission sets": {environments("a: {dirs: [a], account: '111111111111', permission_set: P}", "b: {dirs: [b], account: '111111111111', permission_set: P}", "c: {dirs: [c], account: '222222222222', permission_set: P}"),
			[]string{"5:59 a (line 4), b (line 5) apply with one role: P" + ownRole}},
		"permission sets of any account": {environments("a: {dirs: ['{account}/a'], account: '{account_id}', permission_set: P}", "b: {dirs: ['{account}/b'], account: '{account_id}', permission_set: P}"), nil},
		"no role at all":                 {environments("a: {dirs: [a], account: '111111111111', source: [{environment: true}]}", "b: {dirs: [b], account: '111111111111', source: [{environment: true}]}"), nil},
	} {
		t.Run(name, func(t *testing.T) { sameLines(t, found(parse(t, c.text).Review(), SharedRole), c.want) })
	}
}

const noState = "has a role for plan and none for state: during plan, a locking backend writes its lock with the role of plan"

// terraform plan fails at the lock of the state, on the first day of the new plan role.
func TestPlanThatCannotLock(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"no state role": {environments("a: {dirs: [a], role_arn: {plan: '" + arn + "p', apply: '" + arn + "x'}}"),
			[]string{"4:35 environment a " + noState + " | add state: ROLE to role_arn, one that may read and write the state"}},
		"a state role": {environments("a: {dirs: [a], role_arn: {plan: '" + arn + "p', apply: '" + arn + "x', state: '" + arn + "p'}}"), nil},
		"plan applies": {environments("a: {dirs: [a], role_arn: {plan: '" + arn + "x', apply: '" + arn + "x'}}"), nil},
		"one role":     {environments("a: {dirs: [a], role_arn: '" + arn + "x'}"), nil},
		"by variable": {environments("a: {dirs: [a], role_arn: '" + arn + "x-{operation}'}"),
			[]string{"4:28 environment a " + noState + " | write role_arn as plan, apply and state"}},
		"permission set": {environments("a: {dirs: [a], account: '111111111111', permission_set: {plan: P, apply: A}}"),
			[]string{"4:66 environment a " + noState + " | add state: ROLE to permission_set, one that may read and write the state"}},
	} {
		t.Run(name, func(t *testing.T) {
			m := parse(t, c.text)
			sameLines(t, found(m.Review(), NoStateRole), c.want)
			sameLines(t, found(m.ReviewIn(Repository{Locks: func(env string) bool { return env != "a" }}), NoStateRole), nil)
		})
	}
}

// An account that was left in the map when its directory went is one that a new directory of that name gets.
func TestAccountThatNobodyUses(t *testing.T) {
	accounts := "accounts:\n  pay: &n '111111111111'\n  data: *n\n"
	live := environments("a: {dirs: ['live/{account}'], role_arn: 'arn:aws:iam::{account_id}:role/x'}") + accounts
	m := parse(t, live)
	sameLines(t, found(m.Review(), UnusedAccount), nil) // any directory may name any
	sameLines(t, found(m.ReviewIn(Repository{Accounts: map[string]bool{"pay": true}}), UnusedAccount),
		[]string{"7:3 account data is not used: no root module is in it | take it out, or see whether its directory is called otherwise"})
	byHand := parse(t, environments("a: {dirs: ['live/{account}'], role_arn: 'arn:aws:iam::{account_id}:role/x'}", "b: {role_arn: 'arn:aws:iam::{account_id}:role/x'}")+accounts)
	sameLines(t, found(byHand.ReviewIn(Repository{Accounts: map[string]bool{"pay": true}}), UnusedAccount), nil)
	none := parse(t, environments("a: {dirs: ['live/{account}'], role_arn: '"+arn+"{account}'}")+accounts)
	sameLines(t, found(none.Review(), UnusedAccount),
		[]string{"6:3 accounts is not used: no environment has {account_id} | write {account_id} in a role_arn, or take accounts out"})
	inName := parse(t, environments("a: {dirs: ['live/{account}'], session_name: '{account_id}', role_arn: '"+arn+"x'}")+accounts)
	sameLines(t, found(inName.Review(), UnusedAccount), nil)
}

// The examples of README and SPEC are what people begin with.
func TestTheMapOfTheContractIsClean(t *testing.T) {
	m := parse(t, live)
	if list := slices.DeleteFunc(m.Review(), func(f Finding) bool { return f.Code == NoStateRole }); len(list) > 0 {
		t.Errorf("%s", strings.Join(spell(list), "\n"))
	}
}
