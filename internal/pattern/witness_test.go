package pattern

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// Segments of which random patterns are made, and names of which all directories are: "any" and "0" are taken, "z" is in none.
var (
	someSegments = []string{"a", "b", "any", "0", "{x}", "{y}", "*", "?", "a*", "*b", "[ab]", "[^a]", "**", "**", "[.]"}
	someNames    = []string{"a", "b", "ab", "any", "z"}
)

func allDirs(depth int) []string {
	dirs, last := []string{"."}, []string{""}
	for range depth {
		var next []string
		for _, d := range last {
			for _, n := range someNames {
				next = append(next, d+n+"/")
				dirs = append(dirs, d+n)
			}
		}
		last = next
	}
	return dirs
}

func randomPattern(t *testing.T, r *rand.Rand, most int) *Pattern {
	for {
		segs := make([]string, r.IntN(most)+1)
		for i := range segs {
			segs[i] = someSegments[r.IntN(len(someSegments))]
		}
		if p, err := Compile(strings.Join(segs, "/")); err == nil { // {x} may have come twice
			return p
		}
	}
}

func somePatterns(t *testing.T, r *rand.Rand, n int) []*Pattern {
	byText := map[string]*Pattern{}
	for range n {
		p := randomPattern(t, r, 4)
		byText[p.String()] = p
	}
	return slices.SortedFunc(maps.Values(byText), func(a, b *Pattern) int { return strings.Compare(a.String(), b.String()) })
}

// An index that overlooks a pattern lets check call a rule dead that wins, or a map clean that is not.
func TestIndexFindsWhatTryingEachWouldFind(t *testing.T) {
	dirs := allDirs(4)
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 1))
		patterns := somePatterns(t, r, 12)
		x := NewIndex(patterns)
		for range 40 {
			dir := dirs[r.IntN(len(dirs))]
			var want, got []string
			for _, p := range patterns {
				if m, ok := p.Match(dir); ok && m.Depth == len(split(dir)) {
					want = append(want, p.String()+" "+spell(m))
				}
			}
			for _, h := range x.At(dir) {
				got = append(got, h.Pattern.String()+" "+spell(h.Match))
			}
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Fatalf("seed %d, %s: %v, want %v", seed, dir, got, want)
			}
		}
	}
}

// Every pair that is tied somewhere has a directory among the ties in which it is, however the two are laid on each other.
func TestEachPairThatTiesIsFound(t *testing.T) {
	dirs := allDirs(3)
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 2))
		patterns := somePatterns(t, r, 6)
		r.Shuffle(len(patterns), func(i, j int) { patterns[i], patterns[j] = patterns[j], patterns[i] })
		x := NewIndex(patterns)
		found := map[string]bool{}
		for dir := range x.Ties() {
			hits := x.At(dir)
			for _, h := range hits {
				for _, o := range hits {
					if h.Match.Compare(o.Match) == Tie {
						found[h.Pattern.String()+" "+o.Pattern.String()] = true
					}
				}
			}
		}
		if x.Exhausted() {
			t.Fatalf("seed %d: exhausted", seed)
		}
		for _, dir := range dirs {
			for i, p := range patterns {
				for _, q := range patterns[i+1:] {
					if tieAt(p, q, dir) && !found[p.String()+" "+q.String()] {
						t.Fatalf("seed %d: %s and %s tie at %s", seed, p, q, dir)
					}
				}
			}
		}
	}
}

// Shapes that tie only where a ** takes something.
func TestTieInWhatIsSwallowedIsFound(t *testing.T) {
	for _, pair := range [][2]string{{"{x}/{y}/{z}", "a/**/{z}"}, {"*/b/c/d", "a/**/d"}, {"**/a/{x}", "b/**/c"}} {
		x := NewIndex([]*Pattern{compiled(t, pair[0]), compiled(t, pair[1])})
		found := false
		for dir := range x.Ties() {
			found = found || tieAt(compiled(t, pair[0]), compiled(t, pair[1]), dir)
		}
		if !found {
			t.Errorf("%v", pair)
		}
	}
}

// tieAt tells that both describe dir itself and neither is better.
func tieAt(p, q *Pattern, dir string) bool {
	a, okA := p.Match(dir)
	b, okB := q.Match(dir)
	return okA && okB && a.Depth == len(split(dir)) && b.Depth == a.Depth && a.Compare(b) == Tie
}

// What Covers says is believed without a look at any directory.
func TestCoversIsNeverWrong(t *testing.T) {
	dirs := allDirs(5)
	r := rand.New(rand.NewPCG(1, 3))
	yes := 0
	for range 40_000 {
		q, p := randomPattern(t, r, 3), randomPattern(t, r, 3)
		if order, ok := q.Covers(p); ok {
			yes++
			holdsEverywhere(t, q, p, order, dirs)
		}
	}
	if yes < 1000 {
		t.Errorf("only %d pairs are covered: the test says little", yes)
	}
}

func holdsEverywhere(t *testing.T, q, p *Pattern, order Order, dirs []string) {
	for range 60 {
		dir := dirs[rand.IntN(len(dirs))]
		m, ok := p.Match(dir)
		if !ok {
			continue
		}
		n, ok := q.Match(dir)
		if !ok || n.Depth < m.Depth || n.Depth == m.Depth && n.Compare(m) != order {
			t.Fatalf("%s covers %s with %d, but on %s %v %+v and %+v", q, p, order, dir, ok, n, m)
		}
	}
}

func TestCovers(t *testing.T) {
	for _, tt := range []struct {
		q, p  string
		ok    bool
		order Order
	}{
		{"live/{x}", "live/*", true, Better},
		{"live/*", "live/{x}", true, Worse},
		{"live/{x}", "live/prod", true, Worse},
		{"live/prod", "live/{x}", false, Tie},
		{"live/{x}", "live/{y}/**", true, Tie},
		{"live/{x}", "live/a/b", false, Tie},
		{"{x}/**/b", "*/b", true, Better},
		{"{x}/**/b", "*/**/b", true, Better},
		{"**/{x}", "**/*", true, Better},
		{"**/{x}/**/b", "**/a*/**/b", false, Tie}, // another place for the run between
		{"*/{x}", "{y}/*", true, Tie},
		{"a*", "ab", true, Worse},
		{"*", "a*", true, Tie},
		{"a*", "*", false, Tie},
		{".", "**", true, Tie},
		{"**", "a", false, Tie},
	} {
		order, ok := compiled(t, tt.q).Covers(compiled(t, tt.p))
		if ok != tt.ok || order != tt.order {
			t.Errorf("%s over %s: %v %d", tt.q, tt.p, ok, order)
		}
	}
}

func TestExamplesAreGeneral(t *testing.T) {
	for pattern, want := range map[string]string{
		"any/{x}/*":    "any/anyy/anyy2 any/0/02",
		"prod-*/[a-c]": "prod-any/a prod-0/c",
		"?":            "x A",
		"[^x]":         "a y",
		"[.]":          "", // no directory is called .
		".":            ".",
		"**/b":         "b any/b 0/b any/any2/b 0/02/b",
	} {
		p := compiled(t, pattern)
		x := NewIndex([]*Pattern{p})
		if got := dedupe(strings.Join(slices.Collect(x.Examples(p)), " ")); got != want {
			t.Errorf("%s: %s, want %s", pattern, got, want)
		}
	}
}

func dedupe(words string) string {
	var list []string
	for _, w := range strings.Fields(words) {
		if !slices.Contains(list, w) {
			list = append(list, w)
		}
	}
	return strings.Join(list, " ")
}

func FuzzCommonName(f *testing.F) {
	for _, p := range [][2]string{{"*-prod", "eu-*"}, {"[a-c]*", "*[b-z]"}, {"?", "[^a]"}, {"*a*b*", "*b*a*"}, {"[.]", "?"}} {
		f.Add(p[0], p[1], "x")
	}
	f.Fuzz(func(t *testing.T, one, two, name string) {
		a, err := CompileName(one)
		b, err2 := CompileName(two)
		if err != nil || err2 != nil || len(one)+len(two) > 100 || a.Literal() || b.Literal() {
			return
		}
		common, ok := a.glob.common(b.glob, style{fresh: "any"}, new(int))
		if ok && (!a.Match(common) || !b.Match(common)) {
			t.Errorf("%q and %q have %q in common, which one of them does not match", one, two, common)
		}
		if other, ok2 := b.glob.common(a.glob, style{fresh: "any"}, new(int)); ok2 != ok {
			t.Errorf("%q and %q: %q %v, the other way %q %v", one, two, common, ok, other, ok2)
		}
		if !ok && name != "" && isPlainName(name) && a.Match(name) && b.Match(name) {
			t.Errorf("%q and %q have %q in common", one, two, name)
		}
		if a.Covers(b) && b.Match(name) && !a.Match(name) && name != "" {
			t.Errorf("%q does not cover %q: %q", one, two, name)
		}
	})
}

// isPlainName tells that a name has only what directories and workspaces are called by.
func isPlainName(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' || r == '/' || r == '\\' })
}

// What two globs of three tokens have in common is found where it has three letters.
func TestCommonNameIsFoundWhereThereIsOne(t *testing.T) {
	tokens := []string{"*", "?", "a", "b", "[ab]", "[^a]"}
	var globs []*Name
	for i := range 6 * 6 * 6 {
		written := tokens[i%6] + tokens[i/6%6] + tokens[i/36]
		if n, err := CompileName(written); err == nil && !n.Literal() {
			globs = append(globs, n)
		}
	}
	var names []string
	for _, l := range []string{"", "a", "b", "c"} {
		for _, m := range []string{"", "a", "b", "c"} {
			for _, n := range []string{"a", "b", "c"} {
				names = append(names, l+m+n)
			}
		}
	}
	for _, g := range globs {
		for _, h := range globs {
			common, ok := g.glob.common(h.glob, style{fresh: "any"}, new(int))
			if ok && (!g.Match(common) || !h.Match(common)) {
				t.Fatalf("%s and %s: %q", g, h, common)
			}
			if i := slices.IndexFunc(names, func(n string) bool { return g.Match(n) && h.Match(n) }); i >= 0 && !ok {
				t.Fatalf("%s and %s: %q is not found", g, h, names[i])
			}
		}
	}
}

// Two patterns of stars can be laid on each other in more ways than there are atoms.
func TestOverlapsOfHostilePatternsHaveAnEnd(t *testing.T) {
	for name, list := range map[string][]string{
		"runs of **":   {strings.Repeat("**/a/", 200) + "b", strings.Repeat("**/{x}/**/a/", 1) + strings.Repeat("**/*/", 190) + "b"},
		"long globs":   {strings.Repeat("*a", 500), strings.Repeat("*b", 500) + "*a"},
		"no b":         {strings.Repeat("*/**/", 150) + "b", strings.Repeat("**/*/", 150) + "c"},
		"many of them": manyStars(3000),
		"many long":    manyLong(900),
	} {
		var patterns []*Pattern
		for _, s := range list {
			patterns = append(patterns, compiled(t, s))
		}
		x := NewIndex(patterns)
		start, n := time.Now(), 0
		for range x.Ties() {
			n++
		}
		t.Logf("%s: %d ties, %d steps, %v, exhausted %v", name, n, x.Work(), time.Since(start), x.Exhausted())
		if took := time.Since(start); took > 20*time.Second || x.Work() > 2*EnoughOverlaps {
			t.Errorf("%s: %v, %d steps", name, took, x.Work())
		}
	}
}

func manyStars(n int) (list []string) {
	for i := range n {
		list = append(list, fmt.Sprintf("**/*%d/**/{x}/**/*%d*", i, i))
	}
	return list
}

func manyLong(n int) (list []string) {
	for i := range n {
		list = append(list, fmt.Sprintf("*%d", i)+strings.Repeat("*a", 500))
	}
	return list
}

// What large maps look like takes a small part of the work that ends the search.
func TestOverlapsOfLargeMapsAreFoundInFewSteps(t *testing.T) {
	for name, shapes := range map[string][]string{
		"a directory each":           {"live/account-%d"},
		"a glob each":                {"live/team-%d-*"},
		"an ending each":             {"live/*-app-%d", "qa/*-%d/**/x"},
		"a suffix each":              {"live/*/app-%d", "live/payments/app-%d"},
		"anywhere":                   {"**/app-%d", "live/app-%d/prod"},
		"captures":                   {"live/a%d/{region}", "team%d/**/prod"},
		"one rule for all, and each": {"live/a%d", "live/b%d/**/x"},
	} {
		patterns := []*Pattern{compiled(t, "live/{account}"), compiled(t, "live/{account}/eu-west-1"), compiled(t, "**/{x}"), compiled(t, "**/prod")}
		for i := range 5000 {
			for _, s := range shapes {
				patterns = append(patterns, compiled(t, fmt.Sprintf(s, i)))
			}
		}
		x := NewIndex(patterns)
		start, n := time.Now(), 0
		for range x.Ties() {
			n++
		}
		t.Logf("%s: %d ties, %d steps, %v", name, n, x.Work(), time.Since(start))
		if x.Exhausted() || x.Work() > EnoughOverlaps/5 {
			t.Errorf("%s: %d steps, exhausted %v", name, x.Work(), x.Exhausted())
		}
	}
}
