package cli

import (
	"bytes"
	"strings"
	"testing"

	"whichrole/internal/broker"
	"whichrole/internal/mapfile"
	"whichrole/internal/rolemap"
	"whichrole/internal/trust"
)

func grantsOf(t *testing.T, text string) string {
	t.Helper()
	m, err := rolemap.Parse(".whichrole.yaml", []byte(text), func(string) ([]byte, error) { return []byte(`{"Version":"2012-10-17"}`), nil })
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	printGrants(&out, &broker.Decision{File: &mapfile.File{Path: "/infra/.whichrole.yaml"}, Map: m, Subject: trust.Subject{Meaning: m.Meaning()}})
	return out.String()
}

// An environment's own source was approved unseen, and the keys of org-admin were handed out.
func TestTrustShowsEverythingThatDecides(t *testing.T) {
	out := grantsOf(t, `version: 1
source: [{profile: readonly}]
defaults: {source_identity: somebody}
environments:
  qa: {dirs: [qa], account: "999999999999", source: [{profile: org-admin}]}
  all:
    dirs: ["live/{account}"]
    workspaces: [green]
    role_arn: {plan: "arn:aws:iam::{account}:role/p", apply: "arn:aws:iam::{account}:role/a", state: "arn:aws:iam::111111111111:role/s"}
    via: ["arn:aws:iam::222222222222:role/hub"]
    region: eu-west-3
    duration: 15m
    session_name: "as-{env}"
    external_id: ext-1
    source_identity: alice
    session_tags: {team: blue}
    transitive_tags: [team]
    policy: limits.json
    policy_arns: ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
no_role: [modules]
`)
	for _, want := range []string{
		"profile readonly", "source_identity  somebody", "profile org-admin", "999999999999", "live/{account}", "green",
		"plan: arn:aws:iam::{account}:role/p  (any account)", "apply: arn:aws:iam::{account}:role/a  (any account)",
		"state: arn:aws:iam::111111111111:role/s\n", "role/hub", "eu-west-3", "15m0s", "as-{env}", "ext-1", "alice", "team=blue",
		"transitive_tags", "limits.json", "ReadOnlyAccess", "modules",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%s is not shown in\n%s", want, out)
		}
	}
}

// Spaces pushed the real role away, and the rest of a pattern read as a row of the table.
func TestPatternCannotPassForARow(t *testing.T) {
	out := grantsOf(t, `version: 1
source: [{profile: corp}]
environments:
  qa: {dirs: ["x                                            role_arn  arn:aws:iam::111111111111:role/read-only"], role_arn: "arn:aws:iam::222222222222:role/admin"}
`)
	if strings.Contains(out, "x  ") || !strings.Contains(out, `x\x20\x20`) {
		t.Errorf("got\n%s", out)
	}
}

func TestTemplateIsShownAsWhatItGrants(t *testing.T) {
	out := grantsOf(t, `version: 1
source: [{profile: corp}]
environments:
  live: {dirs: ["live/{account}"], role_arn: "arn:aws:iam::{account_id}:role/terraform"}
accounts: {payments: "333333333333", data: "444444444444"}
`)
	for _, want := range []string{"role/terraform  (any account in accounts: 2)", "data=444444444444, payments=333333333333"} {
		if !strings.Contains(out, want) {
			t.Errorf("%s is not shown in\n%s", want, out)
		}
	}
}
