package pattern

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"
)

func TestMatch(t *testing.T) {
	tests := []struct {
		pattern, dir string
		depth        int // -1: no match
		captures     map[string]string
		kinds        string // l literal, c capture, w wildcard, s swallowed
	}{
		{"production", "production", 1, nil, "l"},
		{"production", "production/vpc/eu", 1, nil, "l"},
		{"production", "production2", -1, nil, ""},
		{"production", "prod", -1, nil, ""},
		{"production", "x/production", -1, nil, ""},
		{"production", ".", -1, nil, ""},
		{"production", "Production", -1, nil, ""},
		{"production/", "production", 1, nil, "l"},
		{"./production", "production/a", 1, nil, "l"},
		{".", ".", 0, nil, ""},
		{".", "a/b", 0, nil, ""},
		{"./", "a/b", 0, nil, ""},
		{"**", ".", 0, nil, ""},
		{"**", "a/b", 0, nil, ""},
		{"**/**", "a/b", 0, nil, ""},
		{"a/**", "a", 1, nil, "l"},
		{"a/**/**", "a/b", 1, nil, "l"},
		{"a/**", "b", -1, nil, ""},
		{"a/*", "a", -1, nil, ""},
		{"a/*", "a/b/c", 2, nil, "lw"},
		{"a/?", "a/é", 2, nil, "lw"},
		{"a/?", "a/bc", -1, nil, ""},
		{"a/prod-*", "a/prod-", 2, nil, "lw"},
		{"a/*-prod-*", "a/x-prod-y-prod-z", 2, nil, "lw"},
		{"[a-c]x", "bx", 1, nil, "w"},
		{"[a-c]x", "dx", -1, nil, ""},
		{"[^a-c]x", "dx", 1, nil, "w"},
		{"[!a-c]x", "ax", -1, nil, ""},
		{"[*]", "*", 1, nil, "w"},
		{"[*]", "a", -1, nil, ""},
		{"[a-]", "-", 1, nil, "w"},
		{"*", ".terraform", 1, nil, "w"},
		{"?", "\xff", 1, nil, "w"},
		{"[\ufffd]", "\xff", -1, nil, ""},
		{"live/{account}/{region}", "live/payments/eu-west-1/vpc", 3, map[string]string{"account": "payments", "region": "eu-west-1"}, "lcc"},
		{"live/{account}/{region}", "live/payments", -1, nil, ""},
		{"{x}/**", "a/b", 1, map[string]string{"x": "a"}, "c"},
		{"**/prod", "prod", 1, nil, "l"},
		{"**/prod", "a/b/prod/c", 3, nil, "ssl"},
		{"**/prod", "prod/b/prod/c", 3, nil, "ssl"}, // the deepest directory
		{"**/prod", "a/b", -1, nil, ""},
		{"a/**/b", "a/b", 2, nil, "ll"},
		{"a/**/b", "a/b/b", 3, nil, "lsl"},
		{"**/a/**/b", "a/a/b/b", 4, nil, "lssl"}, // leftmost, shortest: the first ** takes nothing
		{"**/{x}", "a/b/c", 3, map[string]string{"x": "c"}, "ssc"},
		{"{x}/**/{y}", "a/b/c", 3, map[string]string{"x": "a", "y": "c"}, "csc"},
		{"**/**/b", "a/b", 2, nil, "sl"},
		{"**/a/*/**/{z}/b", "a/x/y/b/b", 5, map[string]string{"z": "b"}, "lwscl"},
	}
	for _, tt := range tests {
		m, ok := compiled(t, tt.pattern).Match(tt.dir)
		if ok != (tt.depth >= 0) {
			t.Errorf("%s on %s: matches %v", tt.pattern, tt.dir, ok)
		}
		if ok && (m.Depth != tt.depth || spell(m) != tt.kinds || !maps.Equal(m.Captures, tt.captures)) {
			t.Errorf("%s on %s: depth %d, %s, %v", tt.pattern, tt.dir, m.Depth, spell(m), m.Captures)
		}
	}
}

func spell(m Match) string {
	var b strings.Builder
	for _, k := range m.kinds {
		b.WriteByte("swcl"[k])
	}
	return b.String()
}

func compiled(t testing.TB, s string) *Pattern {
	t.Helper()
	p, err := Compile(s)
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return p
}

func TestCompare(t *testing.T) {
	tests := []struct {
		a, b, dir string
		want      Order
	}{
		{"a/b", "a", "a/b/c", Better},
		{"a/*", "a/b", "a/b", Worse},
		{"a/b", "a/{x}", "a/b", Better},
		{"a/{x}", "a/*", "a/b", Better},
		{"a/[b]", "a/*", "a/b", Tie},
		{"a/*", "**/b", "a/b", Tie}, // each more specific in a segment of its own
		{"*/b", "**/b", "a/b", Better},
		{"a/{x}", "{y}/b", "a/b", Tie},
		{"{a}/x", "{b}/x", "q/x", Tie},
		{"**", ".", "a", Tie},
		{"a/*/c", "**", "a/b/c", Better},
	}
	for _, tt := range tests {
		a, okA := compiled(t, tt.a).Match(tt.dir)
		b, okB := compiled(t, tt.b).Match(tt.dir)
		if !okA || !okB {
			t.Fatalf("%s or %s does not match %s", tt.a, tt.b, tt.dir)
		}
		if got := a.Compare(b); got != tt.want || b.Compare(a) != -tt.want {
			t.Errorf("%s against %s on %s: %d and %d", tt.a, tt.b, tt.dir, got, b.Compare(a))
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	tests := []struct{ pattern, says string }{
		{"", "empty"},
		{"/a", `leading "/"`},
		{"/", `leading "/"`},
		{"..", "leave the repository"},
		{"../elsewhere", "leave the repository"},
		{"a/../b", "leave the repository"},
		{"a/..", "leave the repository"},
		{"./..", "leave the repository"},
		{"a/./b", `"."`},
		{"a/.", `"."`},
		{"././a", `"."`},
		{"a//b", "empty segment"},
		{"a//", "empty segment"},
		{".//a", "empty segment"},
		{`a\b`, "backslash"},
		{`..\a`, "backslash"},
		{"a[", `no "]"`},
		{"a[b/c]", `no "]"`},
		{"a]", `without "["`},
		{"[]", "no character"},
		{"[^]", "no character"},
		{"[z-a]", "comes after"},
		{"a**", "whole segment"},
		{"**a", "whole segment"},
		{"***", "whole segment"},
		{"a-{x}", "whole segment"},
		{"{x}-a", "whole segment"},
		{"{x}{y}", "whole segment"},
		{"{x", "whole segment"},
		{"x}", "whole segment"},
		{"{}", "not a name"},
		{"{X}", "not a name"},
		{"{1x}", "not a name"},
		{"{a-b}", "not a name"},
		{"{x}/{x}", "twice"},
		{"{x}/**/{x}", "twice"},
		{"\xff", "UTF-8"},
		{strings.Repeat("a", 1025), "longer"},
	}
	for _, tt := range tests {
		_, err := Compile(tt.pattern)
		if err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%q: %v", tt.pattern, err)
		}
	}
}

func TestStringAndCaptures(t *testing.T) {
	p := compiled(t, "./live/{account}/{region}/**/")
	if p.String() != "./live/{account}/{region}/**/" || fmt.Sprint(p.Captures()) != "[account region]" {
		t.Error(p.String(), p.Captures())
	}
}

func TestName(t *testing.T) {
	tests := []struct {
		pattern, name string
		want          bool
	}{
		{"production", "production", true},
		{"production", "nonproduction", false},
		{"prod-*", "prod-eu", true},
		{"prod-*", "nonprod-eu", false},
		{"*", "default", true},
		{"*", "", true},
		{"pr-[0-9]?", "pr-42", true},
		{"pr-[0-9]?", "pr-x2", false},
		{"a", "A", false},
	}
	for _, tt := range tests {
		n, err := CompileName(tt.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if n.Match(tt.name) != tt.want || n.Literal() != !strings.ContainsAny(tt.pattern, "*?[") || n.String() != tt.pattern {
			t.Errorf("%s on %s: %v", tt.pattern, tt.name, !tt.want)
		}
	}
	for pattern, says := range map[string]string{"": "empty", "a/b": "/", "{x}": "captures", "**": "segments", "[": "]", `a\`: "backslash"} {
		if _, err := CompileName(pattern); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", pattern, err)
		}
	}
}

// A pattern out of a hostile repository on a path out of a hostile repository must not burn the caller's deadline.
func TestHostilePatternsStayLinear(t *testing.T) {
	deep := strings.Repeat("a/", 2000) + "a"
	long := strings.Repeat("a", 4000)
	start := time.Now()
	for range 20 {
		if _, ok := compiled(t, strings.Repeat("**/a/", 200)+"b").Match(deep); ok {
			t.Error("no b, and yet a match")
		}
		if _, ok := compiled(t, strings.Repeat("*a", 500)+"b").Match(long); ok {
			t.Error("no b, and yet a match")
		}
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

func BenchmarkFiveThousandPatterns(b *testing.B) {
	var all []*Pattern
	for i := range 1000 {
		for _, s := range []string{"live/team%d/prod", "live/*/app%d/**", "live/{account}/r%d-*", "**/x%d", "live/**/prod/z%d"} {
			all = append(all, compiled(b, fmt.Sprintf(s, i)))
		}
	}
	for b.Loop() {
		for _, p := range all {
			p.Match("live/team7/app9/prod/eu-west-1/vpc")
		}
	}
}

func BenchmarkCompileFiveThousand(b *testing.B) {
	for b.Loop() {
		for i := range 5000 {
			compiled(b, fmt.Sprintf("live/{account}/app%d-*/prod", i))
		}
	}
}
