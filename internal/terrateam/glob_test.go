package terrateam

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"whichrole/internal/problem"
)

// The facts are from the lexer of Terrateam's path_glob.
func TestGlobs(t *testing.T) {
	for _, tt := range []struct {
		glob string
		yes  []string // paths of files
		no   []string
	}{
		{"production/*", []string{"production/a.tf", "production/", "production/*"}, []string{"production", "production/vpc/a.tf", "x/production/a.tf", "productions/a.tf"}},
		{"production/**", []string{"production", "production/a.tf", "production/x/y/a.tf"}, []string{"productions/a.tf", "x/production/a.tf"}},
		{"**/vpc/*", []string{"vpc/a.tf", "a/vpc/a.tf", "a/b/vpc/a.tf"}, []string{"xvpc/a.tf", "vpc/b/a.tf", "vpc"}},
		{"a/**/b/*.tf", []string{"a/b/x.tf", "a/c/b/x.tf", "a/c/d/b/.tf"}, []string{"a/xb/x.tf", "ab/x.tf", "a/b/c/x.tf", "x/a/b/x.tf"}},
		{"a/**/*", []string{"a/b", "a/b/c"}, []string{"a", "ab/c"}},
		{"*", []string{"main.tf", ""}, []string{"a/main.tf"}},
		{"**/*", []string{"main.tf", "a/main.tf", "a/b/main.tf"}, nil},
		{"live/?/*", []string{"live/a/x"}, []string{"live/x", "live/ab/x", "live///x"}},
		{"live/[a-c]x/*", []string{"live/ax/x", "live/cx/x"}, []string{"live/dx/x", "live/abx/x", "live/-x/x"}},
		{"live/[^a-c]/*", []string{"live/d/x"}, []string{"live/a/x"}},
		{"live/[a-]/*", []string{"live/a/x", "live/-/x"}, []string{"live/b/x"}},
		{"{a,b/c,}/*", []string{"a/x", "b/c/x", "/x"}, []string{"b/x", "c/x", "x"}},
		{"x{a,{b,c*}d}/*", []string{"xa/m", "xbd/m", "xcd/m", "xccd/m"}, []string{"xd/m", "xb/m", "xc/m"}},
		{"{**/a,b}/**", []string{"a/x", "c/a/x", "b/x/y"}, []string{"c/b/x"}},
		{"a,b}/*", []string{"a,b}/x"}, []string{"a/x"}},
		{"a+b c@/*", []string{"a+b c@/x"}, []string{"aab c@/x"}},
		{"!modules/**", []string{"a/x", "x"}, []string{"modules/x", "modules/a/x"}},
		{"production/**/", nil, []string{"production/main.tf", "production/a/main.tf"}},
		{"a**/b*", []string{"ab", "axx/y/b", "a/b"}, []string{"axb"}},
		{"a.b/*", []string{"a.b/x"}, []string{"axb/x"}},
	} {
		g, err := compileGlob(tt.glob)
		if err != nil {
			t.Errorf("%s: %v", tt.glob, err)
			continue
		}
		var m matcher
		for _, path := range tt.yes {
			if !m.match(g, path) {
				t.Errorf("%s does not match %q", tt.glob, path)
			}
		}
		for _, path := range tt.no {
			if m.match(g, path) {
				t.Errorf("%s matches %q", tt.glob, path)
			}
		}
	}
}

func TestWrongGlobs(t *testing.T) {
	for in, says := range map[string]string{
		"**": "beside a /", "a**": "beside a /", "a/{b,c*": "not closed", "a*[b": "not closed", "*[]a]": "nothing stands", "*{a{b,c}": "not closed",
		"{a,**b}*": "beside a /", strings.Repeat("a", 1024) + "*": "1024",
	} {
		if g, err := compileGlob(in); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v %v, want %s", in, g, err, says)
		}
	}
}

// slow is the same glob as a regular expression, made in another way.
func slow(glob string) *regexp.Regexp {
	r := strings.NewReplacer("/**/", "/(?:(?s:.*)/)?", "/**", "(?:/(?s:.*))?", "**/", "(?:(?s:.*)/)?", "*", "[^/]*", "?", "[^/]", "{", "(?:", ",", "|", "}", ")", ".", `\.`)
	return regexp.MustCompile(`\A(?:` + r.Replace(glob) + `)\z`)
}

func TestGlobsAgreeWithRegularExpressions(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	tokens := []string{"a", "b", "ab", "/", "/", "/**/", "/**", "**/", "*", "?", "[ab]", "[^b]", "{a,b*}", "{/,a}", "{**/a,b/**}", "."}
	letters := []string{"a", "b", "/", ".", "/", "a"}
	matched := 0
	for range 20_000 {
		var glob, path string
		for range 1 + random.IntN(6) {
			glob += tokens[random.IntN(len(tokens))]
		}
		for range random.IntN(9) {
			path += letters[random.IntN(len(letters))]
		}
		g, err := compileGlob(glob)
		if err != nil || strings.Contains(glob, "***") { // which of two readings the longest is is the lexer's matter
			continue
		}
		var m matcher
		want := slow(glob).MatchString(path)
		if got := m.match(g, path); got != want {
			t.Fatalf("%s on %q: %v, the expression says %v", glob, path, got, want)
		}
		if want {
			matched++
		}
	}
	if matched < 1000 {
		t.Errorf("only %d matched: the paths say little", matched)
	}
}

func TestDirectoryEntry(t *testing.T) {
	c := parse(t, `
dirs:
  "live/*": {tags: [one]}
  "live/**": {tags: [all]}
  "live/**/vpc/*": {tags: [vpc]}
  "live/a/vpc": {tags: [exact]}
  "live/exact/": {tags: [never]}
  "./dot": {tags: [never]}
  "b?d/x": {tags: [question]}
  "zz/*a": {tags: [second]}
  "zz/a*": {tags: [first]}
  "**/units.hcl": {tags: [units]}
  "tf/*.tf": {tags: [tf]}
  ".": {tags: [root]}
`)
	files := func(dir string) ([]string, error) {
		return map[string][]string{"u": {"main.tf", "units.hcl"}, "zz": {"aa"}, "tf": {"x.tofu"}, "live/u": {"units.hcl"}}[dir], nil
	}
	for dir, want := range map[string]string{
		"live": "live/**", "live/x": "live/**", "live/x/vpc": "live/**/vpc/*", "live/vpc": "live/**/vpc/*", "live/a/vpc": "live/a/vpc", "live/a/vpc/b": "live/**",
		"live/exact": "live/**", "dot": "", "bad/x": "", "b?d/x": "b?d/x", "zz": "zz/*a", "u": "**/units.hcl", "u/v": "", "live/u": "**/units.hcl", "tf": "", "tf/sub": "", ".": ".",
	} {
		d, err := c.In(World{Files: files}).directory(dir)
		got := ""
		if d != nil {
			got = d.key
		}
		if got != want || err != nil {
			t.Errorf("%s: %q %v, want %q", dir, got, err, want)
		}
	}
	if d, _ := c.In(World{}).directory("tf"); d == nil || d.key != "tf/*.tf" {
		t.Errorf("with nothing known of the files, main.tf stands for any: %v", d)
	}
}

// The files of a directory are read only where a glob that could hold there names them.
func TestFilesAreAskedForOnlyWhereTheyDecide(t *testing.T) {
	c := parse(t, `dirs: {"live/**": {}, "live/**/x.hcl": {}, "other/*.tf": {}}`)
	var asked []string
	files := func(dir string) ([]string, error) { asked = append(asked, dir); return []string{"main.tf"}, nil }
	for _, dir := range []string{"dev", "live/a", "other", "live"} {
		c.In(World{Files: files}).directory(dir)
	}
	if want := []string{"live/a", "other", "live"}; !slices.Equal(asked, want) {
		t.Errorf("asked for %v, want %v", asked, want)
	}
}

// Which of thousands came first would be chance, and with it the role.
func TestDirectoryOfTooManyFilesHasNoAnswer(t *testing.T) {
	c := parse(t, `dirs: {"live/x*": {}}`)
	_, _, err := c.In(World{Files: func(string) ([]string, error) { return nil, errors.New("is too large") }}).Choose("live", "")
	wantError(t, err, problem.NoEnvironment, "live", "is too large")
}

func TestHostileGlobsEndQuickly(t *testing.T) {
	worst := []string{
		strings.Repeat("*a", 480) + "*b", "**/" + strings.Repeat("{a,a,a,a,a,a}", 75) + "*", strings.Repeat("{*,", 240) + strings.Repeat("}", 240) + "*b",
		"**/" + strings.Repeat("?*", 480), strings.Repeat("**/", 300) + "*x",
	}
	var yaml strings.Builder
	yaml.WriteString("dirs:\n")
	for i := range 900 {
		fmt.Fprintf(&yaml, "  %q: {}\n", fmt.Sprintf("%s?%d", worst[i%len(worst)], i))
	}
	dir := strings.Repeat(strings.Repeat("a", 250)+"/", 15) + "a"
	c := parse(t, yaml.String())
	quickly(t, "the globs", func() {
		if _, err := c.In(World{}).directory(dir); err == nil {
			t.Error("the budget held, so that this test is none of it: make the globs worse")
		}
	})
	_, _, err := c.In(World{}).Choose(dir, "default")
	wantError(t, err, 4, "too costly")
}
