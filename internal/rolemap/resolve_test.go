package rolemap

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"whichrole/internal/problem"
)

const live = head + `environments:
  live:
    dirs: ["live/{account}/{region}", "flat/{account}"]
    role_arn: "arn:aws:iam::{account_id}:role/tf-{region}"
    region: "{region}"
  oncall:
    role_arn: "arn:aws:iam::{account_id}:role/oncall"
accounts: {payments: "333333333333", data: "444444444444"}
`

func TestSetGivesCaptures(t *testing.T) {
	m := parse(t, live)
	for name, c := range map[string]struct {
		target Target
		want   string
	}{
		"what the directory lacks": {Target{Dir: "flat/data", Set: map[string]string{"region": "eu-west-1"}}, "arn:aws:iam::444444444444:role/tf-eu-west-1"},
		"instead of the directory": {Target{Dir: "live/data/eu-west-1", Set: map[string]string{"account": "payments"}}, "arn:aws:iam::333333333333:role/tf-eu-west-1"},
		"with --env alone":         {Target{Dir: ".", Environment: "live", Set: map[string]string{"account": "data", "region": "us-east-1"}}, "arn:aws:iam::444444444444:role/tf-us-east-1"},
		"--env keeps captures":     {Target{Dir: "live/data/eu-west-1/vpc", Environment: "live"}, "arn:aws:iam::444444444444:role/tf-eu-west-1"},
		"without any dirs":         {Target{Dir: "live/data/eu-west-1", Environment: "oncall", Set: map[string]string{"account": "data"}}, "arn:aws:iam::444444444444:role/oncall"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := resolve(t, m, c.target).RoleARN(); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestAccountNameIsTheEntryThatWasUsed(t *testing.T) {
	g := resolve(t, parse(t, live), Target{Dir: "live/data/eu-west-1"})
	if g.AccountName != "data" || g.Account != "444444444444" || g.Region != "eu-west-1" || g.Partition != "aws" {
		t.Errorf("%+v", g)
	}
	if want := map[string]string{"account": "data", "region": "eu-west-1"}; !reflect.DeepEqual(g.Captures, want) {
		t.Errorf("captures %v", g.Captures)
	}
}

// --set is the user's word, but it is no way around what a directory may bring into a role.
func TestSetObeysTheRulesOfCaptures(t *testing.T) {
	m := parse(t, live)
	for name, c := range map[string]struct {
		set  map[string]string
		says string
	}{
		"unknown name":     {map[string]string{"accont": "data"}, "did you mean account?"},
		"builtin":          {map[string]string{"env": "data"}, "no pattern"},
		"empty":            {map[string]string{"account": ""}, "the name of one directory"},
		"two segments":     {map[string]string{"account": "a/b"}, "the name of one directory"},
		"control":          {map[string]string{"account": "a\x1b[2J"}, "the name of one directory"},
		"climbs":           {map[string]string{"region": "eu-west-1:role"}, "cannot stand in role_arn"},
		"no region":        {map[string]string{"region": "europe"}, "europe is not a region"},
		"other partition":  {map[string]string{"region": "cn-north-1"}, "aws-cn"},
		"not in accounts":  {map[string]string{"account": "dta"}, "did you mean data?"},
		"12 digits":        {map[string]string{"account": "444444444444"}, "accounts"},
		"leading brackets": {map[string]string{"account": "{account}"}, "accounts"},
	} {
		t.Run(name, func(t *testing.T) {
			fails(t, refused(t, m, Target{Dir: "live/data/eu-west-1", Set: c.set}), problem.NoEnvironment, c.says)
		})
	}
}

func TestAccountIDWithoutAccountsIsTwelveDigits(t *testing.T) {
	text := "version: 1\nenvironments:\n  live:\n    dirs: ['{account}']\n    role_arn: 'arn:aws:iam::{account_id}:role/x'\n"
	m := parse(t, text)
	if g := resolve(t, m, Target{Dir: "555555555555"}); g.Account != "555555555555" || g.AccountName != "" {
		t.Errorf("%+v", g)
	}
	fails(t, refused(t, m, Target{Dir: "55555"}), problem.NoEnvironment, "55555", "12 digits")
	// accounts: {} is a list of nobody, not the absence of a list.
	m = parse(t, text+"accounts: {}\n")
	fails(t, refused(t, m, Target{Dir: "555555555555"}), problem.NoEnvironment, "accounts")
}

// A directory's name comes from the repository: it must not become another account, another path or a second ARN.
func TestDirectoryNamesCannotBreakOutOfTheRole(t *testing.T) {
	m := parse(t, "version: 1\nenvironments:\n  live:\n    dirs: ['live/{team}']\n    role_arn: 'arn:aws:iam::111111111111:role/{team}'\n")
	for _, name := range []string{"a b", "a:b", "a,b", "ä", "a\nb", "a\x1b[31m", "{env}", "a*", "a\u202eb"} {
		fails(t, refused(t, m, Target{Dir: "live/" + name}), problem.NoEnvironment, "{team}", "cannot stand in role_arn")
	}
	fails(t, refused(t, m, Target{Dir: "live/" + strings.Repeat("a", 65)}), problem.NoEnvironment, "1 to 64")
	if got := resolve(t, m, Target{Dir: "live/a.b-c_D9"}).RoleARN(); got != "arn:aws:iam::111111111111:role/a.b-c_D9" {
		t.Error(got)
	}
}

// .terraform/environment is in the repository too.
func TestWorkspaceNamesCannotBreakOutOfTheRole(t *testing.T) {
	m := parse(t, "version: 1\nenvironments:\n  qa:\n    dirs: [qa]\n    role_arn: 'arn:aws:iam::111111111111:role/{workspace}'\n")
	fails(t, refused(t, m, Target{Dir: "qa", Workspace: "admin/x"}), problem.NoEnvironment, "{workspace}", "cannot stand in role_arn")
}

func TestDirectoryOutsideTheMapIsRefused(t *testing.T) {
	m := parse(t, "version: 1\nenvironments: {all: {dirs: ['**'], "+qaRole+"}}\n")
	for _, dir := range []string{"..", "../qa", "/qa", "qa/../../x", "qa/", "./qa"} {
		fails(t, refused(t, m, Target{Dir: dir}), problem.NoEnvironment, "not below the map's directory")
	}
}

// A forgotten export WHICHROLE_ENV=production must never bring production's role into another directory.
func TestForgottenEnvironmentVariable(t *testing.T) {
	m := parse(t, head+`environments:
  production: {dirs: [production], role_arn: "arn:aws:iam::111111111111:role/production"}
  qa: {dirs: [qa], role_arn: "arn:aws:iam::222222222222:role/qa"}
  network: {dirs: [network], workspaces: [blue], role_arn: "arn:aws:iam::444444444444:role/network"}
  oncall: {role_arn: "arn:aws:iam::333333333333:role/oncall"}
  left: {dirs: [tie], role_arn: "arn:aws:iam::333333333333:role/left"}
  right: {dirs: [tie], role_arn: "arn:aws:iam::333333333333:role/right"}
no_role: [modules]
`)
	for _, c := range []struct{ dir, variable, want string }{
		{"production", "production", "production"},
		{"docs", "production", "production"},
		{".", "oncall", "oncall"},
	} {
		if g := resolve(t, m, Target{Dir: c.dir, EnvironmentVariable: c.variable}); g.Environment != c.want || g.Overridden != "" {
			t.Errorf("%s: %s, overridden %q", c.dir, g.Environment, g.Overridden)
		}
	}
	for _, c := range []struct {
		dir, variable string
		says          []string
	}{
		{"qa/vpc", "production", []string{"qa", "production", "WHICHROLE_ENV", "unset WHICHROLE_ENV"}},
		{"modules/vpc", "production", []string{"no role", "modules", "production", "WHICHROLE_ENV"}},
		{"network", "production", []string{"network", "production", "WHICHROLE_ENV"}},
		{"network", "network", []string{"workspace default", "blue"}},
		{"tie", "left", []string{"left", "right"}},
		{"docs", "prodction", []string{"WHICHROLE_ENV=prodction", "did you mean production?"}},
	} {
		t.Run(c.dir+" "+c.variable, func(t *testing.T) {
			fails(t, refused(t, m, Target{Dir: c.dir, EnvironmentVariable: c.variable}), problem.NoEnvironment, c.says...)
		})
	}
	// The flag is meant now, so it overrides, and that is seen.
	g := resolve(t, m, Target{Dir: "qa", Environment: "production", EnvironmentVariable: "oncall"})
	if g.Environment != "production" || g.Overridden != "qa" {
		t.Errorf("%s, overridden %q", g.Environment, g.Overridden)
	}
	if g := resolve(t, m, Target{Dir: "modules", Environment: "qa"}); g.Overridden != "no_role" {
		t.Errorf("overridden %q", g.Overridden)
	}
}

func TestWorkspaceRules(t *testing.T) {
	m := parse(t, head+`environments:
  red: {dirs: [net], workspaces: [red], role_arn: "arn:aws:iam::111111111111:role/red"}
  glob: {dirs: [net], workspaces: ["r*", "b*"], role_arn: "arn:aws:iam::111111111111:role/glob"}
  any: {dirs: [net], role_arn: "arn:aws:iam::111111111111:role/any"}
  deep: {dirs: [net/deep], role_arn: "arn:aws:iam::111111111111:role/deep"}
  sandbox: {workspaces: [sandbox], role_arn: "arn:aws:iam::111111111111:role/sandbox"}
no_role: [modules]
`)
	for _, c := range []struct{ dir, workspace, want string }{
		{"net", "blue", "glob"}, {"net", "", "any"}, {"net/deep", "blue", "deep"}, {"elsewhere", "sandbox", "sandbox"}, {"net", "sandbox", "any"},
	} {
		if g := resolve(t, m, Target{Dir: c.dir, Workspace: c.workspace}); g.Environment != c.want {
			t.Errorf("%s in %s: %s, want %s", c.dir, c.workspace, g.Environment, c.want)
		}
	}
	fails(t, refused(t, m, Target{Dir: "net", Workspace: "red"}), problem.NoEnvironment, "red", "glob")
	fails(t, refused(t, m, Target{Dir: "modules", Workspace: "sandbox"}), problem.NoEnvironment, "no role")
	fails(t, refused(t, m, Target{Dir: "elsewhere", Workspace: "sandbx"}), problem.NoEnvironment, "sandbx", "export TF_WORKSPACE=sandbox")
}

const twoWorkspaces = head + `environments:
  blue: {dirs: [net], workspaces: [blue], role_arn: {apply: "arn:aws:iam::111111111111:role/blue", state: "arn:aws:iam::999999999999:role/state"}}
  green: {dirs: [net], workspaces: [green], role_arn: {apply: "arn:aws:iam::222222222222:role/green", state: "arn:aws:iam::999999999999:role/STATE"}}
`

// The backend must be reachable before a workspace can be selected.
func TestInitInAWorkspaceThatMatchesNothing(t *testing.T) {
	m := parse(t, strings.Replace(twoWorkspaces, "STATE", "state", 1))
	target := Target{Dir: "net", Doing: Doing{SelectsWorkspace: true}, Operation: Plan}
	g := resolve(t, m, target)
	if g.RoleARN() != "arn:aws:iam::999999999999:role/state" || g.Operation != State || g.Environment != "blue" || g.Account != "999999999999" {
		t.Errorf("%+v", g)
	}
	target.EnvironmentVariable = "green"
	if g := resolve(t, m, target); g.Environment != "green" || g.RoleARN() != "arn:aws:iam::999999999999:role/state" {
		t.Errorf("%+v", g)
	}
	fails(t, refused(t, m, Target{Dir: "net"}), problem.NoEnvironment, "workspace default", "blue, green")
	if g := resolve(t, m, Target{Dir: "net", Workspace: "green", Doing: Doing{SelectsWorkspace: true}}); g.RoleARN() != "arn:aws:iam::222222222222:role/green" {
		t.Errorf("a workspace that matches: %+v", g)
	}
}

func TestInitDoesNotGuessBetweenStateRoles(t *testing.T) {
	same := strings.Replace(twoWorkspaces, "STATE", "state", 1)
	for name, text := range map[string]string{
		"roles":        twoWorkspaces,
		"chains":       strings.Replace(same, "  blue: {", `  blue: {via: ["arn:aws:iam::111111111111:role/hub"], `, 1),
		"external ids": strings.Replace(same, "  blue: {", `  blue: {external_id: abc, `, 1),
		"sources":      strings.Replace(same, "  blue: {", `  blue: {source: [{profile: other}], `, 1),
		"no state":     strings.ReplaceAll(same, ", state: \"arn:aws:iam::999999999999:role/state\"", ""),
	} {
		t.Run(name, func(t *testing.T) {
			m := parse(t, text)
			fails(t, refused(t, m, Target{Dir: "net", Doing: Doing{SelectsWorkspace: true}}), problem.NoEnvironment, "workspace default", "TF_WORKSPACE=blue terraform init")
		})
	}
}

func TestOperations(t *testing.T) {
	m := parse(t, head+`environments:
  a: {dirs: [a], role_arn: "arn:aws:iam::111111111111:role/tf-{operation}", session_name: "{operation}-x"}
  b: {dirs: [b], role_arn: {apply: "arn:aws:iam::111111111111:role/apply", plan: "arn:aws:iam::111111111111:role/plan"}}
`)
	for _, c := range []struct {
		dir            string
		op, subcommand Operation
		role, session  string
	}{
		{"a", "", "", "tf-plan", "plan-x"}, {"a", Apply, "", "tf-apply", "apply-x"},
		{"a", State, "", "tf-plan", "state-x"}, {"a", State, Apply, "tf-apply", "state-x"},
		{"b", State, "", "plan", "alice-b"}, {"b", State, Plan, "plan", "alice-b"}, {"b", State, Apply, "apply", "alice-b"},
	} {
		g := resolve(t, m, Target{Dir: c.dir, Operation: c.op, Doing: Doing{Subcommand: c.subcommand}})
		if !strings.HasSuffix(g.RoleARN(), "role/"+c.role) || g.SessionName != c.session {
			t.Errorf("%+v: %s, %s", c, g.RoleARN(), g.SessionName)
		}
	}
	fails(t, refused(t, m, Target{Dir: "a", Operation: "destroy"}), problem.Usage, "destroy")
}

func TestEverySTSParameterReachesItsHop(t *testing.T) {
	m := parse(t, one(qaRole, `via: ["arn:aws:iam::999999999999:role/hub-{operation}"]`, "duration: 45m", `session_name: "{user} of {repo}"`,
		`external_id: "{env}:{branch}"`, `source_identity: "{user}@corp"`, `session_tags: {team: "{dir}", host: "{host}"}`, "transitive_tags: [team]",
		"policy: policies/ro.json", "policy_arns: ['arn:aws:iam::aws:policy/ReadOnlyAccess']", "region: eu-west-1", `account: "222222222222"`))
	g := resolve(t, m, Target{Dir: "qa/vpc"})
	want := []Hop{
		{RoleARN: "arn:aws:iam::999999999999:role/hub-plan", SessionName: "alice-of-infra", SourceIdentity: "alice@corp", Duration: 15 * time.Minute},
		{RoleARN: "arn:aws:iam::222222222222:role/qa", SessionName: "alice-of-infra", SourceIdentity: "alice@corp", Duration: 45 * time.Minute,
			ExternalID: "qa:main", Tags: []Tag{{"host", "box"}, {"team", "qa/vpc"}}, TransitiveTagKeys: []string{"team"},
			Policy: `{"Version":"2012-10-17","Statement":[]}`, PolicyARNs: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}},
	}
	if !reflect.DeepEqual(g.Hops, want) {
		t.Errorf("got  %+v\nwant %+v", g.Hops, want)
	}
	if g.Account != "222222222222" || g.Region != "eu-west-1" || len(g.Sources) != 2 || g.Sources[0].Name != "corp" {
		t.Errorf("%+v", g)
	}
}

func TestListsReplaceTheDefaults(t *testing.T) {
	m := parse(t, head+`defaults: {session_tags: {a: "1", b: "2"}, policy_arns: ["arn:aws:iam::aws:policy/A"], source: [{profile: d}]}
environments:
  inherits: {dirs: [i], role_arn: "arn:aws:iam::111111111111:role/x"}
  replaces: {dirs: [r], role_arn: "arn:aws:iam::111111111111:role/x", session_tags: {c: "3"}, policy_arns: [], source: [{profile: e}]}
`)
	i, r := resolve(t, m, Target{Dir: "i"}), resolve(t, m, Target{Dir: "r"})
	if len(i.Hops[0].Tags) != 2 || len(i.Hops[0].PolicyARNs) != 1 || i.Sources[0].Name != "d" {
		t.Errorf("inherits: %+v", i)
	}
	if len(r.Hops[0].Tags) != 1 || len(r.Hops[0].PolicyARNs) != 0 || r.Sources[0].Name != "e" {
		t.Errorf("replaces: %+v", r)
	}
}

func TestPermissionSetAndSourceAlone(t *testing.T) {
	m := parse(t, head+`environments:
  sso: {dirs: ["sso/{team}"], permission_set: {plan: ReadOnly, apply: "{team}-Admin"}, account: "111111111111", region: us-gov-west-1}
  alone: {dirs: [alone], source: [{profile: root}], account: "222222222222"}
`)
	g := resolve(t, m, Target{Dir: "sso/net", Operation: Apply})
	if g.PermissionSet != "net-Admin" || len(g.Hops) != 0 || g.Account != "111111111111" || g.Partition != "aws-us-gov" || g.RoleARN() != "" {
		t.Errorf("%+v", g)
	}
	fails(t, refused(t, m, Target{Dir: "sso/" + strings.Repeat("x", 40), Operation: Apply}), problem.NoEnvironment, "permission set")
	g = resolve(t, m, Target{Dir: "alone"})
	if g.PermissionSet != "" || len(g.Hops) != 0 || g.Account != "222222222222" || g.Sources[0].Name != "root" {
		t.Errorf("%+v", g)
	}
}

func TestValuesAreCheckedAfterSubstitution(t *testing.T) {
	broken := func(v string) (string, error) {
		switch v {
		case "branch":
			return "feature/#1", nil
		case "user":
			return "jürgen @corp", nil
		case "host":
			return "", errors.New("no host")
		case "repo":
			return strings.Repeat("r", 300), nil
		}
		return "", nil
	}
	for name, c := range map[string]struct {
		line string
		says []string
	}{
		"tag":             {`session_tags: {b: "{branch}"}`, []string{"tag b", "feature/#1"}},
		"long tag":        {`session_tags: {b: "{repo}"}`, []string{"256"}},
		"external id":     {`external_id: "{branch}"`, []string{"external_id", "feature/#1"}},
		"no value":        {`session_name: "{actor}-{run_id}"`, []string{"{actor}, {run_id}", "qa"}},
		"lookup fails":    {`session_name: "{host}"`, []string{"{host}", "no host"}},
		"another account": {`account: "{account_id}"`, []string{"account says 333333333333"}},
	} {
		t.Run(name, func(t *testing.T) {
			m := parse(t, strings.Replace(one(qaRole, c.line), "[qa]", "['qa/{account}']", 1)+"accounts: {a: \"333333333333\"}\n")
			fails(t, refused(t, m, Target{Dir: "qa/a", Lookup: broken}), problem.NoEnvironment, c.says...)
		})
	}
	g := resolve(t, parse(t, one(qaRole, `source_identity: "{user}"`)), Target{Dir: "qa", Lookup: broken})
	if g.SessionName != "j-rgen-@corp-qa" || g.Hops[0].SourceIdentity != "j-rgen-@corp" {
		t.Errorf("%q, %q", g.SessionName, g.Hops[0].SourceIdentity)
	}
}

func TestLookupIsAskedOnlyForWhatIsUsed(t *testing.T) {
	m := parse(t, one(qaRole, `session_name: "{env}"`))
	resolve(t, m, Target{Dir: "qa", Lookup: func(v string) (string, error) {
		t.Errorf("asked for %s", v)
		return "", nil
	}})
}

func TestTwoPatternsOfOneEnvironment(t *testing.T) {
	m := parse(t, "version: 1\nenvironments:\n  live:\n    dirs: ['{team}/x', '{group}/x', 'a/x']\n    "+qaRole+"\n    session_name: '{env}'\n")
	resolve(t, m, Target{Dir: "a/x"}) // the literal one is the best
	fails(t, refused(t, m, Target{Dir: "b/x"}), problem.NoEnvironment, "live ({team}/x", "live ({group}/x")
}

func TestNearestDirectory(t *testing.T) {
	m := parse(t, live)
	fails(t, refused(t, m, Target{Dir: "life/data/eu-west-1"}), problem.NoEnvironment, "no environment matches life/data/eu-west-1", "did you mean 'live/{account}/{region}'?", "whichrole explain")
	fails(t, refused(t, m, Target{Dir: "live/data"}), problem.NoEnvironment, "the pattern 'live/{account}/{region}' wants a deeper directory")
	fails(t, refused(t, m, Target{Dir: "entirely-different"}), problem.NoEnvironment, "whichrole explain")
}

// The first command of a new user, at the top of the repository, said "no environment matches ." and nothing of where to go.
func TestTopOfARepositoryNamesADirectoryToGoTo(t *testing.T) {
	role := ", role_arn: 'arn:aws:iam::111111111111:role/x'}"
	for hint, text := range map[string]string{
		"cd qa":               environments("live: {dirs: ['live/*']"+role, "qa: {dirs: ['q?', qa, qb]"+role),
		"cd 'my qa'":          environments("qa: {dirs: ['-x', 'my qa/']" + role),
		"whichrole -e oncall": environments("live: {dirs: ['live/*']"+role, "oncall: {role_arn: 'arn:aws:iam::111111111111:role/x'}"),
		"whichrole -e live":   environments("live: {dirs: ['live/*']" + role),
	} {
		m := parse(t, text)
		_, _, err := m.Resolve(Target{Dir: "."})
		want := "the top directory of the role map belongs to no environment: it has " + list(m.EnvironmentNames())
		if err == nil || err.Error() != want || problem.HintOf(err) != hint {
			t.Errorf("%s: %v (%s)", hint, err, problem.HintOf(err))
		}
	}
	m := parse(t, environments("qa: {dirs: [qa]"+role))
	if _, _, err := m.Resolve(Target{Dir: ".", Workspace: "blue"}); err == nil || err.Error() != "the top directory of the role map belongs to no environment in workspace blue: it has qa" {
		t.Error(err)
	}
}

func TestReasonsAreInWords(t *testing.T) {
	m := parse(t, head+`environments:
  all: {dirs: ["**"], role_arn: "arn:aws:iam::111111111111:role/x"}
  star: {dirs: ["apps/*"], role_arn: "arn:aws:iam::111111111111:role/x"}
  literal: {dirs: ["apps/api"], workspaces: [prod], role_arn: "arn:aws:iam::111111111111:role/x"}
  oncall: {role_arn: "arn:aws:iam::111111111111:role/x"}
no_role: [modules, apps]
`)
	for _, c := range []struct {
		target Target
		want   []string
	}{
		{Target{Dir: "apps/api", Workspace: "prod"}, []string{
			"lost all: literal is deeper: 2 segments against 0",
			"lost star: literal is more specific: apps/api against apps/*",
			"won literal: more specific than star: apps/api against apps/*",
			"no match oncall: has neither dirs nor workspaces: only --env chooses it",
			"no match no_role: does not match apps/api",
			"lost no_role: literal is deeper: 2 segments against 1"}},
		{Target{Dir: "apps/api"}, []string{
			"lost all: star is deeper: 2 segments against 0",
			"won star: deeper than no_role: 2 segments against 1",
			"no match literal: matches apps/api, but workspace default is not one of prod",
			"no match oncall: has neither dirs nor workspaces: only --env chooses it",
			"no match no_role: does not match apps/api",
			"lost no_role: star is deeper: 2 segments against 1"}},
		{Target{Dir: "apps", Environment: "oncall"}, []string{
			"lost all: no_role is deeper: 1 segment against 0",
			"no match star: apps/* does not match apps",
			"no match literal: apps/api does not match apps",
			"won oncall: asked for by --env",
			"no match no_role: does not match apps",
			"lost no_role: oncall was asked for by --env (else: deeper than all: 1 segment against 0)"}},
	} {
		_, reasons, _ := m.Resolve(c.target)
		var got []string
		for _, r := range reasons {
			got = append(got, string(r.Verdict)+" "+r.Environment+": "+r.Text)
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%+v:\n%s\nwant\n%s", c.target, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

func TestReasonsOfATie(t *testing.T) {
	m := parse(t, head+"environments:\n  blue: {dirs: ['apps/*'], "+qaRole+"}\n  green: {dirs: ['apps/a*'], "+qaRole+"}\n")
	_, reasons, err := m.Resolve(Target{Dir: "apps/api"})
	fails(t, err, problem.NoEnvironment, "blue (apps/*, line 4)", "green (apps/a*, line 5)")
	if len(reasons) != 2 || reasons[0].Verdict != Tied || reasons[1].Verdict != Tied || reasons[0].Text != "as good as green: 2 segments, equally specific" {
		t.Errorf("%+v", reasons)
	}
}

func TestImportsTerrateam(t *testing.T) {
	if parse(t, live).ImportsTerrateam() || !parse(t, "version: 1\nimport: terrateam\n").ImportsTerrateam() {
		t.Error("import")
	}
}

func TestChainStaysInOnePartition(t *testing.T) {
	text := "version: 1\nenvironments:\n  x:\n    dirs: ['{p}']\n    role_arn: 'arn:{p}:iam::111111111111:role/x'\n    via: ['arn:aws:iam::999999999999:role/hub']\n" +
		"    policy_arns: ['arn:aws:iam::aws:policy/A']\n    region: eu-west-1\n"
	m := parse(t, text)
	if g := resolve(t, m, Target{Dir: "aws"}); g.Partition != "aws" {
		t.Errorf("%+v", g)
	}
	fails(t, refused(t, m, Target{Dir: "aws-cn"}), problem.NoEnvironment, "cannot assume a role of the partition aws-cn")
	fails(t, refused(t, m, Target{Dir: "modules"}), problem.NoEnvironment, "not a partition")
	m = parse(t, strings.Replace(text, "    via: ['arn:aws:iam::999999999999:role/hub']\n", "", 1))
	fails(t, refused(t, m, Target{Dir: "aws-cn"}), problem.NoEnvironment, "policy/A does not belong")
}
