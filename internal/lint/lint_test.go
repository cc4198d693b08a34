package lint

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"whichrole/internal/modules"
	"whichrole/internal/rolemap"
	"whichrole/internal/terrateam"
)

const roleARN = "arn:aws:iam::111111111111:role/"

// checked are the findings of a map, with these modules, but for those of the codes that are left out.
func checked(t *testing.T, text string, found *modules.Found, without ...string) (lines []string) {
	t.Helper()
	m, err := rolemap.Parse("map", []byte(text), nil)
	if err != nil {
		t.Fatal(err, text)
	}
	for _, f := range Check(m, found) {
		if !slices.Contains(Codes, f.Code) {
			t.Errorf("code %s is not one of Codes", f.Code)
		}
		if !slices.Contains(without, f.Code) {
			lines = append(lines, fmt.Sprintf("%s:%d:%d %s: %s | %s", f.File, f.Line, f.Column, f.Code, f.Text, f.Hint))
		}
	}
	return lines
}

// at are root modules with an S3 backend, one in each directory.
func at(dirs ...string) *modules.Found {
	found := &modules.Found{}
	for _, dir := range dirs {
		found.Modules = append(found.Modules, modules.Module{Dir: dir, Kind: "terraform", Backend: "s3", AWS: true, Why: `backend "s3"`, File: dir + "/main.tf", Line: 2, Column: 3})
	}
	return found
}

func sameLines(t *testing.T, got, want []string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// env is a map of environments that are one line each.
func env(lines ...string) string {
	return "version: 1\nenvironments:\n  " + strings.Join(lines, "\n  ") + "\n"
}

const byBackend = `; it is a root module by its backend "s3"`

func TestModulesThatGetNoRole(t *testing.T) {
	live := env("live: {dirs: ['live/{account}'], role_arn: 'arn:aws:iam::{account_id}:role/x'}") + "accounts: {payments: '111111111111'}\n"
	for name, c := range map[string]struct {
		text string
		dirs []string
		want []string
	}{
		"forgotten": {env("qa: {dirs: [qa], role_arn: '" + roleARN + "x'}"), []string{"other/vpc", "qa/vpc", "qa2/vpc"}, []string{
			"other/vpc/main.tf:2:3 no-environment: no environment matches other/vpc" + byBackend + " | add it to the dirs of an environment, or to no_role",
			"qa2/vpc/main.tf:2:3 no-environment: no environment matches qa2/vpc" + byBackend + " | did you mean qa? run: whichrole explain",
		}},
		"at the top": {env("qa: {dirs: [qa], role_arn: '" + roleARN + "x'}"), []string{"."}, []string{
			"./main.tf:2:3 no-environment: the top directory of the role map belongs to no environment: it has qa" + byBackend + " | add it to the dirs of an environment, or to no_role",
		}},
		"account of another name": {live, []string{"live/payments", "live/paymnets/vpc"}, []string{
			"live/paymnets/vpc/main.tf:2:3 no-environment: environment live in live/paymnets/vpc: {account} is paymnets, which accounts does not have" + byBackend + " | did you mean payments?",
		}},
		"shared code that is started": {env("qa: {dirs: [.], role_arn: '"+roleARN+"x'}") + "no_role: [modules]\n", []string{"modules/vpc", "x"}, []string{
			"modules/vpc/main.tf:2:3 hidden-module: modules/vpc is shared code, no role: modules stands in no_role (map:4)" + byBackend + " | take it out of no_role, or this block out of shared code",
		}},
		"equals": {env("a: {dirs: ['{team}/prod'], role_arn: '"+roleARN+"x'}", "b: {dirs: ['pay/*'], role_arn: '"+roleARN+"y'}"), []string{"pay/prod", "pay/qa"}, []string{
			`map:4:14 tie: pay/prod belongs equally to a ({team}/prod, line 3) and b (pay/*, line 4) | add "pay/prod" to the dirs of the one that is meant`,
			"pay/prod/main.tf:2:3 tie: pay/prod belongs equally to a ({team}/prod, line 3), b (pay/*, line 4)" + byBackend + " | make one of the patterns more specific, or choose with --env NAME",
		}},
		"equals in one workspace": {env("a: {dirs: [app], workspaces: [p], role_arn: '"+roleARN+"x'}", "b: {dirs: [app], workspaces: [p, q], role_arn: '"+roleARN+"y'}"), []string{"app"}, []string{
			"app/main.tf:2:3 tie: app belongs equally to a (app, line 3), b (app, line 4)" + byBackend + " | make one of the patterns more specific, or choose with --env NAME",
			"map:4:14 tie: app in workspace p belongs equally to a (app, line 3) and b (app, line 4) | leave it to one of them, or tell them apart by workspaces",
		}},
		"by workspace":                   {env("qa: {dirs: [app], workspaces: [qa], role_arn: '"+roleARN+"x'}", "pr: {dirs: [app], workspaces: ['pr-*'], role_arn: '"+roleARN+"y'}"), []string{"app"}, nil},
		"by a pattern of workspaces":     {env("pr: {dirs: [app], workspaces: ['pr-[0-9]*'], role_arn: '" + roleARN + "y'}"), []string{"app"}, nil},
		"hidden but for one workspace":   {env("pr: {dirs: [app], workspaces: [pr], role_arn: '"+roleARN+"y'}") + "no_role: [app]\n", []string{"app"}, nil},
		"only apply lacks a value":       {env("a: {dirs: ['a/{x}', b], role_arn: {plan: '" + roleARN + "p', apply: '" + roleARN + "{x}', state: '" + roleARN + "s'}}"), []string{"a/1", "b"}, []string{"b/main.tf:2:3 no-environment: environment a has no value for {x} in b" + byBackend + " | add --set x=NAME"}},
		"what differs for each who asks": {env("a: {dirs: [a], session_name: '{actor}-{run_id}-{branch}', role_arn: '" + roleARN + "x'}"), []string{"a"}, nil},
	} {
		t.Run(name, func(t *testing.T) { sameLines(t, checked(t, c.text, at(c.dirs...)), c.want) })
	}
}

// A module for another cloud, or one that only calls others, needs no role.
func TestModuleThatDoesNotUseAWSIsLeftAlone(t *testing.T) {
	found := &modules.Found{Modules: []modules.Module{
		{Dir: "gcp", Kind: "terraform", Why: `provider "google"`, Own: []modules.Own{{Key: "access_key"}}},
		{Dir: "unit", Kind: "terragrunt", Why: "terragrunt.hcl", File: "unit/terragrunt.hcl", Line: 1, Column: 1},
	}}
	sameLines(t, checked(t, env("qa: {dirs: [qa], role_arn: '"+roleARN+"x'}"), found), []string{
		"unit/terragrunt.hcl:1:1 no-environment: no environment matches unit; it is a root module by its terragrunt.hcl | add it to the dirs of an environment, or to no_role",
	})
}

// Whoever has an apply role and a state role still hops with the provider's own one.
func TestBlocksThatBringTheirOwnCredentials(t *testing.T) {
	block := `provider "aws"`
	found := at("qa", "nowhere")
	found.Modules[0].Own = []modules.Own{
		{Block: block, Key: "assume_role", Value: roleARN + "old", File: "qa/p.tf", Line: 3, Column: 5, Text: "assume_role {\n}"},
		{Block: `backend "s3"`, Key: "role_arn", File: "qa/b.tf", Line: 4, Column: 5, Text: "role_arn = var.x"},
		{Block: block, Key: "assume_role_with_web_identity", File: "qa/p.tf", Line: 8, Column: 5},
		{Block: block, Key: "profile", Value: "corp", File: "qa/p.tf", Line: 9, Column: 5, Text: "profile = x"},
		{Block: block, Key: "profile", Value: "terraform", File: "qa/p.tf", Line: 9, Column: 9}, // as the README has it
		{Block: block, Key: "profile", File: "qa/p.tf", Line: 9, Column: 10},
		{Block: block, Key: "shared_config_files", File: "qa/p.tf", Line: 10, Column: 5},
		{Block: block, Key: "access_key", File: "qa/p.tf", Line: 11, Column: 5},
		{Block: block, Key: "secret_key", File: "qa/p.tf", Line: 12, Column: 5},
		{Block: block, Key: "token", File: "qa/q.tf", Line: 13, Column: 5},
	}
	found.Modules[1].Own = found.Modules[0].Own // gets no role: first things first
	text := "source: [{profile: corp}]\n" + env("qa: {dirs: [qa], role_arn: '"+roleARN+"x'}")
	delete := " | delete it: the role map says which role it is"
	keys := " | delete them; a key that was ever committed is to be revoked as well"
	sameLines(t, checked(t, text, found, NoEnvironment), []string{
		`qa/b.tf:4:5 own-role: backend "s3" assumes a role of its own: one more hop, from the role that whichrole hands out` + delete,
		`qa/p.tf:3:5 own-role: provider "aws" assumes a role of its own (` + roleARN + `old): one more hop, from the role that whichrole hands out` + delete,
		`qa/p.tf:8:5 own-role: provider "aws" assumes a role with a token of its own: what whichrole hands out is not used` + delete,
		`qa/p.tf:9:5 own-profile: provider "aws" uses the profile corp, which is a source of the role map: whichrole is not asked | name the profile that calls whichrole, or delete it and set AWS_PROFILE`,
		`qa/p.tf:10:5 own-profile: provider "aws" reads AWS files of its own (shared_config_files): whichrole is asked only if a profile there calls it | delete it: each user's own AWS config file has the profile`,
		`qa/p.tf:11:5 own-keys: provider "aws" brings credentials of its own (access_key): whichrole is not asked` + keys,
		`qa/q.tf:13:5 own-keys: provider "aws" brings credentials of its own (token): whichrole is not asked` + keys,
	})
	m, _ := rolemap.Parse("m", []byte(text), nil)
	list := Check(m, found)
	if !slices.ContainsFunc(list, func(f rolemap.Finding) bool { return f.Code == OwnRole && f.Source == "assume_role {\n}" }) {
		t.Error("the block to delete is not there")
	}
}

// A local backend writes its lock beside the state: nobody needs a role for it.
func TestPlanNeedsAStateRoleOnlyWhereTheBackendLocksWithIt(t *testing.T) {
	text := env("qa: {dirs: [qa], role_arn: {plan: '" + roleARN + "p', apply: '" + roleARN + "x'}}")
	warned := func(found *modules.Found) bool { return len(checked(t, text, found)) > 0 }
	kind := func(kind, backend string) *modules.Found {
		found := at("qa")
		found.Modules[0].Kind, found.Modules[0].Backend = kind, backend
		return found
	}
	for name, c := range map[string]struct {
		found *modules.Found
		want  bool
	}{
		"no module is known":   {&modules.Found{}, false}, // README's own map, in a repository that has yet to be filled
		"s3":                   {kind("terraform", "s3"), true},
		"local":                {kind("terraform", "local"), false},
		"none":                 {kind("terraform", ""), false},
		"gcs":                  {kind("terraform", "gcs"), false},
		"a unit's is above it": {kind("terragrunt", ""), true},
		"a unit with another":  {kind("terragrunt", "gcs"), false},
		"one of two is enough": {at("qa", "qa/x"), true},
	} {
		if got := warned(c.found); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// An account is in use where a root module leads to it. Where none is found, nobody knows.
func TestAccountThatNoModuleIsIn(t *testing.T) {
	text := env("live: {dirs: ['live/{account}'], role_arn: 'arn:aws:iam::{account_id}:role/x'}") + "accounts:\n  pay: '111111111111'\n  old: '222222222222'\n"
	sameLines(t, checked(t, text, at("live/pay/vpc")), []string{
		"map:6:3 unused-account: account old is not used: no root module is in it | take it out, or see whether its directory is called otherwise",
	})
	sameLines(t, checked(t, text, at()), nil)
}

func TestWhatCouldNotBeReadIsSaid(t *testing.T) {
	found := &modules.Found{Notes: []modules.Note{{File: "a/big.tf", Text: "is larger than 1 MiB: not read"}, {File: "a/x.tf", Line: 7, Text: "cannot be parsed"}}}
	sameLines(t, checked(t, env("qa: {dirs: [qa], role_arn: '"+roleARN+"x'}"), found), []string{
		"a/big.tf:0:0 unread: is larger than 1 MiB: not read | ",
		"a/x.tf:7:1 unread: cannot be parsed | ",
	})
}

// What the search really finds: a submodule is no failure of check, and the block to delete is quoted.
func TestCheckOfARepository(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"qa/main.tf":            "terraform {\n  backend \"s3\" {}\n}\nprovider \"aws\" {\n  assume_role {\n    role_arn = \"" + roleARN + "old\"\n  }\n}\n",
		"prod/main.tf":          "provider \"aws\" {}\n",
		"submodule/.git":        "gitdir: elsewhere\n",
		"submodule/main.tf":     "provider \"aws\" {}\n",
		"modules/vpc/vpc.tf":    "variable \"x\" {}\n",
		"gcp/main.tf":           "provider \"google\" {}\n",
		"qa/.terraform/x/x.tf":  "provider \"aws\" {}\n",
		"broken/terragrunt.hcl": "include {\n",
	} {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	found, err := modules.Find(context.Background(), modules.Search{Root: root})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, line := range checked(t, env("qa: {dirs: [qa], role_arn: '"+roleARN+"x'}"), found) {
		got = append(got, strings.Join(strings.Fields(line)[:2], " "))
	}
	sameLines(t, got, []string{"broken/terragrunt.hcl:1:1 no-environment:", "broken/terragrunt.hcl:1:1 unread:", "prod/main.tf:1:1 no-environment:", "qa/main.tf:5:3 own-role:"})
}

// 20,000 modules that nobody mapped are a hundred lines, and the names that a repository gives them stay as they are.
func TestHostileRepositoryHasNoEndOfFindings(t *testing.T) {
	dirs := []string{"\x1b[31m\n::error::x"}
	for i := range 20_000 {
		dirs = append(dirs, fmt.Sprintf("z%d", i))
	}
	start := time.Now()
	lines := checked(t, env("qa: {dirs: [qa], role_arn: '"+roleARN+"x'}"), at(dirs...))
	if len(lines) != rolemap.MaxFindings || !strings.Contains(lines[len(lines)-1], "there are more of these") || !strings.Contains(lines[0], "\x1b[31m\n::error::x") {
		t.Errorf("%d lines, %q … %q", len(lines), lines[0], lines[len(lines)-1])
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Error(took)
	}
}

// A company's repository: 20,000 modules in 500 environments.
func TestLargeRepositoryIsCheckedQuickly(t *testing.T) {
	var list, dirs []string
	for i := range 500 {
		list = append(list, fmt.Sprintf("e%d: {dirs: [live/a%d], role_arn: {plan: '%sp%d', apply: '%sa%d', state: '%ss'}}", i, i, roleARN, i, roleARN, i, roleARN))
		for j := range 40 {
			dirs = append(dirs, fmt.Sprintf("live/a%d/m%d", i, j))
		}
	}
	start := time.Now()
	if lines := checked(t, env(list...), at(dirs...)); len(lines) > 0 {
		t.Errorf("%d findings: %s", len(lines), lines[0])
	}
	took := time.Since(start)
	t.Log(took)
	if took > 15*time.Second {
		t.Error(took)
	}
}

// paln: for plan: left a role for apply alone, and nobody said so.
func TestWorkflowOfTerrateamWithoutARoleForOneOperation(t *testing.T) {
	c, err := terrateam.Parse("config.yml", []byte(`workflows: [{tag_query: "", paln: [], apply: [{type: oidc, role_arn: "`+roleARN+`a"}]}]`))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range Check(rolemap.Foreign("config.yml", c.In(terrateam.World{})), at("app")) {
		got = append(got, f.Code+": "+f.Text)
	}
	sameLines(t, got, []string{"no-environment: app gets no role for plan: neither the workflow in config.yml:1 nor a hook has an oidc step of provider aws" + byBackend})
}
