package terrateam

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"whichrole/internal/problem"
)

// quickly fails where something that a repository wrote takes long: the bound is generous, for what it catches takes minutes.
func quickly(t *testing.T, what string, do func()) {
	t.Helper()
	start := time.Now()
	do()
	took := time.Since(start)
	t.Logf("%s: %v", what, took)
	if took > 30*time.Second {
		t.Errorf("%s took %v", what, took)
	}
}

func TestAliasBombIsRefused(t *testing.T) {
	var b strings.Builder
	b.WriteString("definitions:\n  a0: &a0 {type: run}\n")
	for i := range 40 {
		fmt.Fprintf(&b, "  a%d: &a%d [*a%d, *a%d, *a%d]\n", i+1, i+1, i, i, i)
	}
	b.WriteString("hooks: {all: {pre: *a40}}\n")
	quickly(t, "the bomb", func() {
		_, err := Parse(fileName, []byte(b.String()))
		wantError(t, err, problem.BadMap, "too many aliases")
	})
}

// Opaque steps of the hooks stand before each workflow's: they must not be there once for each.
func TestManyHooksTimesManyWorkflows(t *testing.T) {
	yaml := "hooks: {all: {pre: [" + strings.Repeat("{type: env, name: A},", 15_000) + "{type: run}]}}\nworkflows:\n" + strings.Repeat("  - {tag_query: a, plan: [{type: env},{type: oidc, role_arn: $R}]}\n", 8_000) + "  - {tag_query: '', plan: " + oneRole + "}\n"
	quickly(t, "hooks times workflows", func() {
		h := parse(t, yaml).In(World{})
		if i := choose(t, h, "x", ""); i == nil || i.Plan.RoleARN == "" {
			t.Errorf("%+v", i)
		}
		if f := h.Facts("x", "", ""); len(f.Plan.Opaque) != 15_001 {
			t.Errorf("%d opaque steps", len(f.Plan.Opaque))
		}
		h.Meaning()
		h.Entries()
	})
}

// Each of a ring of stacks is in each: they are not looked through.
func TestRingOfStacks(t *testing.T) {
	var b strings.Builder
	b.WriteString("stacks: {names: {leaf: {tag_query: a}, ")
	for i := range 20_000 {
		fmt.Fprintf(&b, "s%d: {stacks: [s%d]}, ", i, (i+1)%20_000)
	}
	quickly(t, "the ring", func() {
		_, err := Parse(fileName, []byte(b.String()+"}}"))
		wantError(t, err, problem.BadMap, "nested in more than")
	})
}

func TestMebibyteOfOneThing(t *testing.T) {
	repeat := func(format string, n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	for name, yaml := range map[string]string{
		"workflows":         "workflows:\n" + strings.Repeat("- {tag_query: a}\n", 50_000),
		"one query":         "workflows: [{tag_query: '" + strings.Repeat("a ", 200_000) + "'}]",
		"parentheses":       "workflows: [{tag_query: '" + strings.Repeat("(", 500_000) + "'}]",
		"nots":              "workflows: [{tag_query: '" + strings.Repeat("not (", 100_000) + "a" + strings.Repeat(")", 100_000) + "'}]",
		"branches in one":   "tags: {dest_branch: {" + repeat("t%d: x, ", 20_000) + "}}\nworkflows: [{tag_query: '" + repeat("dest_branch:t%d or ", 20_000) + "not a'}]",
		"branches in many":  "tags: {dest_branch: {" + repeat("t%d: x, ", 9_000) + "}}\nworkflows:\n" + repeat("- {tag_query: 'a and dest_branch:t%d or dest_branch:t1'}\n", 9_000),
		"stacks":            "stacks: {names: {" + repeat("s%d: {tag_query: a}, ", 20_000) + "}}\nworkflows:\n" + repeat("- {tag_query: 'stack_name:s%d'}\n", 10_000),
		"stacks by branch":  "tags: {dest_branch: {" + repeat("t%d: x, ", 5_000) + "}}\nstacks: {names: {" + repeat("s%d: {tag_query: 'dest_branch:t1 and a'}, ", 10_000) + "}}\nworkflows:\n" + repeat("- {tag_query: 'stack_name:s%d or dest_branch:t2'}\n", 8_000),
		"nested stacks":     "stacks: {names: {leaf: {tag_query: a}, " + repeat("s%d: {stacks: [leaf, x]}, ", 19_000) + "x: {stacks: [leaf]}}}",
		"circles of stacks": "stacks: {names: {" + repeat("s%[1]d: {stacks: [s%[1]d, leaf, t%[1]d]}, t%[1]d: {stacks: [s%[1]d]}, ", 3_000) + "leaf: {tag_query: a}}}",
		"chain of stacks":   "stacks: {names: {" + repeat("s%d: {stacks: [leaf]}, ", 1_000) + "leaf: {tag_query: a}}}",
		"dirs":              "dirs: {" + repeat("'a/%d*': , ", 50_000) + "}",
		"tags":              "dirs: {x: {tags: [" + strings.Repeat("a,", 200_000) + "]}}\nworkflows: [{tag_query: a}]",
		"workspaces":        "dirs: {x: {workspaces: {" + repeat("w%d: , ", 50_000) + "}}}",
		"a long word":       "workflows: [{tag_query: " + strings.Repeat("a", 1_000_000) + ", plan: " + oneRole + "}]",
		"a long name":       "dirs: {x: {workspaces: {" + strings.Repeat("a", 1_000_000) + ": }}}",
	} {
		worlds := []World{{}}
		if strings.Contains(name, "branch") {
			worlds = append(worlds, World{DestBranch: is("main")})
		}
		for _, w := range worlds {
			quickly(t, name, func() {
				c, err := Parse(fileName, []byte(yaml))
				if err != nil {
					if len(err.Error()) > 4096 {
						t.Errorf("%s: the error has %d bytes", name, len(err.Error()))
					}
					return
				}
				h := c.In(w)
				_, _, err = h.Choose("x", "default")
				if p, ok := err.(*problem.Error); err != nil && (!ok || len(p.Message)+len(p.Hint) > 4096) {
					t.Errorf("%s: %T with %d bytes", name, err, len(err.Error()))
				}
				h.Facts("x", "default", "")
				h.Meaning()
				h.Review()
			})
		}
	}
}

func TestHostileLuaPatternEnds(t *testing.T) {
	c := parse(t, "tags: {dest_branch: {a: '"+strings.Repeat(".-", 100)+"x'}}\n"+workflowsOf("dest_branch:a"))
	quickly(t, "the pattern", func() {
		_, _, err := c.In(World{DestBranch: is(strings.Repeat("a", 200))}).Choose("x", "")
		wantError(t, err, problem.BadMap, fileName+":1: the pattern", "does not come to an end")
	})
}

// A hostile pattern must not stop those whom it does not concern.
func TestHostileLuaPatternElsewhere(t *testing.T) {
	c := parse(t, "tags: {dest_branch: {b: '"+strings.Repeat(".-", 100)+"x', a: '^a'}}\n"+workflowsOf("dest_branch:b and dir:y", ""))
	choose(t, c.In(World{DestBranch: is(strings.Repeat("a", 200))}), "x", "")
}

func TestNamesWithControlCharacters(t *testing.T) {
	h := parse(t, `
dirs: {"a\x1b[2J\nb": {tags: ["x\x07y"], workspaces: {"w\x1b\n": }}}
workflows: [{tag_query: "'x\x07y'", environment: "e\x1b[31m\nprod", plan: `+oneRole+`}]
`).In(World{})
	i := choose(t, h, "a\x1b[2J\nb", "w\x1b\n")
	if i == nil || i.Name != "e--31m-prod" {
		t.Errorf("%+v", i)
	}
	for name := range first(h.Meaning()) {
		if strings.ContainsAny(name, "\x1b\n") {
			t.Errorf("%q", name)
		}
	}
	_, rest := h.Meaning()
	if strings.ContainsAny(rest, "\x1b\n\x07") {
		t.Errorf("%q", rest)
	}
}

func first(m map[string]string, _ string) map[string]string { return m }

func TestOneHereServesManyAtOnce(t *testing.T) {
	h := parse(t, large(100)).In(World{DestBranch: is("main")})
	done := make(chan string)
	for n := range 8 {
		go func() {
			for range 20 {
				if i, _, err := h.Choose(fmt.Sprintf("live/t%d", 2*n), ""); err != nil || i == nil || i.Name != fmt.Sprintf("t%d-and-dest_branch-main", 2*n) {
					done <- fmt.Sprint(n, i, err)
					return
				}
			}
			done <- ""
		}()
	}
	for range 8 {
		if bad := <-done; bad != "" {
			t.Error(bad)
		}
	}
	if h.Work() == 0 {
		t.Error("the work is not counted")
	}
}

// One stack named a hundred thousand times by an alias kept Parse busy for more than a minute.
func TestStacksThatAreNamedAgainAndAgain(t *testing.T) {
	var b strings.Builder
	b.WriteString("stacks:\n  names:\n    a: {tag_query: ''}\n    m: {stacks: &m [" + strings.Repeat("a,", 250_000) + "a]}\n")
	for i := range 9000 {
		fmt.Fprintf(&b, "    t%d: {stacks: [m]}\n", i)
	}
	quickly(t, "the stacks", func() { Parse(fileName, []byte(b.String())) })
}

// Each pattern had a budget of its own: twenty thousand that stop just short of it took minutes.
func TestPatternsShareOneBudget(t *testing.T) {
	var b strings.Builder
	b.WriteString("tags: {dest_branch: {k: &p '" + strings.Repeat(".-", 36) + "x', ")
	for i := range 15_000 {
		fmt.Fprintf(&b, "k%d: *p, ", i)
	}
	b.WriteString("}}\nworkflows: [{tag_query: 'dest_branch:k1', plan: " + oneRole + "}]")
	c := parse(t, b.String())
	quickly(t, "the patterns", func() { c.In(World{DestBranch: is("main")}).Choose("x", "") })
}
