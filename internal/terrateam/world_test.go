package terrateam

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"whichrole/internal/problem"
)

const branches = `
tags:
  branch: {release: '^release/', feature: 'feature'}
  dest_branch: {b: 'ma', a: 'main', c: '^dev$'}
`

func workflowsOf(queries ...string) string {
	var b strings.Builder
	b.WriteString("workflows:\n")
	for _, q := range queries {
		b.WriteString("  - {tag_query: \"" + q + "\", environment: \"" + q + "\", plan: " + oneRole + "}\n")
	}
	return b.String()
}

// The first key in the order of the alphabet counts, whatever the file's order is, and the patterns are Lua's.
func TestBranchTags(t *testing.T) {
	c := parse(t, branches+workflowsOf("dest_branch:a", "dest_branch:b", "dest_branch:c", "branch:release and branch:feature", "branch:release", "dest_branch:main"))
	for _, tt := range []struct{ branch, dest, want string }{
		{"x", "main", "dest_branch-a"}, {"x", "my-main-2", "dest_branch-a"}, {"x", "mars", "dest_branch-b"}, {"x", "dev", "dest_branch-c"},
		{"release/feature", "develop", ""}, {"release/1", "develop", "branch-release"}, {"x/release/1", "develop", ""},
	} {
		i := choose(t, c.In(World{Branch: is(tt.branch), DestBranch: is(tt.dest)}), "x", "")
		if got := ""; i != nil {
			if got = i.Name; got != tt.want {
				t.Errorf("%+v: %s", tt, got)
			}
		} else if tt.want != "" {
			t.Errorf("%+v: nothing", tt)
		}
	}
}

func TestBranchesAreAskedForOnlyWhereTheyDecide(t *testing.T) {
	for _, query := range []string{
		"dest_branch:a and dir:y", "dir:y and branch:release", "not dest_branch:a and dir:y", "dir:x or dest_branch:a", "dest_branch:a or not dest_branch:a",
		"dest_branch:nobody", "branch:nobody", "(dest_branch:a and branch:release) and not dir:x", "not (dest_branch:a and dest_branch:b)",
	} {
		c := parse(t, branches+workflowsOf(query))
		if _, _, err := c.In(World{Branch: never(t, "branch for "+query), DestBranch: never(t, "destination for "+query)}).Choose("x", ""); err != nil {
			t.Errorf("%s: %v", query, err)
		}
	}
	c := parse(t, workflowsOf("dest_branch:a or branch:b", ""))
	choose(t, c.In(World{Branch: never(t, "branch without patterns"), DestBranch: never(t, "destination without patterns")}), "x", "")
}

func TestUnknownBranchIsAnErrorOnlyWhereItDecides(t *testing.T) {
	c := parse(t, branches+"dirs: {prod: {tags: [prod]}}\n"+workflowsOf("prod and dest_branch:a", "prod and branch:release", ""))
	nowhere := World{Branch: is(""), DestBranch: is("")}
	_, _, err := c.In(nowhere).Choose("prod", "")
	wantError(t, err, problem.NoEnvironment, "config.yml:7", "dest_branch:a", "not known which branch")
	if errors.Is(err, problem.ErrNowhere) {
		t.Error("a prompt would say nothing")
	}
	_, _, err = c.In(World{DestBranch: is("dev"), Branch: is("")}).Choose("prod", "")
	wantError(t, err, problem.NoEnvironment, "config.yml:8", "branch:release", "HEAD is detached")
	if i := choose(t, c.In(World{DestBranch: is("main"), Branch: is("")}), "prod", ""); i.Name != "prod-and-dest_branch-a" {
		t.Error(i.Name)
	}
	if i := choose(t, c.In(World{}), "qa", ""); i.Name != "workflow" {
		t.Error(i.Name)
	}
	broken := errors.New("no such repository")
	_, _, err = c.In(World{DestBranch: func() (string, error) { return "", broken }}).Choose("prod", "")
	if !errors.Is(err, broken) {
		t.Error(err)
	}
	// The one is not known, but the other settles it.
	c = parse(t, branches+workflowsOf("branch:release or dest_branch:a"))
	if i := choose(t, c.In(World{DestBranch: is("main")}), "x", ""); i == nil {
		t.Error("no workflow")
	}
	_, _, err = c.In(World{DestBranch: is("dev")}).Choose("x", "")
	wantError(t, err, problem.NoEnvironment, "branch:release")
}

// More tags than are tried: then the branch is asked for, and found out.
func TestManyBranchTags(t *testing.T) {
	var tags, query strings.Builder
	for _, r := range "abcdefghijklmnopqrstuvwxyz" {
		tags.WriteString(string(r) + ": '^" + string(r) + "$', ")
		query.WriteString("dest_branch:" + string(r) + " or ")
	}
	c := parse(t, "tags: {dest_branch: {"+tags.String()+"}}\n"+workflowsOf("not ("+query.String()+"dir:y)"))
	if i := choose(t, c.In(World{DestBranch: is("z")}), "x", ""); i != nil {
		t.Error("z is one of them")
	}
	if i := choose(t, c.In(World{DestBranch: is("other")}), "x", ""); i == nil {
		t.Error("other is none of them")
	}
}

// The one that decides is not among the first that are tried.
func TestLastOfManyBranchTagsDecides(t *testing.T) {
	var tags, query strings.Builder
	for _, r := range "abcdefghijklmnopqrstuvwxyz" {
		tags.WriteString(string(r) + ": '^" + string(r) + "$', ")
		query.WriteString("(dest_branch:" + string(r) + " and dir:y) or ")
	}
	for _, query := range []string{query.String() + "dest_branch:z", "(dest_branch:a and dir:y) or dest_branch:z"} {
		c := parse(t, "tags: {dest_branch: {"+tags.String()+"}}\n"+workflowsOf(query))
		if i := choose(t, c.In(World{DestBranch: is("z")}), "x", ""); i == nil {
			t.Errorf("%s: z is not seen", query)
		}
		if i := choose(t, c.In(World{DestBranch: is("y")}), "x", ""); i != nil {
			t.Errorf("%s: y is taken for z", query)
		}
	}
}

// The tag is that of a stack that was found: no stack can ask for it.
func TestStackThatAsksForStacks(t *testing.T) {
	c := parse(t, "stacks: {names: {a: {tag_query: 'stack_name:a or stack_name:default'}, b: {tag_query: ''}}}\n"+workflowsOf("stack_name:a", "stack_name:b"))
	if i := choose(t, c.In(World{}), "x", ""); i.Name != "stack_name-b" {
		t.Error(i.Name)
	}
}

func TestStacks(t *testing.T) {
	yaml := branches + `
dirs: {a: {tags: [a]}, ab: {tags: [a, b]}, d: {tags: [d]}}
stacks:
  names:
    a: {tag_query: a, variables: {digit: "1", own: a}}
    b: {tag_query: b}
    d: {tag_query: d and dest_branch:a}
    lower: {stacks: [a], variables: {digit: "2", account: "111111111111"}}
    upper: {stacks: [lower, b, upper], variables: {account: "222222222222", top: t}}
` + workflowsOf("stack_name:upper and stack_name:lower and stack_name:a", "stack_name:upper", "stack_name:d", "stack_name:default")
	h := parse(t, yaml).In(World{DestBranch: is("main")})
	for dir, want := range map[string]string{"a": "stack_name-upper-and-stack_name-lower-and-stack_name-a", "d": "stack_name-d", "x": "stack_name-default"} {
		if got := choose(t, h, dir, "").Name; got != want {
			t.Errorf("%s: %s", dir, got)
		}
	}
	if got := choose(t, parse(t, yaml).In(World{DestBranch: is("dev")}), "d", "").Name; got != "stack_name-default" {
		t.Error(got)
	}
	_, _, err := parse(t, yaml).In(World{}).Choose("d", "")
	wantError(t, err, problem.NoEnvironment, "dest_branch:a", "not known which branch")
	_, _, err = h.Choose("ab", "")
	wantError(t, err, problem.NoEnvironment, "ab belongs to two stacks, a and b")
	if want := []string{"a", "dest_branch:a", "dir:a", "stack_name:a", "stack_name:lower", "stack_name:upper", "workspace:default"}; !slices.Equal(h.Facts("a", "", "").Tags, want) {
		t.Errorf("%v", h.Facts("a", "", "").Tags)
	}
	a := parse(t, yaml).stacks.byName["a"]
	for name, want := range map[string]string{"digit": "1", "own": "a", "account": "222222222222", "top": "t", "none": ""} {
		if got, _ := a.variable(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	// A stack that is called default takes nothing by itself.
	_, _, err = parse(t, "stacks: {names: {default: {tag_query: a}}}\n"+workflowsOf("stack_name:default")).In(World{}).Choose("x", "")
	wantError(t, err, problem.NoEnvironment, "no stack")
	// Where nobody asks for a stack, it does not matter.
	choose(t, parse(t, "dirs: {ab: {tags: [a, b]}}\nstacks: {names: {a: {tag_query: a}, b: {tag_query: b}}}\n"+workflowsOf("a")).In(World{}), "ab", "")
}

func TestFacts(t *testing.T) {
	h := parse(t, branches+"dirs:\n  'live/**': {tags: [live, b], workspaces: {qa: {tags: [q]}}}\n"+workflowsOf("nothing", "live q or x")).In(World{Branch: is("release/1"), DestBranch: is("main")})
	f := h.Facts("live/a", "qa", "")
	if want := []string{"b", "branch:release", "dest_branch:a", "dir:live/a", "live", "q", "stack_name:default", "workspace:qa"}; !slices.Equal(f.Tags, want) {
		t.Errorf("%v", f.Tags)
	}
	if f.Directory != "live/**" || f.Line != 6 || f.Branch != "release/1" || f.DestBranch != "main" || f.Plan.Line != 9 || f.Apply.Line != 0 {
		t.Errorf("%+v", f)
	}
	if w := f.Workflow; w == nil || w.Line != 9 || w.Name != "live-q-or-x" || w.Query != "live q or x" || w.Environment != w.Query || !w.Ambiguous {
		t.Errorf("%+v", w)
	}
	if f = h.Facts("live/a", "prod", ""); f.Directory != "live/**" || f.Tags != nil || f.Workflow != nil {
		t.Errorf("%+v", f)
	}
	if f = parse(t, branches+workflowsOf("dest_branch:a")).In(World{}).Facts("x", "", ""); !slices.Equal(f.Tags, []string{"dir:x", "stack_name:default", "workspace:default"}) {
		t.Errorf("%+v", f)
	}
}
