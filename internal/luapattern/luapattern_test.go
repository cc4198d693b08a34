package luapattern

import (
	"errors"
	"strings"
	"testing"
)

func TestBranches(t *testing.T) {
	tests := []struct {
		pattern string
		yes, no []string
	}{
		{"main", []string{"main", "remaining", "x/main"}, []string{"Main", "mai", ""}},
		{"^main$", []string{"main"}, []string{"main2", "x/main", "main\n"}},
		{"^release/[%d.]+$", []string{"release/1.2"}, []string{"release/", "release/1.x", "release/1\n"}},
		{"^feature%-", []string{"feature-x"}, []string{"feature/x", "my-feature-x"}},
		{"", []string{"", "main"}, nil},
		{"^", []string{"", "main"}, nil},
		{"$", []string{"", "main"}, nil},
		{"^$", []string{""}, []string{"main"}},
		{"a$b^c", []string{"a$b^c"}, []string{"abc"}},
		{"^^", []string{"^x"}, []string{"x"}},
		{"(%w+)/%1$", []string{"a/ab/ab", "x/x"}, []string{"ab/ac"}},
		{"%((.-)%)", []string{"a(b)c", "()"}, []string{"(a", ")("}},
		{"%f[%a]qa%f[%A]", []string{"qa", "x/qa", "qa-2"}, []string{"qab", "aqa"}},
		{"^%b()$", []string{"(a(b)c)"}, []string{"(a(b)c", "(a)(b)", "a(b)"}},
		{"\xc3", []string{"caf\xc3\xa9"}, []string{"cafe"}}, // patterns are bytes
		{"^caf..$", []string{"café"}, []string{"cafe"}},
	}
	for _, tt := range tests {
		for want, texts := range map[string][]string{"yes": tt.yes, "no": tt.no} {
			for _, text := range texts {
				if got := answer(tt.pattern, text); got != want {
					t.Errorf("%q in %q: %s", tt.pattern, text, got)
				}
			}
		}
	}
}

func TestMalformed(t *testing.T) {
	for pattern, want := range map[string]string{
		"a%":                      `it ends in "%"`,
		"[a-z":                    `"[" without "]"`,
		"[]":                      `"[" without "]"`,
		"[^]":                     `"[" without "]"`,
		"[%]":                     `"[" without "]"`,
		"[%":                      `"[" without "]"`,
		"%f[a":                    `"[" without "]"`,
		"(a":                      `"(" without ")"`,
		"a)":                      `")" without "("`,
		"((a)":                    `"(" without ")"`,
		"%b(":                     `"%b" wants two characters behind it`,
		"%fa":                     `"%f" wants a [set] behind it`,
		"%f":                      `"%f" wants a [set] behind it`,
		"%1":                      `"%1" refers to no capture that has ended before it`,
		"(a)%2":                   `"%2" refers to no capture that has ended before it`,
		"(a)%0":                   `"%0" refers to no capture that has ended before it`,
		"((a)%1)":                 `"%1" refers to no capture that has ended before it`,
		strings.Repeat("()", 33):  "more than 32 captures",
		strings.Repeat("a", 1025): "it is longer than 1024 bytes",
	} {
		if _, err := Compile(pattern); err == nil || err.Error() != want {
			t.Errorf("%.20q: %v, want %s", pattern, err, want)
		}
	}
	for _, pattern := range []string{strings.Repeat("()", 32), strings.Repeat("a", 1024), "((a)%2)", "]", "a-", "*", "(*)", "%f[]]"} {
		if _, err := Compile(pattern); err != nil {
			t.Errorf("%.20q: %v", pattern, err)
		}
	}
}

// A repository chooses both the pattern and the name of the branch.
func TestPatternsThatWouldTakeYears(t *testing.T) {
	for _, pattern := range []string{
		".-.-.-.-x", ".*.*.*.*x", "(.-)(.-)(.-)%1%2%3x", strings.Repeat("a?", 490) + strings.Repeat("a", 24) + "x",
		strings.Repeat("a*", 512), strings.Repeat(".-", 511) + "x", "%bac", "a.-%bac",
	} {
		p, err := Compile(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{strings.Repeat("a", 200), strings.Repeat("a", 1<<20), strings.Repeat("a", 1<<16) + "c"} {
			steps := Enough
			found, err := p.FindWithin(text, &steps)
			if found && err != nil || err != nil && !errors.Is(err, errSpent) {
				t.Errorf("%.20q: %v, %v", pattern, found, err)
			}
			if steps < -2*maxLength {
				t.Errorf("%.20q in %d bytes went on for %d steps", pattern, len(text), -steps)
			}
		}
	}
}

func TestSpentIsAnErrorAndNotANo(t *testing.T) {
	p, err := Compile(".-.-.-.-x")
	if err != nil {
		t.Fatal(err)
	}
	if found, err := find(p, strings.Repeat("a", 500)); found || !errors.Is(err, errSpent) {
		t.Errorf("%v, %v", found, err)
	}
	if found, err := find(p, strings.Repeat("a", 500)+"x"); !found || err != nil {
		t.Errorf("what is found early must not be an error: %v, %v", found, err)
	}
}

// To compare a capture with the text takes as many steps as it has bytes.
func TestReferencesToLongCaptures(t *testing.T) {
	p, err := Compile("^(.-)%1x")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := find(p, strings.Repeat("a", 4000)); !errors.Is(err, errSpent) {
		t.Errorf("%v", err)
	}
}

func TestStepsInCommon(t *testing.T) {
	steps := 10_000
	for range 100 {
		p, err := Compile(".-.-x")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.FindWithin(strings.Repeat("a", 40), &steps); err != nil {
			empty, _ := Compile("")
			if _, err := empty.FindWithin("", &steps); !errors.Is(err, errSpent) {
				t.Errorf("an empty pattern goes on: %v", err)
			}
			return
		}
	}
	t.Error("100 patterns took no steps")
}
