package terrateam

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
)

func TestWrongFiles(t *testing.T) {
	step := func(rest string) string {
		return "hooks: {all: {pre: [{type: oidc, provider: aws, " + rest + "}]}}"
	}
	role := "role_arn: '" + arn("1", "x") + "'"
	for in, want := range map[string]string{
		"x: [":                                   ":1:",
		"[]":                                     ":1:1: the configuration has keys, not a list",
		"a: 1\na: 2":                             ":2:1: a is here twice",
		"version: 2":                             ":1:10: only version 1",
		"version: [1]":                           ":1:10: only version 1",
		"dirs: [a]":                              ":1:7: dirs has keys, not a list",
		"dirs:\n  a: [b]":                        ":2:6: an entry of dirs has keys, not a list",
		"dirs:\n  a: {tags: b}":                  ":2:13: tags is a list, not a string",
		"dirs:\n  a: {tags: [{}]}":               ":2:14: a tag is a word, not keys",
		"dirs:\n  a: {tags: [~]}":                ":2:14: a tag is a word, not nothing",
		"dirs: {a: {workspaces: [b]}}":           "workspaces has keys, not a list",
		"dirs: {a: {workspaces: {b: c}}}":        "a workspace has keys, not a string",
		"dirs:\n  'a/**b{': {}":                  ":2:3: a/**b{: a { is not closed",
		"dirs: {'**': {}}":                       "beside a /",
		"tags: {dest_branch: {a: [x]}}":          "tags.dest_branch has patterns, not a list",
		"tags: {branch: {a: '['}}":               "is no Lua pattern",
		"tags: {branch: {'': x}}":                "has a name",
		"tags: {branch: x}":                      "tags.branch has keys",
		"hooks: x":                               "hooks has keys",
		"hooks: {plan: {pre: {}}}":               "hooks.plan.pre is a list, not keys",
		"hooks: {plan: {pre: [x]}}":              "a step of hooks.plan.pre has keys, not a string",
		"workflows: {}":                          "workflows is a list, not keys",
		"workflows: [x]":                         "a workflow has keys",
		"workflows:\n  - plan: []":               ":2:5: tag_query is missing",
		"workflows: [{tag_query: }]":             "tag_query is missing",
		"workflows: [{tag_query: [a]}]":          "tag_query is a text, not a list",
		"workflows:\n  - tag_query: a (b":        ":2:16: tag_query, character ",
		"workflows: [{tag_query: not x in dir}]": "tag_query, character ",
		"workflows: [{tag_query: a, environment: {name: b}}]":               "environment is a name, not keys",
		"workflows: [{tag_query: a, apply: x}]":                             "apply is a list, not a string",
		"config_builder: {enabled: sometimes}":                              "enabled is true or false",
		"stacks: {names: {a: {}}}":                                          "tag_query is missing",
		"stacks: {names: {a: {stacks: [b]}}}":                               "there is no stack b",
		"stacks: {names: {a: {stacks: x}}}":                                 "tags is a list",
		"stacks: {names: {a: x}}":                                           "a stack has keys",
		step("region: eu-west-1"):                                           "the oidc step has no role_arn",
		step("role_arn: "):                                                  "the oidc step has no role_arn",
		step("role_arn: [a]"):                                               "role_arn is a text, not a list",
		step("role_arn: ''"):                                                "role_arn: ",
		step("role_arn: 'arn:aws:iam::ACCOUNT:role/x'"):                     "role_arn: ",
		step("role_arn: 'arn:aws:iam::111111111111:role/{x}'"):              "role_arn: ",
		step("role_arn: 'a$'"):                                              "role_arn: a $ stands here",
		step("role_arn: '${}'"):                                             "role_arn: a $ stands here",
		step("role_arn: '${a-b}'"):                                          "role_arn: a $ stands here",
		step(role + ", assume_role_arn: x"):                                 "assume_role_arn: x is not the ARN of a role",
		step(role + ", assume_role_enabled: 'true'"):                        "assume_role_enabled is true or false",
		step(role + ", assume_role_enabled: $X"):                            "assume_role_enabled is true or false",
		step(role + ", region: nowhere"):                                    "region: nowhere is not a region",
		step(role + ", duration: 899"):                                      "duration: it is a number of seconds, 900 to 43200",
		step(role + ", duration: 43201"):                                    "duration: it is a number of seconds",
		step(role + ", duration: 1h"):                                       "duration: it is a number of seconds",
		step(role + ", duration: 99999999999999999999"):                     "duration: it is a number of seconds",
		step(role + ", duration: -3600"):                                    "duration: it is a number of seconds",
		step(role + ", session_name: 'a b'"):                                "session_name: STS takes",
		step(role + ", session_name: " + strings.Repeat("a", 65)):           "session_name: STS takes",
		step(role + ", audience: 'a b'"):                                    "audience: ",
		"hooks: {all: {pre: [{type: oidc, provider: [aws], role_arn: x}]}}": "the provider of an oidc step is a word",
	} {
		c, err := Parse(fileName, []byte(in))
		if c != nil {
			t.Errorf("%s is taken", in)
		}
		wantError(t, err, problem.BadMap, want)
		if err != nil && !strings.HasPrefix(err.Error(), fileName+":") {
			t.Errorf("%s: %v does not say where", in, err)
		}
	}
}

// What bears on no role is Terrateam's own business.
func TestWhatBearsOnNoRoleIsNotJudged(t *testing.T) {
	for _, in := range []string{
		"", "# nothing", "---\n", "version: 1", "version: '1'", "definitions: [1, {a: b}]", "enabled: false\nwhat: [is, this]", "dirs:\nhooks:\nworkflows:\ntags:\nstacks:\n",
		"dirs: {a: , b: {tags: , workspaces: }, 5: {tags: [1, true]}}", "when_modified: {file_patterns: {}}\ndirs: {a: {when_modified: [x], create_and_select_workspace: maybe}}",
		"hooks: {all: {post: x, pre: }, plan: }", "hooks: {all: {pre: [{type: run}, {type: slack, msg: {}}, {cmd: x}, {type: [a]}]}}",
		"hooks: {all: {pre: [{type: oidc, provider: gcp, role_arn: x, region: y}, {type: oidc, provider: azure}]}}", "config_builder: {enabled: , script: [x]}",
		"workflows: [{tag_query: '', plan: , apply: , engine: x, lock_policy: y, environment: }]", "stacks: {names: , x: y}", "stacks: {names: {a: {tag_query: '', variables: {b: [c], d: 1}, rules: x}}}",
	} {
		if _, err := Parse(fileName, []byte(in)); err != nil {
			t.Errorf("%s: %v", in, err)
		}
	}
}

const oneRole = "[{type: oidc, provider: aws, role_arn: 'arn:aws:iam::111111111111:role/x'}]"

func TestNameOfAnEnvironment(t *testing.T) {
	for raw, want := range map[string]string{
		"production": "production", "dir:prod and main": "dir-prod-and-main", "": "workflow", "*": "workflow", "--_.a": "a", "_x": "x", "é": "workflow", "aéb": "a-b", "a.b_c-d": "a.b_c-d",
		strings.Repeat("x", 70): strings.Repeat("x", 64), "${environment}": "environment-", "a\x1b[31m\nb": "a--31m-b", "9": "9", "(a or b)": "a-or-b-",
	} {
		if got := environmentName(raw); got != want {
			t.Errorf("%q: %s, want %s", raw, got, want)
		}
	}
	c := parse(t, "workflows: [{tag_query: 'dir:a', environment: Prod EU, plan: "+oneRole+"}, {tag_query: 'dir:b', environment: '', plan: "+oneRole+"}]")
	if a, b := choose(t, c.In(World{}), "a", "").Name, choose(t, c.In(World{}), "b", "").Name; a != "Prod-EU" || b != "dir-b" {
		t.Error(a, b)
	}
}

// The last step decides: of the hooks for all, then of those for the operation, then of the workflow.
func TestLastStepDecides(t *testing.T) {
	c := parse(t, `
hooks:
  all: {pre: [{type: oidc, role_arn: 'arn:aws:iam::111111111111:role/early'}, {type: env, name: A}, {type: oidc, provider: aws, role_arn: 'arn:aws:iam::111111111111:role/all'}, {type: run}]}
  apply: {pre: [{type: oidc, provider: aws, role_arn: 'arn:aws:iam::111111111111:role/apply-hook'}]}
  plan: {post: [{type: oidc, provider: aws, role_arn: 'arn:aws:iam::111111111111:role/never'}]}
workflows:
  - tag_query: dir:plain
    plan: [{type: init}, {type: plan}]
  - tag_query: dir:own
    plan:
      - {type: oidc, provider: aws, role_arn: 'arn:aws:iam::222222222222:role/first'}
      - {type: env, name: B, method: source}
      - {type: oidc, provider: aws, role_arn: 'arn:aws:iam::222222222222:role/own'}
      - {type: oidc, provider: aws, role_arn: 'arn:aws:iam::222222222222:role/failed', run_on: failure}
      - {type: oidc, provider: gcp, service_account: x}
      - {type: run, cmd: [x]}
`)
	h := c.In(World{})
	for dir, want := range map[string][3]string{
		"plain": {"hooks", arn("1", "all"), arn("1", "apply-hook")}, "own": {"dir-own", arn("2", "own"), arn("1", "apply-hook")}, "x": {"hooks", arn("1", "all"), arn("1", "apply-hook")},
	} {
		i := choose(t, h, dir, "")
		if got := [3]string{i.Name, i.Plan.RoleARN, i.Apply.RoleARN}; got != want {
			t.Errorf("%s: %v, want %v", dir, got, want)
		}
	}
	f := h.Facts("own", "", "")
	if want := []Opaque{{3, "env", "A"}, {3, "run", ""}, {12, "env", "B"}}; !slices.Equal(f.Plan.Opaque, want) || f.Plan.In != "workflow" || f.Plan.Line != 13 {
		t.Errorf("%+v", f.Plan)
	}
	if want := []Opaque{{3, "env", "A"}, {3, "run", ""}}; !slices.Equal(f.Apply.Opaque, want) || f.Apply.In != "hooks" || f.Apply.Line != 4 {
		t.Errorf("%+v", f.Apply)
	}
	if f = h.Facts("x", "", ""); !slices.Equal(f.Plan.Opaque, []Opaque{{3, "env", "A"}}) || f.Workflow != nil {
		t.Errorf("what runs after the step that decides is told: %+v", f)
	}
}

func TestNothingIsSaidOfOtherDirectories(t *testing.T) {
	h := parse(t, "workflows: [{tag_query: 'dir:a', plan: "+oneRole+"}]").In(World{})
	if i, reasons, err := h.Choose("b", ""); i != nil || err != nil || len(reasons) != 1 || reasons[0].Verdict != rolemap.NoMatch {
		t.Error(i, reasons, err)
	}
	i := choose(t, h, "a", "")
	wantError(t, i.Apply.Err, problem.NoEnvironment, "a gets no role for apply", "oidc")
	if errors.Is(i.Apply.Err, problem.ErrNowhere) {
		t.Error("there is a role in this dirspace: a prompt must say what is wrong with the other")
	}
	i = choose(t, parse(t, "workflows: [{tag_query: ''}]").In(World{}), "tools", "")
	for _, r := range []rolemap.Route{i.Plan, i.Apply} {
		wantError(t, r.Err, problem.NoEnvironment, "tools", "oidc")
		if !errors.Is(r.Err, problem.ErrNowhere) {
			t.Error("a shell prompt would speak of a directory that has no role at all")
		}
	}
}

func TestWorkspaces(t *testing.T) {
	h := parse(t, "hooks: {all: {pre: "+oneRole+"}}\ndirs: {a: {workspaces: {qa: , prod: {tags: [x]}}}, none: {workspaces: {}}, null: {workspaces: }, 'g/*': {workspaces: {eu: }}}").In(World{})
	for dir, want := range map[string][]string{"a": {"qa", "prod"}, "none": {}, "null": {"default"}, "g": {"eu"}, "x": {"default"}} {
		if got := h.Workspaces(dir); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", dir, got, want)
		}
	}
	for _, tt := range []struct {
		dir, workspace string
		says           []string
	}{
		{"a", "", []string{"a has no workspace default", "config.yml:2 has qa and prod", "export TF_WORKSPACE=NAME"}},
		{"a", "prd", []string{"export TF_WORKSPACE=prod"}},
		{"none", "default", []string{"has none there"}},
		{"x", "qa", []string{"x has no workspace qa", "there is only default", "export TF_WORKSPACE=default"}},
		{"g", "x\ny", []string{"eu"}},
	} {
		i, _, err := h.Choose(tt.dir, tt.workspace)
		if i != nil {
			t.Errorf("%s: %+v", tt.dir, i)
		}
		wantError(t, err, problem.NoEnvironment, tt.says...)
	}
	choose(t, h, "a", "qa")
	choose(t, h, "null", "default")
}

func TestNamed(t *testing.T) {
	c := parse(t, `
hooks: {all: {pre: `+oneRole+`}}
dirs: {a: {workspaces: {qa: }}}
workflows:
  - {tag_query: "dir:one", environment: prod, plan: `+oneRole+`}
  - {tag_query: "dir:two", environment: prod, apply: `+oneRole+`}
  - {tag_query: "dir:three", environment: single, plan: [{type: oidc, provider: aws, role_arn: 'arn:aws:iam::222222222222:role/$TERRATEAM_WORKSPACE'}]}
  - {tag_query: "dir:four", environment: empty, plan: [{type: init}]}
  - {tag_query: "dir:five", environment: hooks, plan: `+oneRole+`}
`)
	h := c.In(World{})
	if i, err := h.Named("nothing", "x", ""); i != nil || err != nil {
		t.Error(i, err)
	}
	if i, err := h.Named("empty", "x", ""); i != nil || err != nil {
		t.Error("a workflow that names no role is no environment", i, err)
	}
	_, err := h.Named("prod", "one", "")
	wantError(t, err, problem.NoEnvironment, "prod", "line 5", "line 6")
	_, err = h.Named("hooks", "one", "")
	wantError(t, err, problem.NoEnvironment, "line 9", "hooks")
	i, err := h.Named("single", "a", "elsewhere") // not a workspace of a: --env says which environment all the same
	if err != nil || i.Plan.RoleARN != arn("2", "elsewhere") || i.Apply.RoleARN != arn("1", "x") || i.Line != 7 {
		t.Errorf("%+v %v", i, err)
	}
	if i, err = parse(t, "hooks: {plan: {pre: "+oneRole+"}}").In(World{}).Named("hooks", "x", ""); err != nil || i.Plan.RoleARN == "" || i.Apply.Err == nil {
		t.Errorf("%+v %v", i, err)
	}
}

func TestEntries(t *testing.T) {
	c := parse(t, `
hooks: {apply: {pre: `+oneRole+`}}
workflows:
  - {tag_query: "b  c", environment: prod, plan: [{type: oidc, role_arn: $A, assume_role_arn: '${B}', region: eu-west-1}]}
  - {tag_query: none}
`)
	list := c.In(World{}).Entries()
	if len(list) != 2 {
		t.Fatalf("%+v", list)
	}
	e := list[0]
	if e.Name != "prod" || e.Line != 4 || e.Query != "b  c" || e.Region != "eu-west-1" || e.Roles[rolemap.Plan] != "${B}" || e.Roles[rolemap.Apply] != arn("1", "x") {
		t.Errorf("%+v", e)
	}
	if e = list[1]; e.Name != "hooks" || e.Line != 2 || len(e.Roles) != 1 || e.Roles[rolemap.Apply] != arn("1", "x") {
		t.Errorf("%+v", e)
	}
}

func TestChainOnLaptopAndInCI(t *testing.T) {
	c := parse(t, `
workflows:
  - tag_query: ""
    plan: [{type: oidc, role_arn: 'arn:aws:iam::111111111111:role/entry', assume_role_arn: 'arn:aws:iam::222222222222:role/last', duration: 7200, audience: $AUD}]
    apply: [{type: oidc, role_arn: 'arn:aws:iam::111111111111:role/entry', assume_role_arn: 'arn:aws:iam::222222222222:role/last', assume_role_enabled: no, duration: "7200", region: eu-west-1, session_name: s3}]
`)
	laptop := choose(t, c.In(World{}), "x", "")
	if r := laptop.Plan; len(r.Via) != 0 || r.RoleARN != arn("2", "last") || r.Duration != 2*time.Hour || r.DefaultSessionName != "" || r.DefaultRegion != "us-east-1" || r.Region != "" || r.Audience != "" || r.Err != nil {
		t.Errorf("%+v", r)
	}
	if r := laptop.Apply; r.RoleARN != arn("1", "entry") || r.Duration != 2*time.Hour || r.Region != "eu-west-1" || r.SessionName != "s3" {
		t.Errorf("%+v", r)
	}
	ci := choose(t, c.In(World{Token: inCI, Variable: variables(map[string]string{"AUD": "https://sts.example.org"})}), "x", "")
	if r := ci.Plan; !slices.Equal(r.Via, []string{arn("1", "entry")}) || r.Duration != time.Hour || r.DefaultSessionName != "terrateam" || r.Audience != "https://sts.example.org" {
		t.Errorf("%+v", r)
	}
	if r := ci.Apply; len(r.Via) != 0 || r.RoleARN != arn("1", "entry") || r.Duration != 2*time.Hour || r.SessionName != "s3" {
		t.Errorf("%+v", r)
	}
	broken := errors.New("broken")
	if r := choose(t, c.In(World{Token: func() (bool, error) { return false, broken }}), "x", "").Plan; !errors.Is(r.Err, broken) {
		t.Errorf("%+v", r)
	}
}

func TestConfigBuilderIsRefused(t *testing.T) {
	h := parse(t, "config_builder:\n  enabled: yes\nhooks: {all: {pre: "+oneRole+"}}").In(World{})
	_, _, err := h.Choose("x", "")
	wantError(t, err, problem.NoEnvironment, "config.yml:2: config_builder", ".whichrole.yaml")
	_, err = h.Named("hooks", "x", "")
	wantError(t, err, problem.NoEnvironment, "config_builder")
	if h.Entries() != nil || h.Workspaces("x") != nil {
		t.Error("something is said of a file that is rewritten")
	}
}

func TestReasons(t *testing.T) {
	h := parse(t, "hooks: {all: {pre: "+oneRole+"}}\nworkflows: [{tag_query: 'dir:a', plan: "+oneRole+"}, {tag_query: 'dir:b'}, {tag_query: x}]").In(World{})
	for dir, want := range map[string]string{"a": "won dir-a", "b": "no match dir-a, lost dir-b, won hooks", "c": "no match dir-a, no match dir-b, no match x, won hooks"} {
		_, reasons, err := h.Choose(dir, "")
		var got []string
		for _, r := range reasons {
			got = append(got, string(r.Verdict)+" "+r.Environment)
		}
		if strings.Join(got, ", ") != want || err != nil {
			t.Errorf("%s: %v, want %s", dir, got, want)
		}
	}
}

func TestReview(t *testing.T) {
	c := parse(t, `
hooks: {plan: {pre: `+oneRole+`}}
dirs: {x: {tags: [a, b, d, e, f, g]}}
workflows:
  - {tag_query: a  b, environment: prod, plan: `+oneRole+`}
  - {tag_query: a and b}
  - {tag_query: d, environment: prod, apply: `+oneRole+`}
  - {tag_query: e, environment: hooks, apply: `+oneRole+`}
  - {tag_query: f, environment: prod, plan: `+oneRole+`}
  - {tag_query: ""}
  - {tag_query: g}
`)
	var got []string
	for _, f := range c.In(World{}).Review() {
		got = append(got, f.Code+" "+f.Text)
		if f.File != fileName || f.Column != 5 || f.Hint == "" {
			t.Errorf("%+v", f)
		}
	}
	want := []string{
		"never-wins no directory gets this workflow: line 5 asks for the same before it",
		"never-wins no directory gets this workflow: line 10 matches everything before it",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
}

func TestWhatDoesNotMeanWhatItLooksLike(t *testing.T) {
	c := parse(t, `
tags:
  branch: {release: '^release/', main: '^(main|master)$', digits: '^\d+$'}
dirs: {a/**: {tags: ["odd*", a, b, c, d, production], workspaces: {qa: {tags: [x]}}}, "b/": {tags: [b]}}
stacks: {names: {s: {tag_query: ""}}}
workflows:
  - tag_query: "dir:terraform/production/**"
  - tag_query: "a b or c"
  - tag_query: "odd*"
  - tag_query: "not x*"
  - tag_query: |
      production
  - tag_query: "a (b or d)"
  - tag_query: "prodution and not x"
  - tag_query: "a and workspace:qa dest_branch:main"
  - tag_query: "branch:main and workspace:q and dir:whatever and stack_name:s and stack_name:default and zzz in dir"
`)
	var got []string
	for _, f := range c.In(World{}).Review() {
		got = append(got, fmt.Sprintf("%d %s %s", f.Line, f.Code, f.Text))
		if f.File != fileName || f.Column == 0 || f.Hint == "" {
			t.Errorf("%+v", f)
		}
	}
	want := []string{
		"7 misleading a tag is matched whole: no directory has the tag dir:terraform/production/**",
		"8 misleading versions of Terrateam read this tag_query in different ways: here it is a and (b or c)",
		"10 misleading a tag is matched whole: no directory has the tag x*",
		"11 misleading a tag of this tag_query ends with the line: no directory has such a tag",
		"14 misleading no directory, workspace or branch has the tag prodution",
		"15 misleading no directory, workspace or branch has the tag dest_branch:main",
		"16 misleading no directory, workspace or branch has the tag workspace:q",
		`3 misleading ^\d+$ is a Lua pattern, in which | and \ are characters like any other`,
		`3 misleading ^(main|master)$ is a Lua pattern, in which | and \ are characters like any other`,
		"4 misleading b/ ends with a slash, and is no directory's name",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
}

// TF_WORKSPACE would have Terraform write to the state of another workspace.
func TestWorkspacesThatAreTerrateamsAloneAreNotSelected(t *testing.T) {
	for text, want := range map[string]string{
		"dirs: {a: {workspaces: {qa: {}}}}":                                                                        "export TF_WORKSPACE=qa",
		"dirs: {a: {create_and_select_workspace: false, workspaces: {qa: {}}}}":                                    "export WHICHROLE_WORKSPACE=qa",
		"create_and_select_workspace: false\ndirs: {a: {workspaces: {qa: {}}}}":                                    "export WHICHROLE_WORKSPACE=qa",
		"create_and_select_workspace: false\ndirs: {a: {create_and_select_workspace: true, workspaces: {qa: {}}}}": "export TF_WORKSPACE=qa",
	} {
		_, _, err := parse(t, text).In(World{}).Choose("a", "default")
		if hint := problem.HintOf(err); hint != want {
			t.Errorf("%s: %q", text, hint)
		}
	}
}
