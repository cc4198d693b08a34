package luapattern

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

// twins are pieces of a pattern, and the same in the language of Go's regexp.
var twins = [][2]string{
	{"a", "a"}, {"b", "b"}, {".", "."}, {"%a", "[[:alpha:]]"}, {"%d", "[[:digit:]]"}, {"%D", "[[:^digit:]]"}, {"%w", "[[:alnum:]]"},
	{"%s", "[[:space:]]"}, {"%S", "[[:^space:]]"}, {"%p", "[[:punct:]]"}, {"%x", "[[:xdigit:]]"}, {"%u", "[[:upper:]]"},
	{"%l", "[[:lower:]]"}, {"%c", "[[:cntrl:]]"}, {"%g", "[[:graph:]]"}, {"%G", "[[:^graph:]]"}, {"%.", `\.`}, {"%%", "%"},
	{"[ab]", "[ab]"}, {"[^ab]", "[^ab]"}, {"[a-c%d]", "[a-c0-9]"}, {"[]x]", `[\]x]`}, {"[^]%s]", `[^\]\s\v]`}, {"[%w_-]", `[\w-]`}, {"/", "/"},
}

var repeats = [][2]string{{"", ""}, {"", ""}, {"*", "*"}, {"+", "+"}, {"-", "*?"}, {"?", "?"}}

// build reads choices as a pattern in both languages.
func build(choices []byte) (lua, re string) {
	re = "(?s)"
	for i, c := range choices {
		if i == 0 && c%4 == 0 {
			lua, re = lua+"^", re+"^"
		}
		twin, repeat := twins[int(c)%len(twins)], repeats[int(c)/len(twins)%len(repeats)]
		open, closing := "", ""
		if c%7 == 0 {
			open, closing = "(", ")"
		}
		lua += open + twin[0] + repeat[0] + closing
		re += open + twin[1] + repeat[1] + closing
	}
	if len(choices) > 0 && choices[len(choices)-1]%5 == 0 {
		lua, re = lua+"$", re+`\z`
	}
	return lua, re
}

func compare(t *testing.T, choices []byte, text string) {
	t.Helper()
	lua, re := build(choices)
	want := "no"
	if regexp.MustCompile(re).MatchString(text) {
		want = "yes"
	}
	if got := answer(lua, text); got != want && got != errSpent.Error() {
		t.Errorf("%q in %q: %s, %s says %s", lua, text, got, re, want)
	}
}

func TestAgreesWithRegexp(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const letters = "aab1/. ]-_Z\n%"
	for range 10_000 {
		choices := make([]byte, random.IntN(7))
		for i := range choices {
			choices[i] = byte(random.Uint32())
		}
		text := make([]byte, random.IntN(12))
		for i := range text {
			text[i] = letters[random.IntN(len(letters))]
		}
		compare(t, choices, string(text))
	}
}

func FuzzFind(f *testing.F) {
	f.Add("^release/[%d.]+$", "release/1.2")
	f.Add("(%w+)%1", "abab")
	f.Add("%f[%a]%b()", "f(a)")
	f.Add("[^]-]", "]")
	f.Add("[%", "a")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		p, err := Compile(pattern)
		if err != nil {
			return
		}
		found, err := find(p, text)
		if found && err != nil {
			t.Errorf("%q in %q: %v and %v", pattern, text, found, err)
		}
		if again, _ := Compile("^" + pattern); found && !strings.HasPrefix(pattern, "^") && err == nil {
			anywhere := false
			for i := range len(text) + 1 {
				here, err := find(again, text[i:])
				anywhere = anywhere || here || err != nil
			}
			if !anywhere && !strings.Contains(pattern, "%f") {
				t.Errorf("%q is found in %q, and begins nowhere", pattern, text)
			}
		}
	})
}

func FuzzAgreesWithRegexp(f *testing.F) {
	f.Add([]byte{0, 1, 2}, "ab/")
	f.Add([]byte{49, 77, 130}, "main")
	f.Fuzz(func(t *testing.T, choices []byte, text string) {
		text = strings.Map(func(r rune) rune { return r & 0x7f }, text) // regexp counts characters, Lua bytes
		compare(t, choices[:min(len(choices), 12)], text[:min(len(text), 40)])
	})
}
