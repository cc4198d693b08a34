package digger

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"whichrole/internal/found"
	"whichrole/internal/modules"
	"whichrole/internal/test/readers"
)

var (
	repository = readers.Repository
	arn        = readers.ARN
)

func digger(yml, mods, code string) found.Repository {
	return repository(map[string]string{"digger.yml": yml}, mods, code)
}

// show writes a place in one line: roles by what stands behind role/, with region and line where they are said.
func show(p found.Place) string {
	text := readers.Head(p)
	if p.Plan != p.Apply {
		text += " TWO"
	}
	for _, r := range []struct {
		name string
		role *found.Role
	}{{"run", p.Plan}, {"state", p.State}} {
		if r.role == nil {
			continue
		}
		text += " " + r.name + "=" + strings.TrimPrefix(r.role.ARN, arn(""))
		if r.role.Region != "" {
			text += "," + r.role.Region
		}
		text += fmt.Sprintf("@%d", r.role.From.Line)
		if r.role.Note != "" {
			text += " [" + r.role.Note + "]"
		}
	}
	return text
}

func lines(s found.Said) string { return readers.Lines(s, show) }

func check(t *testing.T, s found.Said, want string) {
	t.Helper()
	readers.Check(t, lines(s), want)
}

func TestNoFile(t *testing.T) {
	if s := Read(repository(nil, "aws", "")); s.Existing || lines(s) != "" {
		t.Errorf("%+v", s)
	}
}

func TestProjects(t *testing.T) {
	s := Read(digger(`
defaults: &role
  state: `+arn("state")+`
  command: `+arn("run")+`
projects:
- name: production
  dir: live/prod
  aws_role_to_assume: *role
- name: qa
  dir: ./live/qa/
  aws_role_to_assume: {<<: *role, command: "`+arn("qa")+`", aws_role_region: eu-west-1}
- {name: half, dir: /half, aws_role_to_assume: {state: "`+arn("only")+`"}}
- {name: other-half, dir: half2, aws_role_to_assume: {command: "`+arn("only")+`", state: ""}}
- {name: unsure, dir: unsure, aws_role_to_assume: {state: "`+arn("state")+`", command: "$ROLE"}}
- {name: none, dir: none}
- {name: null, dir: null, aws_role_to_assume: ~}
- {name: empty, dir: empty, aws_role_to_assume: {}}
- {name: stack, dir: pulumi, pulumi: true, aws_role_to_assume: *role}
- name: unit
  dir: grunt
  terragrunt: true
  branch: main
  aws_role_to_assume: *role
`, "live/prod somewhere", ""))
	check(t, s, `
grunt (unit) run=run@4 [digger takes it for pull requests into one branch only] state=state@3 [digger takes it for pull requests into one branch only]
half (half) run=only@12 state=only@12
half2 (other-half) run=only@13 state=only@13
live/prod (production) run=run@4 state=state@3
live/qa (qa) run=qa,eu-west-1@11 state=state,eu-west-1@3
unsure (unsure) state=state@14
! digger.yml:14 this is not the ARN of a role as it stands
! digger.yml:16 a project without a dir that can be read
`)
	if !s.OIDC || !s.Existing {
		t.Errorf("%+v", s)
	}
}

func TestWorkspaces(t *testing.T) {
	role := func(name string) string { return "aws_role_to_assume: {command: \"" + arn(name) + "\"}" }
	s := Read(digger(`projects:
- {name: a, dir: app, workspace: qa, `+role("qa")+`}
- {name: b, dir: app, workspace: prod, `+role("prod")+`}
- {name: c, dir: app, `+role("rest")+`}
- {name: d, dir: net, workspace: default, `+role("net")+`}
- {name: e, dir: db, workspace: one, `+role("db")+`}
- {name: f, dir: twice, `+role("x")+`}
- {name: g, dir: twice, workspace: "", branch: dev, `+role("x")+`}
- {name: h, dir: fight, `+role("x")+`}
- {name: i, dir: fight, branch: dev, `+role("y")+`}
- {name: j, dir: w, workspace: [x], `+role("y")+`}
- {name: k, dir: w, workspace: "\u001b", `+role("y")+`}
`, "", ""))
	check(t, s, `
app/default (c) run=rest@4 state=rest@4
app/prod (b) run=prod@3 state=prod@3
app/qa (a) run=qa@2 state=qa@2
db/one (e) run=db@6 state=db@6
net (d) run=net@5 state=net@5
twice (f) run=x@7 state=x@7
! digger.yml:10 the directory and workspace of the project in line 9, with other roles: neither is read
! digger.yml:11 workspace is no name
! digger.yml:12 workspace is no name
`)
}

// What is said of the default workspace does not hold for another one of which nothing can be read.
func TestWorkspaceWithoutARoleDoesNotGetTheDefaultOnes(t *testing.T) {
	role := "aws_role_to_assume: {command: \"" + arn("x") + "\"}"
	for _, other := range []string{"workspace: qa", "workspace: qa, aws_role_to_assume: {command: $ROLE}", "workspace: [qa], " + role} {
		s := Read(digger("projects:\n- {dir: a, "+role+"}\n- {dir: a, "+other+"}\n", "", ""))
		s.Unread = nil
		check(t, s, "\na/default run=x@2 state=x@2\n")
		s = Read(digger("generate_projects:\n  blocks:\n  - {include: a, "+role+"}\n  - {include: a, "+other+"}\n", "a", ""))
		s.Unread = nil
		check(t, s, "\na/default run=x@3 state=x@3\n")
	}
}

// A block gives its role to what it includes and does not exclude, an explicit project keeps its own. Directories called modules are left
// out, and patterns that lead above the root count from it, as the reference's own example has it.
func TestBlocks(t *testing.T) {
	s := Read(digger(`
traverse_to_nested_projects: true
projects:
- {name: mine, dir: dev/special, aws_role_to_assume: {command: "`+arn("mine")+`"}}
generate_projects:
  blocks:
  - block_name: dev
    include: ../dev/**
    exclude: "dev/{scratch,special}/**"
    aws_role_to_assume: &dev {state: "`+arn("dev-state")+`", command: "`+arn("dev")+`"}
  - {block_name: prod, include: "prod/*", workspace: live, aws_role_to_assume: {command: "`+arn("prod")+`"}}
  - {include: "prod/a", aws_role_to_assume: {command: "`+arn("prod-default")+`"}}
  - {include: "/tools", aws_role_to_assume: *dev}
  - {include: "**"}
`, "dev/a dev/a/b dev/modules/c dev/scratch dev/scratch/x dev/special dev/unit/ other prod/a prod/a/b", "modules/x prod/c tools"))
	check(t, s, `
dev/a (dev) run=dev@10 state=dev-state@10
dev/a/b (dev) run=dev@10 state=dev-state@10
dev/special (mine) run=mine@4 state=mine@4
prod/a/default run=prod-default@12 state=prod-default@12
prod/a/live (prod) run=prod@11 state=prod@11
prod/c/live (prod) run=prod@11 state=prod@11
tools run=dev@10 state=dev-state@10
`)
}

func TestNestedProjects(t *testing.T) {
	for traverse, want := range map[string]string{"": "a a/b a/b/c x/y x/y/z", "traverse_to_nested_projects: true": "a a/b a/b/c x/y x/y/z", "traverse_to_nested_projects: false": "a x/y"} {
		s := Read(digger(traverse+"\ngenerate_projects: {include: '**', aws_role_to_assume: {command: \""+arn("x")+"\"}}", "a a/b a/b/c x/y", "x/y/z"))
		var dirs []string
		for _, p := range s.Places {
			dirs = append(dirs, p.Dir)
		}
		if got := strings.Join(dirs, " "); got != want {
			t.Errorf("%s: %s", traverse, got)
		}
	}
	root := Read(digger("traverse_to_nested_projects: false\ngenerate_projects: {include: '**', aws_role_to_assume: {command: \""+arn("x")+"\"}}", ". a a/b", ""))
	if len(root.Places) != 0 {
		t.Error(lines(root))
	}
}

// Where nothing is excluded digger excludes the root.
func TestRootIsIncludedOnlyBesideAnExclude(t *testing.T) {
	for exclude, want := range map[string]string{"": "a", "exclude: x, ": ". a", "exclude: /, ": "a", "exclude: '**', ": ""} {
		s := Read(digger("generate_projects: {include: '**', "+exclude+"aws_role_to_assume: {command: \""+arn("x")+"\"}}", ". a", ""))
		var dirs []string
		for _, p := range s.Places {
			dirs = append(dirs, p.Dir)
		}
		if got := strings.Join(dirs, " "); got != want {
			t.Errorf("%s: %s, want %s", exclude, got, want)
		}
	}
}

// By its source a block has its own role or none; by its documentation that of generate_projects stands in.
func TestBlockWithoutRole(t *testing.T) {
	role := func(name string) string { return "aws_role_to_assume: {command: \"" + arn(name) + "\"}" }
	s := Read(digger(`generate_projects:
  `+role("all")+`
  blocks:
  - {include: a, `+role("own")+`}
  - {include: b}
  - {include: c, aws_role_to_assume: {command: $ROLE}}
`, "a b c", ""))
	check(t, s, `
a run=own@4 state=own@4
! digger.yml:5 a block without aws_role_to_assume: digger's documentation gives it that of generate_projects, its source does not
! digger.yml:6 this is not the ARN of a role as it stands
`)
}

func TestProjectsHaveAnEnd(t *testing.T) {
	var yml strings.Builder
	yml.WriteString("generate_projects:\n  blocks:\n")
	for i := range 400 {
		fmt.Fprintf(&yml, "  - {include: '**', workspace: w%d, aws_role_to_assume: {command: \"%s\"}}\n", i, arn("x"))
	}
	r := digger(yml.String(), "", "")
	for i := range 300 {
		r.Modules = append(r.Modules, modules.Module{Dir: fmt.Sprintf("m%d", i), Kind: "terraform"})
	}
	if s := Read(r); len(s.Places) != maxPlaces || len(s.Unread) == 0 {
		t.Errorf("%d places, %d not read", len(s.Places), len(s.Unread))
	}
}

// Before there were blocks, generate_projects had one pair of patterns, and its own role.
func TestGenerateWithoutBlocks(t *testing.T) {
	for patterns, want := range map[string]string{
		"include: 'live/*'":                   "live/a live/b",
		"include: live/**, exclude: 'live/b'": "live/a live/a/c",
		"exclude: 'live/b'":                   "",
		"include: ''":                         "",
		"include: ./live/a/":                  "live/a",
		"include: '/**/c'":                    "live/a/c",
		"include: '*'":                        "top",
		"include: '{live,x}/[ab]'":            "live/a live/b",
		"blocks: [{include: '**', aws_role_to_assume: {command: \"" + arn("b") + "\"}}], include: live/a": "live/a live/a/c live/b top",
	} {
		s := Read(digger("generate_projects: {"+patterns+", aws_role_to_assume: {command: \""+arn("x")+"\"}}", "live/a live/a/c live/b top", ""))
		var dirs []string
		for _, p := range s.Places {
			dirs = append(dirs, p.Dir)
		}
		if got := strings.Join(dirs, " "); got != want && !strings.Contains(patterns, "blocks") {
			t.Errorf("%s: %s, want %s", patterns, got, want)
		}
	}
}

func TestTerragrunt(t *testing.T) {
	role := "aws_role_to_assume: {command: \"" + arn("x") + "\"}"
	for generate, want := range map[string]string{
		"blocks: [{block_name: n, terragrunt: true, root_dir: live, " + role + "}]":                                           "live/a live/b/c",
		"blocks: [{terragrunt: true, root_dir: ./live/b/, " + role + "}]":                                                     "live/b/c",
		"blocks: [{terragrunt: true, root_dir: '*/b', " + role + "}]":                                                         "live/b/c other/b",
		"blocks: [{terragrunt: true, root_dir: '', " + role + "}]":                                                            "live/a live/b/c other/b",
		"blocks: [{terragrunt: true, root_dir: ., terragrunt_parsing: {aws_role_to_assume: {command: x}}, " + role + "}]":     "live/a live/b/c other/b",
		"terragrunt_parsing: {autoPlan: true, " + role + "}":                                                                  "live/a live/b/c other/b",
		"terragrunt_parsing: {gitRoot: other, " + role + "}, blocks: [{include: '**', " + role + "}]":                         "other/b",
		"terragrunt_parsing: {useProjectMarkers: false, projectHclFiles: [], filterPath: '', " + role + "}, terragrunt: true": "live/a live/b/c other/b",
		"blocks: [{terragrunt: true, " + role + "}]":                                                                          "!1",
		"blocks: [{terragrunt: true, root_dir: 'live/**', " + role + "}]":                                                     "!1",
		"blocks: [{terragrunt: true, root_dir: [x], " + role + "}]":                                                           "!1",
		"blocks: [{terragrunt: true, root_dir: ., terragrunt_parsing: {projectHclFiles: [env.hcl]}, " + role + "}]":           "!1",
		"terragrunt_parsing: {filterPath: live, " + role + "}":                                                                "!1",
		"terragrunt_parsing: {useProjectMarkers: true, " + role + "}":                                                         "!1",
		"terragrunt: true, " + role:                                          "!1",
		"terragrunt_parsing: {}, " + role:                                    "!1",
		"blocks: [{terragrunt: true, root_dir: live}], " + role:              "!1",
		"blocks: [{include: '**'}], " + role:                                 "!1",
		"terragrunt: true, blocks: [{include: '**', " + role + "}]":          "",
		"blocks: [{terragrunt: true, root_dir: nowhere, " + role + "}]":      "",
		"blocks: [{terragrunt: true, root_dir: ../../live/a, " + role + "}]": "live/a",
	} {
		s := Read(digger("generate_projects: {"+generate+"}", "live/ live/a/ live/b/c/ other/b/ plain", ""))
		s.Places = deleted(s.Places, "live") // the unit above the others, which is not what this is about
		var dirs []string
		for _, p := range s.Places {
			dirs = append(dirs, p.Dir)
		}
		got := strings.Join(dirs, " ")
		if len(s.Unread) > 0 {
			got += fmt.Sprintf("!%d", len(s.Unread))
		}
		if got != want {
			t.Errorf("%s: %s, want %s\n%s", generate, got, want, lines(s))
		}
	}
}

func deleted(places []found.Place, dir string) (list []found.Place) {
	for _, p := range places {
		if p.Dir != dir {
			list = append(list, p)
		}
	}
	return list
}

func TestWhatCannotBeReadIsSaidWithItsLine(t *testing.T) {
	s := Read(repository(map[string]string{
		"digger.yml": `projects:
- name: a
  dir: a
  aws_role_to_assume:
    state: "arn:aws:iam::${ACCOUNT}:role/x"
    command: ` + arn("a") + `
- {name: b, dir: b, aws_role_to_assume: "` + arn("b") + `"}
- {name: c, dir: ../c, aws_role_to_assume: {command: "` + arn("c") + `"}}
- {name: d, dir: d, aws_role_to_assume: {command: [x], aws_role_region: "$REGION"}}
- {name: e, dir: e, aws_cognito_oidc: {aws_account_id: "111111111111"}}
- {name: f, dir: f, aws_cognito_oidc: {aws_account_id: "111111111111"}, aws_role_to_assume: {command: "` + arn("f") + `"}}
- {name: g, dir: g, workflow: keys}
- {name: h, dir: h, workflow: unused, aws_role_to_assume: {command: "` + arn("h") + `"}}
- text
generate_projects:
  include: [a]
  blocks:
  - {include: "[", aws_role_to_assume: {command: "` + arn("i") + `"}}
  - {include: "**", exclude: {}, aws_role_to_assume: {command: "` + arn("i") + `"}}
workflows:
  keys:
    env_vars:
      state: [{name: AWS_PROFILE, value: corp}]
      commands:
      - {name: TF_LOG, value: trace}
      - {name: AWS_ACCESS_KEY_ID, value_from: KEY}
  unused:
    env_vars: {commands: [{name: AWS_PROFILE, value: corp}]}
`,
		".github/workflows/digger_workflow.yml": `jobs:
  plan:
    steps:
    - uses: actions/checkout@v4
      with: {aws-role-to-assume: not-digger}
    - uses: diggerhq/digger@v0.6
      with:
        setup-aws: true
        aws-role-to-assume: ${{ secrets.ROLE }}
`,
	}, "m", ""))
	check(t, s, `
a (a) run=a@6
f (f) run=f@11 [digger comes to it through a Cognito identity pool] state=f@11 [digger comes to it through a Cognito identity pool]
h (h) run=h@13 state=h@13
! .github/workflows/digger_workflow.yml:9 aws-role-to-assume serves projects that name no role: give them one yourself
! digger.yml:5 this is not the ARN of a role as it stands
! digger.yml:7 aws_role_to_assume has no keys
! digger.yml:8 dir leads out of the repository
! digger.yml:9 aws_role_region is not a region as it stands
! digger.yml:9 this is not the ARN of a role as it stands
! digger.yml:10 aws_cognito_oidc without aws_role_to_assume: which role the identity pool gives is not said
! digger.yml:14 a project without a dir that can be read
! digger.yml:16 a pattern is expected here, not a list
! digger.yml:18 this is no pattern that digger takes, or it stands for too many
! digger.yml:19 a pattern is expected here, not keys
! digger.yml:23 env_vars set AWS_PROFILE: whose credentials these are is not known
! digger.yml:26 env_vars set AWS_ACCESS_KEY_ID: whose credentials these are is not known
`)
}

func TestOneOfTwoFiles(t *testing.T) {
	role := "projects: [{name: x, dir: x, aws_role_to_assume: {command: \"" + arn("x") + "\"}}]"
	both := Read(repository(map[string]string{"digger.yml": role, "digger.yaml": role}, "", ""))
	if !both.Existing || lines(both) != "! digger.yaml digger takes either digger.yml or digger.yaml" {
		t.Error(lines(both))
	}
	long := Read(repository(map[string]string{"digger.yaml": role}, "", ""))
	if len(long.Places) != 1 || long.Places[0].Plan.From.String() != "digger.yaml:1" {
		t.Error(lines(long))
	}
}

func TestHostileFiles(t *testing.T) {
	role := "aws_role_to_assume: {command: \"" + arn("x") + "\"}"
	for what, yml := range map[string]string{
		"no YAML":             "a: [",
		"a bomb":              "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e]\ng: [*e,*e,*e,*e,*e,*e,*e,*e]",
		"projects in a map":   "projects: {a: b}",
		"above":               "projects: [{dir: a/../../x, " + role + "}]",
		"the one above":       "projects: [{dir: .., " + role + "}]",
		"farther above":       "projects: [{dir: /../x, " + role + "}]",
		"an escape":           "projects: [{dir: \"a\\e[31m\", " + role + "}]",
		"a turn of writing":   "projects: [{dir: \"a\\u202e\", " + role + "}]",
		"binary":              "\x00\x01",
		"larger than 1 MiB":   strings.Repeat("#", 1<<20+1),
		"a long glob":         "generate_projects: {include: \"" + strings.Repeat("*a", 1000) + "\", " + role + "}",
		"braces":              "generate_projects: {include: \"" + strings.Repeat("{a,b}", 30) + "\", " + role + "}",
		"braces in braces":    "generate_projects: {include: \"" + strings.Repeat("{a,", 30) + "b" + strings.Repeat("}", 30) + "\", " + role + "}",
		"an open set":         "generate_projects: {blocks: [{include: \"[a\", " + role + "}]}",
		"generate in a list":  "generate_projects: [a]",
		"a key twice":         "projects: []\nprojects: []",
		"a project of itself": "projects: &p [*p]",
	} {
		s := Read(digger(yml, ". a a/b x etc", "c"))
		if len(s.Places) > 0 || !s.Existing || len(s.Unread) == 0 {
			t.Errorf("%s: %s", what, lines(s))
		}
		for _, u := range s.Unread {
			if strings.ContainsAny(u.Text, "\x1b\x00\n\u202e") || len(u.Text) > 300 || u.At.File != "digger.yml" {
				t.Errorf("%s: %+v", what, u)
			}
		}
	}
	for _, yml := range []string{"", "[a]", "x", "projects: [{workflow: x, workflow_file: ../../etc/passwd, dir: a}]", "generate_projects: {blocks: {a: b}}", "projects: [{dir: a, workflow: w}]\nworkflows: [w]"} {
		if s := Read(digger(yml, "a", "")); lines(s) != "" || !s.Existing {
			t.Errorf("%s: %s", yml, lines(s))
		}
	}
}

func TestFileThatCannotBeReadGivesNothing(t *testing.T) {
	r := digger("", "a", "")
	r.Read = func(string) ([]byte, error) { return nil, errors.New("no permission") }
	if s := Read(r); !s.Existing || len(s.Places) > 0 || len(s.Unread) == 0 {
		t.Error(lines(s))
	}
}

// Thousands of blocks and tens of thousands of directories take seconds at most, whatever is in them.
func TestEffortIsBounded(t *testing.T) {
	for _, block := range []string{
		"{include: '**', workspace: w%d, aws_role_to_assume: {command: \"" + arn("x") + "\"}}",
		"{include: '**/*a*{a,b,c}*b%d', aws_role_to_assume: {command: \"" + arn("x") + "\"}}",
		"{terragrunt: true, root_dir: '*a*/*a*/*%d', aws_role_to_assume: {command: \"" + arn("x") + "\"}}",
	} {
		var yml strings.Builder
		yml.WriteString("generate_projects:\n  blocks:\n")
		for i := range 3000 {
			fmt.Fprintf(&yml, "  - "+block+"\n", i)
		}
		r := digger(yml.String(), "", "")
		deep := strings.TrimSuffix(strings.Repeat("aaaaaaaaaaaaaaaaaaaaaaaaaaaaa/", 90), "/")
		for i := range 5_000 {
			r.Modules = append(r.Modules, modules.Module{Dir: fmt.Sprintf("m%05d/%s", i, deep), Kind: []string{"terraform", "terragrunt"}[i%2]})
		}
		began := time.Now()
		s := Read(r)
		if took := time.Since(began); took > 30*time.Second || len(s.Places) > maxPlaces || len(s.Unread) == 0 || len(s.Unread) > 1001 {
			t.Errorf("%s: %v, %d places, %d not read", block, took, len(s.Places), len(s.Unread))
		}
		t.Log(time.Since(began), len(s.Places), len(s.Unread))
	}
}

func FuzzRead(f *testing.F) {
	role := "aws_role_to_assume: {command: \"" + arn("x") + "\", state: \"" + arn("y") + "\"}"
	f.Add("projects: [{dir: a/../b, workspace: w, " + role + "}]")
	f.Add("traverse_to_nested_projects: false\ngenerate_projects: {include: '{a,b}/**', exclude: '[c]', " + role + "}")
	f.Add("generate_projects: {blocks: [{terragrunt: true, root_dir: '*', " + role + "}, {include: '**', " + role + "}]}")
	f.Add("projects: [{dir: a}]\nworkflows: {default: {env_vars: {state: [{name: AWS_PROFILE}]}}}")
	f.Fuzz(func(t *testing.T, yml string) {
		s := Read(digger(yml, ". a a/b u/ u/v/", "c d/modules"))
		last := ""
		for _, p := range s.Places {
			key := p.Dir + "\x00" + p.Workspace
			if p.Plan == nil && p.State == nil || p.Plan != p.Apply || !fs.ValidPath(p.Dir) || key <= last {
				t.Fatalf("%q: %+v", yml, p)
			}
			last = key
			for _, r := range []*found.Role{p.Plan, p.State} {
				if r != nil && (!found.IsRole(r.ARN) || r.From.Line < 1) {
					t.Fatalf("%q: %+v", yml, r)
				}
			}
		}
	})
}
