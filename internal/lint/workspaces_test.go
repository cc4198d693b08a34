package lint

import "testing"

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
	} {
		t.Run(name, func(t *testing.T) { sameLines(t, checked(t, c.text, at(c.dirs...)), c.want) })
	}
}
