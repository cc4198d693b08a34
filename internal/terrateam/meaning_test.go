package terrateam

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"
)

const meant = `
version: "1"
tags: {branch: {r: '^release'}, dest_branch: {main: '^main$', dev: '^dev$'}}
dirs:
  prod/**: {tags: [prod, aws]}
  shared: {workspaces: {qa: {tags: [qa]}, eu: {}}}
stacks: {names: {one: {tag_query: prod and aws, variables: {a: b, c: d}}, two: {stacks: [one]}}}
hooks:
  all: {pre: [{type: run}, {type: oidc, provider: aws, role_arn: 'arn:aws:iam::111111111111:role/hook'}]}
workflows:
  - tag_query: prod and dest_branch:main
    environment: prod
    plan: [{type: oidc, provider: aws, role_arn: 'arn:aws:iam::111111111111:role/plan', region: eu-west-1}, {type: init}]
    apply: [{type: oidc, provider: aws, role_arn: 'arn:aws:iam::111111111111:role/apply', assume_role_arn: 'arn:aws:iam::222222222222:role/last', duration: 3600, session_name: s-1, audience: aud}]
  - {tag_query: qa, plan: [{type: oidc, provider: aws, role_arn: $QA}]}
  - {tag_query: none, environment: other}
`

func TestMeaningIsJSON(t *testing.T) {
	environments, rest := parse(t, meant).In(World{}).Meaning()
	want := map[string]string{
		"prod": `{"environment":"prod","tag_query":"prod and dest_branch:main","plan":{"role_arn":"arn:aws:iam::111111111111:role/plan","region":"eu-west-1"},` +
			`"apply":{"role_arn":"arn:aws:iam::111111111111:role/apply","assume_role_arn":"arn:aws:iam::222222222222:role/last","audience":"aud","duration":"3600","session_name":"s-1"}}`,
		"qa":    `{"tag_query":"qa","plan":{"role_arn":"$QA"}}`,
		"hooks": `{"plan":{"role_arn":"arn:aws:iam::111111111111:role/hook"},"apply":{"role_arn":"arn:aws:iam::111111111111:role/hook"}}`,
	}
	if !maps.Equal(environments, want) {
		t.Errorf("%v", environments)
	}
	const hook = `{"role_arn":"arn:aws:iam::111111111111:role/hook"}`
	if rest != `{"dirs":{"prod/**":{"tags":["aws","prod"]},"shared":{"workspaces":{"eu":{},"qa":{"tags":["qa"]}}}},"hooks":{"plan":`+hook+`,"apply":`+hook+`},`+
		`"stacks":{"one":{"tag_query":"prod and aws","variables":{"a":"b","c":"d"}},"two":{"stacks":["one"]}},"tags_branch":{"r":"^release"},"tags_dest_branch":{"dev":"^dev$","main":"^main$"},`+
		`"workflows":{"001":"prod: prod and dest_branch:main","002":"qa: qa","003":"other: none"}}` {
		t.Error(rest)
	}
	for _, text := range append([]string{rest}, want["prod"]) {
		if !json.Valid([]byte(text)) {
			t.Errorf("no JSON: %s", text)
		}
	}
	for _, yaml := range []string{"", "dirs: {\"a\\\"\\\\<\\n\\u2028é*\": {tags: [\"<&>\"]}}\nconfig_builder: {enabled: true}"} {
		if environments, rest := parse(t, yaml).In(World{}).Meaning(); len(environments) != 0 || !json.Valid([]byte(rest)) {
			t.Error(environments, rest)
		}
	}
}

func TestWhatChangesTheMeaning(t *testing.T) {
	before, rest := parse(t, meant).In(World{}).Meaning()
	for _, tt := range []struct{ old, new, changes string }{
		{"", "# a comment\n", ""},
		{"version: \"1\"", "when_modified: {autoplan: false}", ""},
		{"{tags: [prod, aws]}", "{tags: [aws, prod, aws], when_modified: {file_patterns: []}}", ""},
		{"{qa: {tags: [qa]}, eu: {}}", "{eu: , qa: {tags: [qa]}}", ""},
		{"{type: init}", "{type: plan}, {type: run, cmd: [x]}", ""},
		{"{type: run}, ", "{type: env, name: X}, {type: oidc, provider: gcp}, {type: oidc, role_arn: $EARLIER},", ""},
		{"tag_query: prod and dest_branch:main", "tag_query: prod   (dest_branch:main)", ""},
		{"environment: prod", "lock_policy: none\n    environment: prod", ""},
		{"branch: {r: '^release'}, dest_branch: {main: '^main$', dev: '^dev$'}", "dest_branch: {dev: '^dev$', main: '^main$'}, branch: {r: '^release'}", ""},
		{"variables: {a: b, c: d}", "variables: {c: d, a: b}, rules: {auto_apply: true}", ""},
		{"provider: aws, role_arn: $QA", "role_arn: $QA", ""},
		{"role/plan'", "role/plan2'", "prod"},
		{", region: eu-west-1", "", "prod"},
		{"role/last'", "role/last', assume_role_enabled: false", "prod"},
		{"3600", "3601", "prod"}, {"s-1", "s-2", "prod"}, {"audience: aud", "audience: other", "prod"},
		{"environment: prod", "environment: Prod", "prod Prod rest"},
		{"$QA", "$QA2", "qa"},
		{"prod and dest_branch:main", "prod", "prod rest"},
		{"{tag_query: none,", "{tag_query: some,", "rest"},
		{"prod/**", "prod/*", "rest"}, {"[prod, aws]", "[prod]", "rest"}, {"{tags: [qa]}, eu: {}", "{tags: [qa]}", "rest"}, {"shared: {", "shared: {tags: [x], ", "rest"},
		{"'^main$'", "'^main'", "rest"}, {"'^release'", "'release'", "rest"},
		{"role/hook", "role/hook2", "hooks rest"}, {"all: {pre", "apply: {pre", "hooks rest"},
		{"variables: {a: b,", "variables: {a: c,", "rest"}, {"stacks: [one]", "stacks: []", "rest"}, {"tag_query: prod and aws", "tag_query: prod or aws", "rest"},
		{"version: \"1\"", "config_builder: {enabled: true}", "rest"},
		{"  - {tag_query: none, environment: other}\n", "", "rest"},
		{"workflows:\n", "workflows:\n  - {tag_query: none, environment: other}\n", "rest"},
		{"environment: other", "environment: prod, plan: [{type: oidc, role_arn: $P}]", "prod rest"},
	} {
		if strings.Count(meant, tt.old) < 1 {
			t.Fatalf("%s is not in the file", tt.old)
		}
		environments, other := parse(t, strings.Replace(meant, tt.old, tt.new, 1)).In(World{}).Meaning()
		var changed []string
		for _, name := range []string{"prod", "Prod", "qa", "hooks"} {
			if before[name] != environments[name] {
				changed = append(changed, name)
			}
		}
		if rest != other {
			changed = append(changed, "rest")
		}
		if got := strings.Join(changed, " "); got != tt.changes {
			t.Errorf("%s → %s changes %q, want %q", tt.old, tt.new, got, tt.changes)
		}
	}
}

// The first that matches wins, so that the order of the workflows means something.
func TestOrderOfWorkflowsIsMeant(t *testing.T) {
	const a, b = "  - {tag_query: a, plan: [{type: oidc, role_arn: $A}]}\n", "  - {tag_query: b, plan: [{type: oidc, role_arn: $B}]}\n"
	one, restOne := parse(t, "workflows:\n"+a+b).In(World{}).Meaning()
	two, restTwo := parse(t, "workflows:\n"+b+a).In(World{}).Meaning()
	if !maps.Equal(one, two) || restOne == restTwo {
		t.Error(restOne, restTwo)
	}
}
