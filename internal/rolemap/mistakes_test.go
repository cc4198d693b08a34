package rolemap

import (
	"fmt"
	"strings"
	"testing"

	"whichrole/internal/problem"
)

// Every mistake of the map's own keys: where it is told, and in which words.
func TestMistakes(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		says []string
	}{
		"no version":           {"environments: {}\n", []string{":1:1: ", "version is missing", "version: 1"}},
		"another version":      {"version: 2\nenvironments: {}\n", []string{":1:10: ", "version 2", "version: 1"}},
		"no environments":      {"version: 1\n", []string{"environments is missing"}},
		"as init left it":      {"version: 1\n\n# No role was found for these directories.\n# environments:\n#   qa:\n#     dirs: [qa]\n", []string{"environments is missing", "fill in the ARNs and take the # away"}},
		"empty environments":   {"version: 1\nenvironments: {}\n", []string{":2:15: ", "at least one"}},
		"unknown key":          {"version: 1\nenviroments: {}\n", []string{":2:1: ", "enviroments", "environments"}},
		"another import":       {"version: 1\nimport: atlantis\n", []string{":2:9: ", "atlantis", "terrateam"}},
		"environment's name":   {head + "environments:\n  -qa: {" + qaRole + "}\n", []string{":4:3: ", "-qa"}},
		"endpoint is no key":   {one(qaRole, "sts_endpoint: https://sts.evil.example"), []string{":7:5: ", "sts_endpoint"}},
		"dirs in defaults":     {"version: 1\ndefaults: {dirs: [qa]}\nenvironments: {}\n", []string{":2:12: ", "dirs"}},
		"no role":              {one(), []string{":4:3: ", "qa has no role_arn"}},
		"both":                 {one(qaRole, `account: "222222222222"`, "permission_set: Admin"), []string{":8:21: ", "exclude each other"}},
		"apply is missing":     {one("role_arn: {plan: arn:aws:iam::222222222222:role/qa}"), []string{":6:15: ", "apply is missing"}},
		"unknown operation":    {one("role_arn: {aply: arn:aws:iam::222222222222:role/qa}"), []string{"aply", "apply"}},
		"dirs is empty":        {head + "environments:\n  qa:\n    dirs: []\n    " + qaRole, []string{":5:11: ", "dirs is empty"}},
		"workspaces is empty":  {one("workspaces: []", qaRole), []string{":6:17: ", "workspaces is empty"}},
		"a name is no list":    {head + "environments:\n  qa:\n    dirs: qa\n    " + qaRole, []string{":5:11: ", "a list expected"}},
		"pattern climbs":       {one(qaRole) + "no_role: [../x]\n", []string{":7:11: ", "../x", ".."}},
		"reserved capture":     {head + "environments:\n  qa:\n    dirs: ['{env}']\n    " + qaRole, []string{":5:12: ", "{env}"}},
		"account_id captured":  {head + "environments:\n  qa:\n    dirs: ['{account_id}']\n    " + qaRole, []string{"{account_id}", "{account}"}},
		"unquoted account":     {one(qaRole, "account: 012345678901"), []string{":7:14: ", "quote it: leading zeros are lost"}},
		"unquoted accounts":    {one(qaRole) + "accounts: {a: 012345678901}\n", []string{":7:15: ", "quote it: leading zeros are lost"}},
		"unquoted account key": {one(qaRole) + "accounts: {012345678901: \"012345678901\"}\n", []string{":7:12: ", "quote it: leading zeros are lost"}},
		"unquoted in a source": {"version: 1\nsource: [{sso: x, account: 012345678901, permission_set: A}]\nenvironments: {}", []string{":2:28: ", "quote it"}},
		"account too short":    {one(qaRole) + "accounts: {a: \"1234\"}\n", []string{":7:15: ", "1234", "12 digits"}},
		"account's name":       {one(qaRole) + "accounts: {\"a b\": \"222222222222\"}\n", []string{":7:12: ", "a b"}},
		"account in words":     {one(qaRole, "account: payments"), []string{":7:14: ", "12 digits"}},
		"another account":      {one(qaRole, `account: "333333333333"`), []string{":7:14: ", "333333333333", "222222222222"}},
		"state elsewhere": {one(`account: "222222222222"`, "role_arn: {apply: arn:aws:iam::222222222222:role/a, state: arn:aws:iam::999999999999:role/s}"),
			[]string{"999999999999"}},
		"region":                 {one(qaRole, "region: europe"), []string{":7:13: ", "europe is not a region"}},
		"zone":                   {one(qaRole, "region: eu-west-1a"), []string{"eu-west-1a is an availability zone", "write eu-west-1"}},
		"region of China":        {one(qaRole, "region: cn-north-1"), []string{":7:13: ", "cn-north-1", "aws-cn"}},
		"region in defaults":     {"version: 1\ndefaults: {region: eu-west-1}\nenvironments:\n  cn:\n    role_arn: arn:aws-cn:iam::222222222222:role/x\n", []string{":2:20: ", "environment cn", "aws-cn"}},
		"duration":               {one(qaRole, "duration: soon"), []string{":7:15: ", "soon", "1h30m"}},
		"14 minutes":             {one(qaRole, "duration: 14m59s"), []string{"15m to 12h"}},
		"over 12 hours":          {one(qaRole, "duration: 43201"), []string{"15m to 12h"}},
		"over 1 hour with via":   {one(qaRole, "via: [arn:aws:iam::222222222222:role/hub]", "duration: 2h"), []string{":8:15: ", "via", "duration"}},
		"via of the defaults":    {"version: 1\ndefaults: {via: [arn:aws:iam::222222222222:role/hub]}\nenvironments:\n  qa: {duration: 2h, " + qaRole + "}", []string{":4:18: ", "via", "duration"}},
		"via across partitions":  {one(qaRole, "via: [arn:aws-cn:iam::222222222222:role/hub]"), []string{":7:11: ", "aws-cn"}},
		"roles across":           {one("role_arn: {plan: arn:aws:iam::222222222222:role/a, apply: arn:aws-cn:iam::222222222222:role/b}"), []string{"aws-cn"}},
		"external_id":            {one(qaRole, "external_id: a b"), []string{":7:18: ", "external_id"}},
		"external_id too short":  {one(qaRole, "external_id: a"), []string{"2 to 1224"}},
		"external_id template":   {one(qaRole, `external_id: "{env} x"`), []string{"external_id"}},
		"tag value":              {one(qaRole, "session_tags: {a: 'b#c'}"), []string{":7:23: ", "b#c"}},
		"tag key":                {one(qaRole, "session_tags: {'a#': b}"), []string{":7:20: ", "a#"}},
		"tag of AWS":             {one(qaRole, "session_tags: {'AWS:x': b}"), []string{"aws:"}},
		"tag twice":              {one(qaRole, "session_tags: {Team: a, team: b}"), []string{":7:29: ", "Team", "team"}},
		"tag is a number":        {one(qaRole, "session_tags: {cost: 42}"), []string{":7:26: ", "quote it"}},
		"51 tags":                {one(qaRole, "session_tags: {"+numbered(51, "t%d: x")+"}"), []string{"51 tags"}},
		"long tag key":           {one(qaRole, "session_tags: {"+strings.Repeat("k", 129)+": x}"), []string{"128"}},
		"long tag value":         {one(qaRole, "session_tags: {k: "+strings.Repeat("x", 257)+"}"), []string{"256"}},
		"transitive tag":         {one(qaRole, "session_tags: {team: a}", "transitive_tags: [tema]"), []string{":8:22: ", "tema"}},
		"policy is no JSON":      {one(qaRole, "policy: '{\"a\":}'"), []string{":7:13: ", "not JSON"}},
		"policy file broken":     {one(qaRole, "policy: policies/broken"), []string{":7:13: ", "policies/broken", "not JSON"}},
		"policy file is a list":  {one(qaRole, "policy: policies/list"), []string{"not a JSON object"}},
		"policy file missing":    {one(qaRole, "policy: policies/none"), []string{"no such file"}},
		"policy file huge":       {one(qaRole, "policy: policies/huge"), []string{"20 KB"}},
		"policy too long":        {one(qaRole, "policy: policies/wordy"), []string{"2048", "policy_arns"}},
		"policy climbs":          {one(qaRole, "policy: policies/../../x"), []string{"not below the map's directory"}},
		"policy is absolute":     {one(qaRole, "policy: /etc/passwd"), []string{"not below the map's directory"}},
		"policy on a drive":      {one(qaRole, "policy: 'C:x'"), []string{"not below the map's directory"}},
		"policy ARN":             {one(qaRole, "policy_arns: [ReadOnlyAccess]"), []string{":7:19: ", "ReadOnlyAccess"}},
		"policy ARN of China":    {one(qaRole, "policy_arns: ['arn:aws-cn:iam::aws:policy/ReadOnlyAccess']"), []string{"partition aws"}},
		"11 policy ARNs":         {one(qaRole, "policy_arns: ["+numbered(11, "'arn:aws:iam::aws:policy/P%d'")+"]"), []string{"11 policies"}},
		"permission_set alone":   {one("permission_set: Admin"), []string{"permission_set needs account"}},
		"permission_set's name":  {one("permission_set: 'a b'", `account: "222222222222"`), []string{":6:21: ", "a b"}},
		"permission_set, no sso": {strings.Replace(one("permission_set: Admin", `account: "222222222222"`), ", {sso: corp}", "", 1), []string{"sso source"}},
		"permission_set, via":    {one("permission_set: Admin", `account: "222222222222"`, "via: [arn:aws:iam::222222222222:role/hub]"), []string{":8:10: ", "via has no effect"}},
		"permission_set, policy": {one("permission_set: Admin", `account: "222222222222"`, "policy: '{}'"), []string{"policy has no effect"}},
		"policy of the defaults": {head + "defaults: {policy: '{}'}\nenvironments:\n  qa: {permission_set: Admin, account: \"222222222222\"}", []string{":5:3: ", "policy of the defaults"}},
		"source without account": {one("source: [{profile: root}]"), []string{"neither role_arn nor account"}},
		"source of the defaults": {"version: 1\ndefaults: {source: [{profile: root}], account: \"222222222222\"}\nenvironments: {qa: {dirs: [qa]}}\n", []string{":3:16: ", "has no role_arn"}},
		"null environment":       {"version: 1\nenvironments: {qa: }\n", []string{":2:", "no value"}},
		"null via":               {one(qaRole, "via:"), []string{":7:9", "no value"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(".whichrole.yaml", []byte(c.text), policyFiles)
			fails(t, err, problem.BadMap, append(c.says, ".whichrole.yaml:")...)
		})
	}
}

func numbered(n int, format string) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(format, i)
	}
	return strings.Join(list, ", ")
}

func TestSourceMistakes(t *testing.T) {
	for source, want := range map[string]string{
		"{profile: corp}":                                "a list expected",
		"[]":                                             "the list is empty",
		"[corp]":                                         "keys expected",
		"[{}]":                                           "says no source",
		"[{profle: corp}]":                               "unknown key profle",
		"[{profil: corp}]":                               "did you mean profile?",
		"[{1: corp}]":                                    "unknown key 1",
		"[{profile: corp, acount: x}]":                   "unknown key acount",
		"[{profile: corp, sso: x}]":                      "two sources",
		"[{instance: true}, {profile: corp}]":            "must be the last",
		"[{instance: false}]":                            "leave the entry out",
		"[{environment: yes please}]":                    "true or false",
		"[{oidc: githup}]":                               "githup",
		"[{oidc: 'env:1X'}]":                             "env:1X",
		"[{oidc: 'file:'}]":                              "file:",
		"[{oidc: gitlab, audience: x}]":                  "audience has no effect",
		"[{oidc: azure-devops, audience: x}]":            "audience has no effect",
		"[{profile: corp, audience: x}]":                 "audience has no effect",
		"[{profile: corp, account: '222222222222'}]":     "have no effect",
		"[{sso: corp, account: '222222222222'}]":         "both",
		"[{sso: corp, permission_set: A}]":               "both",
		"[{sso: corp, account: '2', permission_set: A}]": "12 digits",
		"[{sso: corp, account: '222222222222', permission_set: 'A B'}]": "permission set",
	} {
		_, err := Parse(".whichrole.yaml", []byte("version: 1\nsource: "+source+"\nenvironments: {qa: {"+qaRole+"}}\n"), nil)
		t.Run(source, func(t *testing.T) { fails(t, err, problem.BadMap, ".whichrole.yaml:2:", want) })
	}
}

func TestEverySourceIsRead(t *testing.T) {
	m := parse(t, `version: 1
source:
  - {oidc: github, audience: aud}
  - oidc: env:TOKEN
  - oidc: file:/run/token
  - web_identity: true
  - {sso: corp, account: "222222222222", permission_set: Admin}
  - sso: corp
  - profile: corp
  - environment: true
  - instance: true
environments: {qa: {`+qaRole+`}}
`)
	want := []Source{
		{Kind: "oidc", Name: "github", Audience: "aud", Line: 3}, {Kind: "oidc", Name: "env:TOKEN", Line: 4}, {Kind: "oidc", Name: "file:/run/token", Line: 5},
		{Kind: "web_identity", Line: 6}, {Kind: "sso", Name: "corp", Account: "222222222222", PermissionSet: "Admin", Line: 7}, {Kind: "sso", Name: "corp", Line: 8},
		{Kind: "profile", Name: "corp", Line: 9}, {Kind: "environment", Line: 10}, {Kind: "instance", Line: 11},
	}
	got := m.sources
	if len(got) != len(want) {
		t.Fatalf("%d sources, want %d", len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("source %d is %+v, want %+v", i, got[i], want[i])
		}
	}
}

func TestAllMistakesAreCountedAndTheFirstIsShown(t *testing.T) {
	_, err := Parse(".whichrole.yaml", []byte(`version: 1
environments:
  qa:
    dirs: [../qa]
    role_am: arn:aws:iam::222222222222:role/qa
    duration: 1m
accounts: {a: 1}
`), nil)
	fails(t, err, problem.BadMap, ".whichrole.yaml:4:12: ", "(and 3 more)")
}

// A mistake in the defaults is told once, not once more for each environment that suffers from it.
func TestWhatFollowsFromABrokenDefaultIsNotTold(t *testing.T) {
	_, err := Parse("m", []byte("version: 1\ndefaults: {acount: \"222222222222\"}\nsource: [{sso: x}]\nenvironments:\n  a: {permission_set: A}\n  b: {permission_set: B}\n"), nil)
	fails(t, err, problem.BadMap, "m:2:12: ")
	if strings.Contains(err.Error(), "more)") {
		t.Error(err)
	}
}
