package rolemap

import (
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"whichrole/internal/problem"
)

// fake is an imported map: environments by DIR or DIR@WORKSPACE.
type fake map[string]*Imported

func (f fake) Choose(dir, workspace string) (*Imported, []Reason, error) {
	if here := f[dir+"@"+workspace]; here != nil {
		return here, []Reason{{Verdict: Won, Environment: here.Name, Pattern: "a query", Text: "the first that matches"}}, nil
	}
	if len(f.Workspaces(dir)) > 0 {
		return nil, nil, problem.New(problem.NoEnvironment, "%s has no workspace %s", dir, workspace)
	}
	return f[dir], nil, nil
}

func (f fake) Named(name, dir, workspace string) (*Imported, error) {
	for _, i := range f {
		if i.Name == name {
			return i, nil
		}
	}
	return nil, nil
}

func (f fake) Entries() (list []Entry) {
	for _, i := range f {
		if !slices.ContainsFunc(list, func(e Entry) bool { return e.Name == i.Name }) {
			list = append(list, Entry{Name: i.Name, Roles: map[Operation]string{Plan: i.Plan.RoleARN, Apply: i.Apply.RoleARN}})
		}
	}
	slices.SortFunc(list, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	return list
}

func (f fake) Workspaces(dir string) (list []string) {
	for at := range f {
		if d, w, found := strings.Cut(at, "@"); found && d == dir {
			list = append(list, w)
		}
	}
	slices.Sort(list)
	return list
}

func (f fake) Meaning() (map[string]string, string) {
	environments := map[string]string{}
	for _, i := range f {
		environments[i.Name] = `{"plan":"` + i.Plan.RoleARN + `"}`
	}
	return environments, `{"order":[]}`
}

func (f fake) Work() int64 { return fakeWork.Load() }

var fakeWork atomic.Int64

func (f fake) Review() []Finding { return []Finding{{Code: NeverWins, File: "config.yml", Line: 1}} }

func roleOf(name string) Route { return Route{RoleARN: "arn:aws:iam::999999999999:role/" + name} }

func imported() fake {
	return fake{
		"prod":      {Name: "live", Plan: roleOf("plan"), Apply: Route{RoleARN: roleOf("apply").RoleARN, Via: []string{roleOf("entry").RoleARN}, SessionName: "live {x}", Region: "eu-west-1", Duration: 15 * time.Minute, Audience: "aud"}},
		"only-plan": {Name: "reader", Plan: Route{RoleARN: roleOf("plan").RoleARN, DefaultRegion: "us-east-1", DefaultSessionName: "terrateam"}, Apply: Route{Err: problem.New(problem.NoEnvironment, "no oidc step for apply")}},
		"both":      {Name: "same", Plan: roleOf("theirs"), Apply: roleOf("theirs")},
		"shared@qa": {Name: "s-qa", Plan: roleOf("q"), Apply: roleOf("q2")},
		"shared@pr": {Name: "s-pr", Plan: roleOf("p"), Apply: roleOf("p2")},
		"agree@a":   {Name: "agree-a", Plan: roleOf("one"), Apply: roleOf("x")},
		"agree@b":   {Name: "agree-b", Plan: roleOf("one"), Apply: roleOf("y")},
		"gov":       {Name: "gov", Plan: Route{RoleARN: "arn:aws-us-gov:iam::999999999999:role/g", DefaultRegion: "us-east-1"}, Apply: roleOf("z")},
		"brace":     {Name: "brace", Plan: Route{RoleARN: "arn:aws:iam::{account_id}:role/x"}, Apply: roleOf("z")},
	}
}

const beside = `version: 1
import: terrateam
source: [{ profile: corp }]
defaults: { source_identity: "{user}", region: eu-central-1 }
environments:
  mine: { dirs: [mine, both], role_arn: "arn:aws:iam::111111111111:role/mine" }
  same: { role_arn: "arn:aws:iam::111111111111:role/mine" }
  space: { dirs: [space], workspaces: [a], role_arn: "arn:aws:iam::111111111111:role/mine" }
no_role: [modules]
`

func withImport(t *testing.T) *Map {
	t.Helper()
	m := parse(t, beside)
	m.Import(imported())
	return m
}

func TestImportedMapIsAskedWhereOursSaysNothing(t *testing.T) {
	user := func(string) (string, error) { return "ann", nil }
	tests := []struct {
		target Target
		want   string // ENVIRONMENT ROLE, or a word of the error
	}{
		{Target{Dir: "prod"}, "live plan"},
		{Target{Dir: "prod", Operation: Apply}, "live apply"},
		{Target{Dir: "prod", Operation: State}, "live plan"},
		{Target{Dir: "prod", Operation: State, Doing: Doing{Subcommand: Apply}}, "live apply"},
		{Target{Dir: "mine"}, "mine mine"},
		{Target{Dir: "both"}, "mine mine"},
		{Target{Dir: "modules"}, "shared code"},
		{Target{Dir: "only-plan"}, "reader plan"},
		{Target{Dir: "only-plan", Operation: Apply}, "no oidc step for apply"},
		{Target{Dir: "nowhere"}, "no environment matches nowhere: none of the workflows of Terrateam does"},
		{Target{Dir: "space"}, "no environment matches workspace default in space"},
		{Target{Dir: "shared", Workspace: "qa"}, "s-qa q"},
		{Target{Dir: "shared"}, "no workspace default"},
		{Target{Dir: "shared", Doing: Doing{SelectsWorkspace: true}}, "no workspace default"},
		{Target{Dir: "agree", Doing: Doing{SelectsWorkspace: true}}, "agree-a one"},
		{Target{Dir: "agree", Doing: Doing{SelectsWorkspace: true, Subcommand: Apply}}, "no workspace default"},
		{Target{Dir: "mine", Environment: "live"}, "live plan"},
		{Target{Dir: "prod", Environment: "mine"}, "mine mine"},
		{Target{Dir: "prod", Environment: "same"}, "both"},
		{Target{Dir: "prod", Environment: "livee"}, "there is no such environment"},
		{Target{Dir: "mine", EnvironmentVariable: "live"}, "mine belongs to environment mine, but WHICHROLE_ENV says live"},
		{Target{Dir: "prod", EnvironmentVariable: "mine"}, "prod belongs to environment live, but WHICHROLE_ENV says mine"},
		{Target{Dir: "prod", EnvironmentVariable: "reader"}, "prod belongs to environment live"},
		{Target{Dir: "prod", EnvironmentVariable: "live"}, "live plan"},
		{Target{Dir: "prod", EnvironmentVariable: "typo"}, "there is no such environment"},
		{Target{Dir: "nowhere", EnvironmentVariable: "live"}, "live plan"},
		{Target{Dir: "nowhere", EnvironmentVariable: "mine"}, "mine mine"},
		{Target{Dir: "brace"}, "is not the ARN of a role"},
	}
	for _, tt := range tests {
		tt.target.Lookup = user
		g, _, err := withImport(t).Resolve(tt.target)
		if err != nil {
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%+v: %v", tt.target, err)
			}
			continue
		}
		if got := g.Environment + " " + g.RoleARN()[strings.LastIndex(g.RoleARN(), "/")+1:]; got != tt.want {
			t.Errorf("%+v: %s, want %s", tt.target, got, tt.want)
		}
	}
}

func TestImportedRouteGetsTheDefaultsAndTheSource(t *testing.T) {
	m := withImport(t)
	user := func(variable string) (string, error) { return map[string]string{"user": "ann"}[variable], nil }
	g, _, err := m.Resolve(Target{Dir: "prod", Operation: Apply, Lookup: user})
	if err != nil {
		t.Fatal(err)
	}
	last := g.Hops[1]
	if len(g.Hops) != 2 || g.Region != "eu-west-1" || last.SessionName != "live--x-" || last.SourceIdentity != "ann" || last.Duration != 15*time.Minute ||
		g.Account != "999999999999" || len(g.Sources) != 1 || g.Audience != "aud" {
		t.Errorf("%+v", g)
	}
	if g, _, err = m.Resolve(Target{Dir: "only-plan", Lookup: user}); err != nil || g.Region != "eu-central-1" || g.DefaultRegion != "" || g.SessionName != "terrateam" {
		t.Errorf("%+v %v", g, err)
	}
	alone := Foreign("config.yml", imported())
	if g, _, err = alone.Resolve(Target{Dir: "only-plan", Lookup: user}); err != nil || g.Region != "" || g.DefaultRegion != "us-east-1" {
		t.Errorf("%+v %v", g, err)
	}
	if g, _, err = alone.Resolve(Target{Dir: "gov", Lookup: user}); err != nil || g.DefaultRegion != "" {
		t.Errorf("us-east-1 is no region of GovCloud: %+v %v", g, err)
	}
	if g, _, err = alone.Resolve(Target{Dir: "prod", Lookup: user}); err != nil || g.SessionName != "ann-live" {
		t.Errorf("%+v %v", g, err)
	}
}

// What the operation is costs a look at processes.
func TestImportedRoutesThatAreTheSameAskForNoOperation(t *testing.T) {
	alone := Foreign("config.yml", imported())
	for dir, want := range map[string]bool{"both": false, "prod": true, "only-plan": true} {
		asked := false
		alone.Resolve(Target{Dir: dir, Ask: func() (Operation, Doing) { asked = true; return Plan, Doing{} }})
		if asked != want {
			t.Errorf("%s: asked %v", dir, asked)
		}
	}
}

func TestImportedMeaningIsPartOfTheMeaning(t *testing.T) {
	m := withImport(t)
	one := m.Meaning()
	if one.Environments["live"] == "" || !strings.Contains(one.Rest, `"terrateam":{"order":[]}`) {
		t.Errorf("%+v", one)
	}
	if both := one.Environments["same"]; !strings.Contains(both, "theirs") || !strings.Contains(both, "role/mine") {
		t.Errorf("one of two environments of a name is not approved: %s", both)
	}
	if rest := Foreign("x", imported()).Meaning().Rest; rest != `{"import_terrateam":true,"terrateam":{"order":[]}}` {
		t.Error(rest)
	}
}

func TestImportedEnvironmentsAreListed(t *testing.T) {
	m := withImport(t)
	names := m.EnvironmentNames()
	if !slices.Contains(names, "live") || !slices.Contains(names, "mine") || len(names) != 11 {
		t.Errorf("%v", names)
	}
	if err := m.Knows("live", nil); err != nil {
		t.Error(err)
	}
	if got := m.Workspaces("shared"); !slices.Equal(got, []string{"pr", "qa"}) {
		t.Errorf("%v", got)
	}
	if got := m.Workspaces("mine"); !slices.Equal(got, []string{"default"}) {
		t.Errorf("%v", got)
	}
	if s := m.Standing("prod", "default"); !slices.Equal(s.Environments, []string{"live"}) {
		t.Errorf("%+v", s)
	}
	if !slices.ContainsFunc(m.Review(), func(f Finding) bool { return f.File == "config.yml" }) {
		t.Error("its findings are missing")
	}
}

func TestImportedWorkCountsForTheBound(t *testing.T) {
	fakeWork.Store(1000)
	defer fakeWork.Store(0)
	m := Foreign("x", imported()).Bounded(100)
	if m.Spent() {
		t.Error("the work of before counts")
	}
	if fakeWork.Add(101); !m.Spent() {
		t.Error("its own work does not count")
	}
}

func TestNothingHereIsSilentForAnImportedMapToo(t *testing.T) {
	if _, _, err := Foreign("x", imported()).Resolve(Target{Dir: "nowhere"}); !errors.Is(err, problem.ErrNowhere) {
		t.Error(err)
	}
}
