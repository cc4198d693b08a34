package luapattern

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// testdata/lua54.txt holds what Lua 5.4 itself says (testdata/make.lua wrote it).
func TestAsLuaItself(t *testing.T) {
	data, err := os.ReadFile("testdata/lua54.txt")
	if err != nil {
		t.Fatal(err)
	}
	asked := map[string]int{}
	for line := range strings.Lines(string(data)) {
		fields := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		pattern, text, want := unquote(t, fields[0]), unquote(t, fields[1]), fields[2]
		if got := answer(pattern, text); got != want {
			t.Errorf("%s in %s: %s, Lua says %s", fields[0], fields[1], got, want)
		}
		asked[want]++
	}
	for _, want := range []string{"yes", "no", "malformed"} {
		if asked[want] < 100 {
			t.Errorf("only %d times %s", asked[want], want)
		}
	}
}

func unquote(t *testing.T, s string) string {
	t.Helper()
	text, err := strconv.Unquote(s)
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return text
}

// find has all steps for itself.
func find(p *Pattern, text string) (bool, error) {
	steps := Enough
	return p.FindWithin(text, &steps)
}

func answer(pattern, text string) string {
	p, err := Compile(pattern)
	if err != nil {
		return "malformed"
	}
	found, err := find(p, text)
	switch {
	case err != nil:
		return err.Error()
	case found:
		return "yes"
	}
	return "no"
}
