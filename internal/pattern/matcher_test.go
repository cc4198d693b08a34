package pattern

import (
	"fmt"
	"strings"
	"testing"
)

// What a match costs is counted in steps, so that no machine is too fast to notice, and none too slow to pass.
func TestPatternsOfStarsTakeFewSteps(t *testing.T) {
	deep := strings.TrimSuffix(strings.Repeat("a/", 1900), "/")
	for name, c := range map[string]struct {
		pattern, dir string
		most         int
	}{
		"literal":            {"live/payments", "live/payments/eu-west-1", 3},
		"first segment":      {"live/payments/**/x", "qa/payments/eu-west-1/x", 2},
		"one **":             {"**/x", deep, 2 * 1900},
		"** and ** and **":   {strings.Repeat("**/a/", 200) + "b", deep, 2 * 1900},
		"found":              {strings.Repeat("**/a/", 200) + "a", deep, 4 * 1900},
		"stars between them": {strings.Repeat("*/**/", 190) + "b", deep, 4 * 1900},
		"a run of stars":     {"**/" + strings.Repeat("*/", 500) + "b", deep, 3 * 500 * 1900},
		"*":                  {"*", strings.Repeat("a", 250), 4},
	} {
		m := NewMatcher(c.dir, "")
		m.Dir(compiled(t, c.pattern))
		if m.Work() > c.most {
			t.Errorf("%s: %d steps, %d are enough", name, m.Work(), c.most)
		}
	}
}

// The same pattern in ten thousand rules is laid on the directory once.
func TestPatternIsMatchedOnce(t *testing.T) {
	for _, written := range []string{"**/a/*/b", "{x}/**/b", "*a*"} {
		p, m := compiled(t, written), NewMatcher("a/a/c/b", "")
		first, ok := m.Dir(p)
		work := m.Work()
		again, okAgain := m.Dir(p)
		if m.Work() != work || ok != okAgain || first.Depth != again.Depth || first.Compare(again) != Tie {
			t.Errorf("%s: %d steps, then %d", written, work, m.Work())
		}
	}
}

// What cannot be matched in time is not matched: nothing may be granted on half of an answer.
func TestExhaustedMatcherMatchesNothing(t *testing.T) {
	m := NewMatcher(strings.TrimSuffix(strings.Repeat(strings.Repeat("a", 250)+"/", 16), "/"), strings.Repeat("a", 250))
	laid := 0
	for ; !m.Exhausted() && laid < 100_000; laid++ {
		m.Dir(compiled(t, fmt.Sprintf("**/*%s%d", strings.Repeat("?", 120), laid)))
	}
	if !m.Exhausted() || m.Work() > Enough+1_000_000 {
		t.Fatalf("%d patterns, %d steps", laid, m.Work())
	}
	if _, ok := m.Dir(compiled(t, "**")); ok {
		t.Error("a directory matches")
	}
	name, err := CompileName("a*")
	if err != nil || m.Workspace(name) {
		t.Error("a workspace matches", err)
	}
}

func TestMatchingALiteralAllocatesNothing(t *testing.T) {
	p, q, m := compiled(t, "live/payments"), compiled(t, "live/*/**/x"), NewMatcher("live/payments/vpc", "")
	if n := testing.AllocsPerRun(100, func() { m.Dir(p); m.Dir(q) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
