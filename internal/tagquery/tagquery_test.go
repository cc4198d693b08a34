package tagquery

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func parsed(t *testing.T, text string) *Query {
	t.Helper()
	q, err := Parse(text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return q
}

func tags(names ...string) func(string) bool {
	return func(tag string) bool {
		for _, n := range names {
			if n == tag {
				return true
			}
		}
		return false
	}
}

func TestGrammar(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "",
		" \t\n ":                  "",
		"a":                       "a",
		"a or b and c":            "a or b and c",
		"a and b or c":            "a and b or c",
		"(a or b) and c":          "(a or b) and c",
		"a b":                     "a and b",
		"a b c":                   "a and b and c",
		"a b or c":                "a and (b or c)",
		"a or b c or d":           "a or b and (c or d)",
		"a and b c or d":          "a and b and (c or d)",
		"(a b) or c":              "a and b or c",
		"(a b or c) d or e":       "a and (b or c) and (d or e)",
		"a (b or c) d":            "a and (b or c) and d",
		"(((a)))":                 "a",
		"(a and b) and (c and d)": "a and b and c and d",
		"a or (b or (c or d))":    "a or b or c or d",
		"A AND b Or NOT c":        "A and b or not c",
		"not a b":                 "not a and b",
		"not a or b":              "not a or b",
		"not (a or b) c":          "not (a or b) and c",
		"not(a)":                  "not a",
		"not (not a)":             "not (not a)",
		"not (x in dir)":          "not (x in dir)",
		"x IN dir":                "x in dir",
		"x in dir y in dir":       "x in dir and y in dir",
		"'live/web' in \"dir\"":   "live/web in dir",
		"'x y' in dir":            `"x y" in dir`,
		"dir~live/web":            "live/web in dir",
		"not dir~a":               "not (a in dir)",
		"dir~a in dir":            "dir~a in dir",
		`"and" 'OR' "not" 'in'`:   `"and" and "OR" and "not" and "in"`,
		`""`:                      `""`,
		`"a\"b" 'c\'d' "e'f"`:     `"a\"b" and "c'd" and "e'f"`,
		`"a\\b" a\b "a\n"`:        `a\b and a\b and an`,
		`a"b"c`:                   "a and b and c",
		"dest_branch:main":        "dest_branch:main",
		"a=b,c;d|e&f!g":           "a=b,c;d|e&f!g",
		"produção and 環境":         "produção and 環境",
		"a\u00a0b":                "\"a\u00a0b\"", // no separator within a tag
		"a \u00a0 b":              "a and b",
		"a \nb":                   "a and b",
		"a\nb":                    "\"a\nb\"", // a line feed separates only behind a space
		"a and b\n":               "a and \"b\n\"",
		"\n a":                    "a",
		"İn":                      "İn",
		"dir":                     "dir",
		"Dir in dir":              "Dir in dir",
	} {
		q := parsed(t, text)
		if got := q.String(); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestSyntaxErrors(t *testing.T) {
	const (
		late  = `only a tag may stand before "in dir"; its opposite is written not (x in dir)`
		inDir = `"in" wants "dir" behind it`
		notIt = `"not" wants a tag or "(" behind it`
	)
	for text, want := range map[string]SyntaxError{
		"and":                           {1, `a tag is missing before "and"; a tag of that name is written in quotes`},
		"a and or b":                    {7, `a tag is missing before "or"; a tag of that name is written in quotes`},
		"a or":                          {5, "a tag is missing at the end"},
		"in dir":                        {1, `a tag is missing before "in"; a tag of that name is written in quotes`},
		"()":                            {2, `a tag is missing before ")"`},
		"(a or )":                       {7, `a tag is missing before ")"`},
		"a)":                            {2, `")" closes nothing`},
		"(a))":                          {4, `")" closes nothing`},
		"b (a":                          {3, `"(" is never closed`},
		"not (a":                        {5, `"(" is never closed`},
		"not not a":                     {5, notIt},
		"not":                           {4, notIt},
		"not and":                       {5, notIt},
		"not x in dir":                  {7, late},
		"(x) in dir":                    {5, late},
		"(not x in dir":                 {8, late},
		"x in dir in dir":               {10, late},
		"x in y":                        {6, inDir},
		"x in DIR":                      {6, inDir},
		"x in":                          {5, inDir},
		"x in (dir)":                    {6, inDir},
		`a "b`:                          {3, `a string without its closing "`},
		`'a\'`:                          {1, "a string without its closing '"},
		`'a\`:                           {1, "a string without its closing '"},
		"é in x":                        {6, inDir}, // characters count, not bytes
		"'é' 環 )":                       {7, `")" closes nothing`},
		"a b\xff":                       {3, "a character that is not UTF-8"},
		"'a\xff'":                       {3, "a character that is not UTF-8"},
		strings.Repeat("(", 1001) + "a": {1001, "more than 1000 parentheses or tags side by side lie within each other"},
	} {
		_, err := Parse(text)
		var wrong *SyntaxError
		if !errors.As(err, &wrong) || *wrong != want {
			t.Errorf("%.30q: %v, want %v", text, err, &want)
		}
	}
}

func TestMatch(t *testing.T) {
	tests := []struct {
		query, dir string
		tags       string
		want       bool
	}{
		{"", "qa", "", true},
		{"  ", ".", "", true},
		{`""`, "qa", "a", false},
		{"a b or c", "qa", "a c", true},
		{"a b or c", "qa", "c", false},
		{"(a b) or c", "qa", "c", true},
		{"not a", "qa", "b", true},
		{"not a", "qa", "a", false},
		{"A", "qa", "a", false},
		{"prod", "qa", "production", false}, // a tag is matched whole
		{"prod*", "qa", "prod-eu", false},   // and is no pattern
		{"live in dir", "live/web/prod", "", true},
		{"web in dir", "live/web/prod", "", true},
		{"prod in dir", "live/web/prod", "", true},
		{"live/web in dir", "live/web/prod", "", true},
		{"web/prod in dir", "live/web/prod", "", true},
		{"live/web/prod in dir", "live/web/prod", "", true},
		{"live/prod in dir", "live/web/prod", "", false},
		{"we in dir", "live/web/prod", "", false},
		{"ve/we in dir", "live/web/prod", "", false},
		{"/web in dir", "live/web/prod", "", false},
		{"web/ in dir", "live/web/prod", "", false},
		{"w* in dir", "live/web/prod", "", false},
		{"Web in dir", "live/web/prod", "", false},
		{`"" in dir`, "live/web/prod", "", false},
		{"live in dir", ".", "", false},
		{". in dir", ".", "", true},
		{"not (web in dir)", "live/api", "", true},
		{"dir~web", "live/web", "", true},
	}
	for _, tt := range tests {
		if got := parsed(t, tt.query).Match(tt.dir, tags(strings.Fields(tt.tags)...)); got != tt.want {
			t.Errorf("%q in %s with %s: %v", tt.query, tt.dir, tt.tags, got)
		}
	}
}

// What is asked for a branch may be an error, so nothing is asked that the answer doesn't depend on.
func TestTagsAreAskedOnlyWhereTheyDecide(t *testing.T) {
	q := parsed(t, "qa in dir or prod and dest_branch:main")
	var asked []string
	ask := func(tag string) bool { asked = append(asked, tag); return false }
	q.Match("live/qa", ask)
	q.Match("live/x", ask)
	if got := strings.Join(asked, " "); got != "prod" {
		t.Errorf("asked for %s", got)
	}
}

func TestTags(t *testing.T) {
	for query, want := range map[string]string{
		"a and (b or not dest_branch:main) a": "a|b|dest_branch:main",
		"'dest_branch:x'":                     "dest_branch:x",
		"not (not x)":                         "x",
		"dest_branch:x in dir or y":           "y", // a path, not a tag
		"":                                    "",
	} {
		if got := strings.Join(parsed(t, query).Tags(), "|"); got != want {
			t.Errorf("%s: %s", query, got)
		}
	}
}

func TestAmbiguous(t *testing.T) {
	for query, want := range map[string]bool{
		"a b or c":             true,
		"a or b c or d":        true,
		"(a b or c) and d":     true,
		"not (a b or c)":       true,
		"a b and c d or e":     true,
		"a x in dir or c":      true,
		"(a b) or c":           false,
		"a (b or c)":           false,
		"a or b c":             false,
		"a or b and c":         false,
		"a (b or c) d":         false,
		"a or b or c d and e":  false,
		"(a or b) (c or d) e":  false,
		"a and b or c and d e": false,
	} {
		if got := parsed(t, query).Ambiguous(); got != want {
			t.Errorf("%s: %v", query, got)
		}
	}
}

// A repository's query must neither overflow the stack nor hold up the helper.
func TestHostileQueries(t *testing.T) {
	const size = 1 << 20
	wide := strings.Repeat("a or ", size/8) + "b"
	for name, text := range map[string]string{
		"parentheses":         strings.Repeat("(", size),
		"closed parentheses":  strings.Repeat(")", size),
		"nots":                strings.Repeat("not (", size/5),
		"tags side by side":   strings.Repeat("a ", size/2),
		"ors":                 strings.Repeat("a or ", size/5) + "a",
		"ands":                strings.Repeat("a and b or ", size/11) + "a",
		"in dirs":             strings.Repeat("a in dir or ", size/12) + "a",
		"a wide one, nested":  strings.Repeat("(", 990) + wide + strings.Repeat(" or c)", 990),
		"nested on the right": strings.Repeat("c or (", 990) + wide + strings.Repeat(")", 990),
		"spaces":              strings.Repeat(" ", size),
		"line feeds":          strings.Repeat("\n \n", size/3),
		"quotes":              strings.Repeat("'", size),
		"backslashes":         `"` + strings.Repeat(`\`, size),
		"one tag":             strings.Repeat("a", size),
	} {
		began := time.Now()
		q, err := Parse(text)
		if err == nil {
			q.Match(strings.Repeat("live/", 50)+"x", tags())
			if again, err := Parse(q.String()); err != nil || again.String() != q.String() {
				t.Errorf("%s: printed it is another one (%v)", name, err)
			}
		} else if len(err.Error()) > 200 {
			t.Errorf("%s: the error has %d bytes", name, len(err.Error()))
		}
		if took := time.Since(began); took > 15*time.Second {
			t.Errorf("%s: %s", name, took)
		}
	}
}
