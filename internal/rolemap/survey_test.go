package rolemap

import (
	"reflect"
	"testing"

	"whichrole/internal/problem"
)

const byOperation = head + `environments:
  one: {dirs: [one], role_arn: "arn:aws:iam::111111111111:role/one"}
  same: {dirs: [same], role_arn: {plan: "arn:aws:iam::111111111111:role/x", apply: "arn:aws:iam::111111111111:role/x"}}
  two: {dirs: [two], role_arn: {plan: "arn:aws:iam::111111111111:role/plan", apply: "arn:aws:iam::111111111111:role/apply"}}
  three: {dirs: [three], role_arn: {apply: "arn:aws:iam::111111111111:role/apply", state: "arn:aws:iam::111111111111:role/state"}}
  named: {dirs: [named], role_arn: "arn:aws:iam::111111111111:role/one", session_name: "{operation}-x"}
  sets: {dirs: [sets], permission_set: {plan: Read, apply: Write}, account: "111111111111", source: [{sso: corp}]}
  blue: {dirs: [net], workspaces: [blue, "b-*"], role_arn: "arn:aws:iam::111111111111:role/one"}
  green: {dirs: [net], workspaces: [green], role_arn: "arn:aws:iam::111111111111:role/one"}
`

// The process tree costs a walk through /proc: it is looked at only where something depends on it.
func TestProcessesAreAskedOnlyWhereItMatters(t *testing.T) {
	m := parse(t, byOperation)
	for _, c := range []struct {
		target Target
		asked  int
		role   string
	}{
		{Target{Dir: "one"}, 0, "one"},
		{Target{Dir: "same"}, 0, "x"},
		{Target{Dir: "two"}, 1, "apply"},
		{Target{Dir: "two", Operation: Plan}, 1, "plan"},
		{Target{Dir: "three"}, 1, "apply"},
		{Target{Dir: "three", Operation: State}, 1, "state"},
		{Target{Dir: "two", Operation: State}, 1, "apply"}, // the subcommand's
		{Target{Dir: "named"}, 1, "one"},
		{Target{Dir: "net", Workspace: "blue"}, 0, "one"},
		{Target{Dir: "net"}, 1, "one"}, // init, in a workspace that matches nothing
	} {
		asked := 0
		c.target.Lookup = lookup
		c.target.Ask = func() (Operation, Doing) {
			asked++
			return Apply, Doing{Subcommand: Apply, SelectsWorkspace: true}
		}
		g := resolve(t, m, c.target)
		if asked != c.asked || g.RoleARN() != "arn:aws:iam::111111111111:role/"+c.role {
			t.Errorf("%+v: asked %d times, got %s", c.target, asked, g.RoleARN())
		}
		asked = 0
		if again, err := m.Grant(c.target); err != nil || !reflect.DeepEqual(again, g) {
			t.Errorf("Grant says %+v, %v; Resolve said %+v", again, err, g)
		}
	}
}

// What two environments have in common is only granted where both are approved: the caller must know of both.
func TestStateInCommonNamesAllThatAgree(t *testing.T) {
	m := parse(t, byOperation)
	g := resolve(t, m, Target{Dir: "net", Doing: Doing{SelectsWorkspace: true}})
	if want := []string{"blue", "green"}; !reflect.DeepEqual(g.Agreed, want) || g.Operation != State {
		t.Errorf("%s: agreed %v", g.Operation, g.Agreed)
	}
	if g := resolve(t, m, Target{Dir: "net", Workspace: "blue", Doing: Doing{SelectsWorkspace: true}}); g.Agreed != nil {
		t.Errorf("agreed %v", g.Agreed)
	}
}

func TestWorkspacesOfADirectory(t *testing.T) {
	m := parse(t, byOperation+`  all: {dirs: [mixed], role_arn: "arn:aws:iam::111111111111:role/one"}
  mixed: {dirs: [mixed], workspaces: [prod], role_arn: "arn:aws:iam::111111111111:role/one"}
  star: {dirs: [star], workspaces: ["*-x"], role_arn: "arn:aws:iam::111111111111:role/one"}
no_role: [modules]
`)
	for dir, want := range map[string][]string{
		"one": {"default"}, "net/vpc": {"blue", "green"}, "mixed": {"default", "prod"}, "star": {"default"}, "nowhere": {"default"}, "modules": {"default"},
	} {
		if got := m.Workspaces(dir); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", dir, got, want)
		}
	}
}

func TestEntriesAreTheMapAsItIsWritten(t *testing.T) {
	m := parse(t, live)
	e := m.Entries()[0]
	want := Entry{Name: "live", Line: e.Line, Dirs: []string{"live/{account}/{region}", "flat/{account}"}, Region: "{region}",
		Roles:     map[Operation]string{Plan: "arn:aws:iam::{account_id}:role/tf-{region}", Apply: "arn:aws:iam::{account_id}:role/tf-{region}"},
		Variables: []string{"region", "account_id"}}
	if !reflect.DeepEqual(e, want) || e.Line < 2 {
		t.Errorf("%+v", e)
	}
	m = parse(t, byOperation)
	for _, e := range m.Entries() {
		if e.Name == "sets" && (!e.PermissionSet || e.Roles[Plan] != "Read" || e.Roles[Apply] != "Write" || e.Account != "111111111111") {
			t.Errorf("%+v", e)
		}
		if _, state := e.Roles[State]; state != (e.Name == "three") {
			t.Errorf("%+v", e)
		}
	}
}

// A workspace that matches nothing, and --operation says apply: the answer is the map's, not a guess.
func TestGrantFailsAsResolveDoes(t *testing.T) {
	m := parse(t, byOperation)
	for _, target := range []Target{{Dir: "net"}, {Dir: "nowhere"}, {Dir: "../x"}, {Dir: "one", Set: map[string]string{"x": "y"}}} {
		_, _, want := m.Resolve(target)
		_, err := m.Grant(target)
		if !reflect.DeepEqual(err, want) || problem.CodeOf(err) != problem.NoEnvironment {
			t.Errorf("%+v: %v, want %v", target, err, want)
		}
	}
}

func TestSourceProfilesOfEachList(t *testing.T) {
	m := parse(t, "version: 1\nsource: [{oidc: github}, {profile: corp}]\nenvironments:\n  a: {dirs: [a], "+qaRole+", source: [{sso: s}, {profile: other}, {profile: corp}]}\n")
	if got := m.SourceProfiles(); !reflect.DeepEqual(got, []string{"corp", "other"}) {
		t.Error(got)
	}
}
