package lint

import (
	"strings"
	"testing"

	"whichrole/internal/rolemap"
)

// What a module gets in one workspace says nothing of the others.
func TestModuleThatLacksARoleInOneOfItsWorkspaces(t *testing.T) {
	account := "'arn:aws:iam::{account_id}:role/x'"
	for name, c := range map[string]struct {
		text string
		dirs []string
		want []string
	}{
		"an account that accounts does not have": {env("a: {dirs: ['{account}'], workspaces: [one], role_arn: "+account+"}", "b: {dirs: [qa], workspaces: [two], role_arn: '"+roleARN+"b'}") + "accounts: {prod: '111111111111'}\n", []string{"prod", "qa"}, []string{
			"qa/main.tf:2:3 no-environment: environment a in qa: {account} is qa, which accounts does not have" + byBackend + " | accounts has prod",
		}},
		"a value that only a pattern's workspaces lack": {env("main: {dirs: [app], role_arn: '"+roleARN+"m'}", "pr: {dirs: [app, 'teams/{team}'], workspaces: ['pr-*'], role_arn: '"+roleARN+"{team}'}"), []string{"app", "teams/a"}, []string{
			"app/main.tf:2:3 no-environment: environment pr has no value for {team} in app" + byBackend + " | add --set team=NAME",
		}},
		"a directory that is no region": {env("live: {dirs: ['live/{region}/*'], region: '{region}', role_arn: '" + roleARN + "x'}"), []string{"live/global/iam"}, []string{
			"live/global/iam/main.tf:2:3 no-environment: environment live in live/global/iam: global is not a region" + byBackend + " | it looks like eu-west-1, or give global an environment of its own",
		}},
	} {
		t.Run(name, func(t *testing.T) { sameLines(t, checked(t, c.text, at(c.dirs...)), c.want) })
	}
}

// A map that is slow to match says of which modules nothing is known, and not that all is well.
func TestModulesForWhichThereIsNoPatienceLeft(t *testing.T) {
	m, err := rolemap.Parse("map", []byte(env("qa: {dirs: ['**/qa/**/x'], role_arn: '"+roleARN+"x'}")), nil)
	if err != nil {
		t.Fatal(err)
	}
	asked := func(steps int) (unread int) {
		for _, f := range checkIn(steps, m, at("qa/1/x", "qa/2/x", "qa/3/x")) {
			if f.Code != rolemap.Unread || !strings.Contains(f.Text, "not looked at") {
				t.Errorf("%+v", f)
			}
			unread++
		}
		return unread
	}
	if none, all := asked(1000), asked(1); none != 0 || all != 3 {
		t.Error(none, all)
	}
}

// The examples of a shared module are no modules that somebody forgot; one with a backend is.
func TestExamplesOfSharedCodeAreNoFinding(t *testing.T) {
	found := at("modules/vpc/examples/complete", "modules/vpc/tests/fixture", "modules/vpc/example", "modules/vpc", "examples", "modules/x/examples/a")
	for i := range 5 {
		found.Modules[i].Backend = ""
	}
	var got []string
	for _, line := range checked(t, env("qa: {dirs: [qa], role_arn: '"+roleARN+"x'}")+"no_role: [modules, examples]\n", found) {
		got = append(got, strings.Join(strings.Fields(line)[:2], " "))
	}
	sameLines(t, got, []string{"examples/main.tf:2:3 hidden-module:", "modules/vpc/main.tf:2:3 hidden-module:", "modules/x/examples/a/main.tf:2:3 hidden-module:"})
}
