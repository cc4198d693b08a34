package survey

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"whichrole/internal/modules"
	"whichrole/internal/rolemap"
	"whichrole/internal/terrateam"
)

func parse(t *testing.T, text string) *rolemap.Map {
	t.Helper()
	m, err := rolemap.Parse("map", []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func all(t *testing.T, m *rolemap.Map, list []modules.Module) []Placed {
	t.Helper()
	placed, whole := Of(m, list, Question{Steps: Enough})
	if !whole {
		t.Error("not all were asked")
	}
	return placed
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
	m := parse(t, teams)
	var found []modules.Module
	for i := range 3000 {
		found = append(found, modules.Module{Dir: fmt.Sprintf("both/t%04d", i)})
	}
	placed, whole := Of(m, found, Question{Steps: Enough})
	if len(placed) != 3000 || !whole {
		t.Fatalf("%d placed", len(placed))
	}
	for i, p := range placed {
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
	m := parse(t, teams)
	var found []modules.Module
	tooLong := "long/" + strings.Repeat("x", 70) // for the name of a role
	for _, dir := range []string{"one", "nowhere", "modules/vpc", "tied/tied", "spaces", "star", "prs", "started", "hidden/x", tooLong} {
		found = append(found, modules.Module{Dir: dir})
	}
	got := map[string]Placed{}
	for _, p := range all(t, m, found) {
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
	m := parse(t, teams)
	if p := all(t, m, []modules.Module{{Dir: "one"}})[0]; p.Outcome != Mapped { // {actor} has no value here, which is exit 3 for a helper
		t.Errorf("%+v", p)
	}
}

func many(n int, dir string) (list []modules.Module) {
	for i := range n {
		list = append(list, modules.Module{Dir: fmt.Sprintf("%s/m%d", dir, i), AWS: true, Kind: "terraform"})
	}
	return list
}

// A repository of one-line modules below a map of stars kept a processor busy for minutes.
func TestSurveyOfAHostileRepositoryHasAnEnd(t *testing.T) {
	var text strings.Builder
	text.WriteString("version: 1\nsource: [{profile: corp}]\nenvironments:\n")
	for i := range 150 {
		var names []string
		for j := range 100 {
			names = append(names, fmt.Sprintf("w%d", (i+j)%150))
		}
		fmt.Fprintf(&text, "  e%d: {dirs: ['**/a/**/*/**/m*'], workspaces: [%s], role_arn: 'arn:aws:iam::111111111111:role/x'}\n", i, strings.Join(names, ", "))
	}
	placed, whole := Of(parse(t, text.String()), many(2000, "a/b/a/b/a/b/a/b"), Question{Steps: Enough / 100})
	if n := len(placed); n == 0 || n > 5000 || whole { // of 300,000
		t.Errorf("%d answers, whole %v", n, whole)
	}
}

// One environment with a hundred workspaces and thousands of modules took 2 GB.
func TestSurveyOfManyWorkspacesKeepsToItsMemory(t *testing.T) {
	var names []string
	for i := range 100 {
		names = append(names, fmt.Sprintf("w%d", i))
	}
	m := parse(t, "version: 1\nsource: [{profile: corp}]\nenvironments:\n  e: {dirs: [a], workspaces: ["+strings.Join(names, ", ")+
		"], role_arn: {plan: 'arn:aws:iam::111111111111:role/p', apply: 'arn:aws:iam::111111111111:role/a', state: 'arn:aws:iam::111111111111:role/s'}}\n")
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	placed, whole := Of(m, many(4000, "a"), Question{Steps: Enough})
	runtime.GC()
	runtime.ReadMemStats(&after)
	kept := int64(after.HeapAlloc) - int64(before.HeapAlloc)
	t.Log(kept>>20, "MB", len(placed))
	if len(placed) < maxPlaced || len(placed) > maxPlaced+100 || kept > 300<<20 || whole {
		t.Errorf("%d placed in %d MB, whole %v", len(placed), kept>>20, whole)
	}
}

// A workflow of Terrateam's may have a role for one operation alone, or for none.
func TestRolesForOneOperationAlone(t *testing.T) {
	c, err := terrateam.Parse("config.yml", []byte(`
workflows:
  - {tag_query: "dir:reads", plan: [{type: oidc, provider: aws, role_arn: "arn:aws:iam::111111111111:role/p"}]}
  - {tag_query: "dir:writes", apply: [{type: oidc, provider: aws, role_arn: "arn:aws:iam::111111111111:role/a"}]}
  - {tag_query: "dir:nothing"}
  - {tag_query: "dir:broken", plan: [{type: oidc, provider: aws, role_arn: "$UNSET"}]}
`))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]Placed{}
	for _, p := range all(t, rolemap.Foreign("config.yml", c.In(terrateam.World{})), []modules.Module{{Dir: "reads"}, {Dir: "writes"}, {Dir: "nothing"}, {Dir: "else"}, {Dir: "broken"}}) {
		got[p.Dir] = p
	}
	for dir, want := range map[string]struct {
		outcome Outcome
		roles   string
	}{
		"reads": {Mapped, "[plan] role/p"}, "writes": {Mapped, "[apply] role/a"}, "nothing": {Unmapped, ""}, "else": {Unmapped, ""}, "broken": {Failed, ""},
	} {
		roles := ""
		for _, r := range got[dir].Roles {
			roles += fmt.Sprint(r.Operations, " ", r.RoleARN[len("arn:aws:iam::111111111111:"):])
		}
		if got[dir].Outcome != want.outcome || roles != want.roles {
			t.Errorf("%s: %s %s, %v", dir, got[dir].Outcome, roles, got[dir].Err)
		}
	}
}
