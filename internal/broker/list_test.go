package broker

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"whichrole/internal/modules"
	"whichrole/internal/paths"
	"whichrole/internal/rolemap"
)

func TestFits(t *testing.T) {
	const arn = "arn:aws:iam::"
	for _, c := range []struct {
		template, text string
		want           bool
	}{
		{arn + "1:role/a", arn + "1:role/a", true},
		{arn + "1:role/a", arn + "1:role/ab", false},
		{arn + "{account_id}:role/a", arn + "1:role/a", true},
		{arn + "{account_id}:role/a", arn + "1:role/b", false},
		{arn + "{account_id}:role/{team}", arn + "1:role/x/y", true},
		{arn + "{account_id}:role/tf-{team}-{region}", arn + "1:role/tf-a-eu-west-1", true},
		{arn + "{account_id}:role/tf-{team}-x", arn + "1:role/tf-a-eu-west-1", false},
		{"{a}{b}", "", true},
		{"{a", "{a", false},
	} {
		if got := fits(c.template, c.text); got != c.want {
			t.Errorf("%s, %s: %t", c.template, c.text, got)
		}
	}
}

// surveyor is a broker over a repository that holds nothing but this map, which nobody has approved.
func surveyor(t *testing.T, text string) (*Broker, Request) {
	t.Helper()
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	repo := filepath.Join(top, "infra")
	if err := os.MkdirAll(filepath.Join(repo, ".git"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(repo, ".whichrole.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	home := filepath.Join(top, "home")
	return &Broker{
		Env: paths.Env{}, Dirs: paths.Dirs{Home: home, Config: filepath.Join(home, "config"), State: filepath.Join(home, "state")},
		Now: time.Now, Log: func(string, ...any) {},
	}, Request{Dir: repo}
}

const teams = `version: 1
source: [{profile: corp}]
defaults: {session_name: "{user}-{actor}-{dir}"}
environments:
  both: {dirs: ["both/{team}"], role_arn: {plan: "arn:aws:iam::111111111111:role/{team}-plan", apply: "arn:aws:iam::111111111111:role/{team}-apply"}}
  one: {dirs: [one], role_arn: "arn:aws:iam::111111111111:role/one"}
  rival: {dirs: ["*/tied"], role_arn: "arn:aws:iam::111111111111:role/one"}
  other: {dirs: ["tied/*"], role_arn: "arn:aws:iam::111111111111:role/one"}
  blue: {dirs: [spaces], workspaces: [blue], role_arn: "arn:aws:iam::111111111111:role/blue"}
  star: {dirs: [star], workspaces: ["*-x"], role_arn: "arn:aws:iam::111111111111:role/one"}
  main: {dirs: [prs], role_arn: "arn:aws:iam::111111111111:role/one"}
  pr: {dirs: [prs, "teams/{team}"], workspaces: ["pr-*"], role_arn: "arn:aws:iam::111111111111:role/{team}"}
  live: {dirs: [started], workspaces: ["w*"], role_arn: "arn:aws:iam::111111111111:role/one"}
  hid: {dirs: [hidden], workspaces: ["h*"], role_arn: "arn:aws:iam::111111111111:role/one"}
  long: {dirs: ["long/{team}"], role_arn: "arn:aws:iam::111111111111:role/{team}"}
no_role: [modules, started, hidden/x]
`

// Thousands of modules are asked for at once on all processors, and what comes of each stays in its place.
func TestSurveyOfThousandsKeepsEachAnswerInItsPlace(t *testing.T) {
	b, r := surveyor(t, teams)
	d, err := b.Examine(r)
	if err != nil {
		t.Fatal(err)
	}
	found := &modules.Found{}
	for i := range 3000 {
		found.Modules = append(found.Modules, modules.Module{Dir: fmt.Sprintf("both/t%04d", i)})
	}
	s := b.survey(r, d, found)
	if len(s.Placed) != 3000 {
		t.Fatalf("%d placed", len(s.Placed))
	}
	for i, p := range s.Placed {
		want := []Role{
			{Operations: []rolemap.Operation{"plan"}, RoleARN: fmt.Sprintf("arn:aws:iam::111111111111:role/t%04d-plan", i), Account: "111111111111"},
			{Operations: []rolemap.Operation{"apply"}, RoleARN: fmt.Sprintf("arn:aws:iam::111111111111:role/t%04d-apply", i), Account: "111111111111"},
		}
		if p.Environment != "both" || p.Outcome != Mapped || !reflect.DeepEqual(p.Roles, want) {
			t.Fatalf("%s: %+v", p.Dir, p)
		}
	}
}

func TestEachOutcomeOfAModule(t *testing.T) {
	b, r := surveyor(t, teams)
	d, err := b.Examine(r)
	if err != nil {
		t.Fatal(err)
	}
	found := &modules.Found{}
	tooLong := "long/" + strings.Repeat("x", 70) // for the name of a role
	for _, dir := range []string{"one", "nowhere", "modules/vpc", "tied/tied", "spaces", "star", "prs", "started", "hidden/x", tooLong} {
		found.Modules = append(found.Modules, modules.Module{Dir: dir})
	}
	r.EnvironmentVariable, r.Environment, r.Set = "one", "one", map[string]string{"team": "x"} // none of which is asked about
	got := map[string]Placed{}
	for _, p := range b.survey(r, d, found).Placed {
		got[p.Dir+" "+p.Workspace] = p
	}
	for name, want := range map[string]Placed{
		"one default":         {Outcome: Mapped, Environment: "one"},
		"nowhere default":     {Outcome: Unmapped},
		"modules/vpc default": {Outcome: Shared},
		"tied/tied default":   {Outcome: Tied, Rivals: []string{"rival", "other"}},
		"spaces blue":         {Outcome: Mapped, Environment: "blue"},
		"star any-x":          {Outcome: Mapped, Environment: "star", Example: true},
		"prs default":         {Outcome: Mapped, Environment: "main"},
		"prs pr-any":          {Outcome: Failed, Environment: "pr", Example: true},
		"hidden/x default":    {Outcome: Shared}, // in every workspace
		"started default":     {Outcome: Shared},
		"started wany":        {Outcome: Mapped, Environment: "live", Example: true},
		tooLong + " default":  {Outcome: Failed, Environment: "long"},
	} {
		p := got[name]
		if p.Outcome != want.Outcome || p.Environment != want.Environment || p.Example != want.Example || !reflect.DeepEqual(p.Rivals, want.Rivals) {
			t.Errorf("%s: %+v", name, p)
		}
		if mapped := want.Outcome == Mapped; (p.Err == nil) != mapped || (len(p.Roles) > 0) != mapped {
			t.Errorf("%s: %v, %+v", name, p.Err, p.Roles)
		}
	}
	if len(got) != 12 {
		t.Errorf("%d answers", len(got))
	}
}

// What a survey says must not depend on who asks and where: not on the account's name, the branch, or CI's variables.
func TestSurveyIsTheSameForEverybody(t *testing.T) {
	b, r := surveyor(t, teams)
	d, err := b.Examine(r)
	if err != nil {
		t.Fatal(err)
	}
	d.Trust.How = "approved" // {actor} has no value here, which is exit 3 for a helper
	found := &modules.Found{Modules: []modules.Module{{Dir: "one"}}}
	if p := b.survey(r, d, found).Placed[0]; p.Outcome != Mapped {
		t.Errorf("%+v", p)
	}
}
