package rolemap

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"whichrole/internal/problem"
)

// A map of one mebibyte, the most that is read, is answered or refused at once, whatever it says: a cd into a hostile checkout
// with a role in the shell's prompt asks for no more than that.
const mebibyte = 1 << 20

// filled is before, and each(0), each(1), … as long as they fit into a mebibyte with after.
func filled(before, after string, each func(i int) string) string {
	var b strings.Builder
	b.WriteString(before)
	for i := 0; ; i++ {
		s := each(i)
		if b.Len()+len(s)+len(after) > mebibyte {
			return b.String() + after
		}
		b.WriteString(s)
	}
}

// environmentsOf is a map with as many environments as fit, up to n, each with the given flow-style keys.
func environmentsOf(n int, before, keys string) string {
	return filled("version: 1\n"+before+"environments:\n", "", func(i int) string {
		if i >= n {
			return strings.Repeat(" ", mebibyte)
		}
		return fmt.Sprintf(" e%d: {%s}\n", i, strings.ReplaceAll(keys, "#", fmt.Sprint(i)))
	})
}

const tinyRole = "role_arn: 'arn:aws:iam::111111111111:role/a'"

// deep is a directory of n segments.
func deep(n int, segment string) string {
	return strings.TrimSuffix(strings.Repeat(segment+"/", n), "/")
}

// times is s so often, with commas.
func times(n int, s string) string { return strings.TrimSuffix(strings.Repeat(s+", ", n), ", ") }

// variables is {c0}{c1}… with a separator.
func variables(n int, separator string) string {
	return strings.ReplaceAll(numbered(n, "{c%d}"), ", ", separator)
}

// oneOf is a map of one environment with one list that is as long as fits.
func oneOf(before, after string, each func(i int) string) string {
	return filled(oneLine("", "dirs: ['**']")+before, after, each)
}

// largest are defaults that are as long as they may be.
var largest = "defaults:\n  session_name: '" + strings.Repeat("<", maxName) + "'\n  source_identity: '" + strings.Repeat("<", maxName) +
	"'\n  external_id: " + strings.Repeat("x", maxExternalID) +
	"\n  via: [" + numbered(maxVia, "'arn:aws:iam::111111111111:role/"+strings.Repeat("p/", 950)+"%d'") +
	"]\n  policy: '{\"a\":\"" + strings.Repeat(`\"`, 1000) + "\"}'\n  session_tags: {" + numbered(maxTags, strings.Repeat("k", 120)+"%d: '"+strings.Repeat("{env}", 30)+"'") +
	"}\n  transitive_tags: [" + numbered(maxTags, strings.Repeat("k", 120)+"%d") +
	"]\n  policy_arns: [" + numbered(maxPolicyARNs, "'arn:aws:iam::aws:policy/"+strings.Repeat("p/", 950)+"%d'") +
	"]\n  source: [" + numbered(maxSources, "{profile: "+strings.Repeat("p", 250)+"%d}") + "]\n"

// unshortened are defaults of which each is just short enough to be repeated.
var unshortened = "defaults: {session_name: '" + strings.Repeat("x", 250) + "', source_identity: '" + strings.Repeat("x", 250) + "', external_id: '" +
	strings.Repeat("x", 250) + "', session_tags: {a: '" + strings.Repeat("x", 220) + "'}, via: ['arn:aws:iam::111111111111:role/" + strings.Repeat("p/", 100) +
	"p'], source: [{profile: " + strings.Repeat("p", 200) + "}], policy: '{\"a\":\"" + strings.Repeat("x", 200) + "\"}', policy_arns: ['arn:aws:iam::aws:policy/" + strings.Repeat("p/", 100) + "p']}\n"

// hostileMaps are named after what they were meant to do. Some are refused; for those that are not, dir asks for the worst.
var hostileMaps = map[string]struct{ text, dir string }{
	"session name of 300 KB in 12,000 environments": {environmentsOf(12_000, "defaults: {session_name: '"+strings.Repeat("x", 300_000)+"'}\n", tinyRole), "x"},
	"session name of 1 KB in 12,000":                {environmentsOf(12_000, "defaults: {session_name: '"+strings.Repeat("x", maxName)+"'}\n", tinyRole), "x"},
	"defaults as large as can be":                   {environmentsOf(20_000, largest, tinyRole), "x"},
	"defaults just below what is shortened":         {environmentsOf(20_000, unshortened, tinyRole), "x"},
	"the same by aliases":                           {environmentsOf(9_000, "defaults: {session_name: &s '"+strings.Repeat("x", 1000)+"'}\n", "session_name: *s, "+tinyRole), "x"},
	"other than the defaults by aliases":            {environmentsOf(1_000, "defaults: {session_name: '"+strings.Repeat("y", 1000)+"', source_identity: &s '"+strings.Repeat("<", 1000)+"'}\n", "session_name: *s, "+tinyRole), "x"},
	"one policy file in 12,000":                     {environmentsOf(12_000, "", "policy: p, "+tinyRole), "x"},
	"12,000 policy files":                           {environmentsOf(12_000, "", "policy: p#, "+tinyRole), "x"},
	"as many policy files as are read":              {environmentsOf(maxPolicyFiles, "", "policy: p#, "+tinyRole), "x"},
	"an inline policy by aliases":                   {environmentsOf(9_000, "defaults: {policy: &p '{\"a\":\""+strings.Repeat("x", 2000)+"\"}'}\n", "policy: *p, "+tinyRole), "x"},
	"60,000 variables":                              {"version: 1\ndefaults: {session_name: '" + strings.ReplaceAll(numbered(60_000, "{x%d}"), ", ", "") + "'}\nenvironments: {a: {" + qaRole + "}}\n", "x"},
	"variables of tags in 20,000": {environmentsOf(20_000, "defaults: {session_tags: {"+numbered(maxTags, "k%d: '"+variables(20, "")+"'")+"}}\n",
		"dirs: ['"+variables(20, "/")+"'], "+tinyRole), deep(20, "x")},
	"100,000 times ** in no_role":           {oneOf("no_role: [a", "]\n", func(int) string { return ", '**'" }), "x"},
	"10,000 times ** in no_role":            {oneOf("no_role: ["+times(maxNoRole, "'**'"), "]\n", func(int) string { return strings.Repeat(" ", mebibyte) }), "x"},
	"10,000 different in no_role are equal": {oneOf("no_role: ["+numbered(maxNoRole, "'**/x%d*/**'"), "]\n", func(int) string { return strings.Repeat(" ", mebibyte) }), "x"},
	"60,000 in no_role, 7,000 environments": {environmentsOf(7_000, "no_role: ["+numbered(60_000, "a%d")+"]\n", "dirs: [x], "+tinyRole), "x"},
	"10,000 in no_role win":                 {environmentsOf(7_000, "no_role: ["+times(maxNoRole, "x/y")+"]\n", "dirs: [x], "+tinyRole), "x/y"},
	"1,000 patterns in 10 environments": {"version: 1\nenvironments:\n e0: {dirs: &d [" + numbered(990, "'"+strings.Repeat("**/*/", 200)+"%d'") + "], " + tinyRole + "}\n" +
		strings.ReplaceAll(numbered(9, " f%d: {dirs: *d, "+tinyRole+"}"), "}, ", "}\n"), deep(200, "a")},
	"patterns of stars":                    {oneOf("no_role: [a", "]\n", func(i int) string { return ", '" + strings.Repeat("*/**/", 190) + fmt.Sprint(i) + "'" }), deep(200, "a")},
	"patterns of stars, as deep as can be": {oneOf("no_role: [a", "]\n", func(i int) string { return ", '**/" + strings.Repeat("*/", 490) + fmt.Sprint(i) + "'" }), deep(1900, "a")},
	"long globs":                           {oneOf("no_role: [a", "]\n", func(i int) string { return ", '**/*" + strings.Repeat("?", 120) + fmt.Sprint(i) + "'" }), deep(16, strings.Repeat("a", 250))},
	"long globs of workspaces": {filled("version: 1\nenvironments:\n", "", func(i int) string {
		return fmt.Sprintf(" e%d: {dirs: [x], workspaces: ['*%s%d'], %s}\n", i, strings.Repeat("?a", 90), i, tinyRole)
	}), "x"},
	"250,000 patterns":    {oneOf("no_role: [a", "]\n", func(i int) string { return fmt.Sprintf(",%c%c%c", 'a'+i%26, 'a'+i/26%26, 'a'+i/676%26) }), "x"},
	"100,000 patterns":    {environmentsOf(120, "", "dirs: ["+numbered(900, "a%d#")+"], "+tinyRole), "x"},
	"captures":            {filled("version: 1\nenvironments:\n", "", func(i int) string { return fmt.Sprintf(" e%d: {dirs: ['{c%d}'], %s}\n", i, i, tinyRole) }), "x"},
	"captures by aliases": {"version: 1\nenvironments:\n e0: {dirs: &d [" + numbered(990, "'%d/"+variables(40, "/")+"'") + "], " + tinyRole + "}\n" + strings.ReplaceAll(numbered(9, " f%d: {dirs: *d, "+tinyRole+"}"), "}, ", "}\n"), deep(200, "1")},
	"everything matches": {filled("version: 1\nenvironments:\n", "", func(i int) string {
		return fmt.Sprintf(" e%d: {dirs: ['**/*%s'], %s}\n", i, strings.Repeat("a", i%7), tinyRole)
	}), deep(200, "aaaaaaaa")},
	"everything matches, as deep as can be": {filled("version: 1\nenvironments:\n", "", func(i int) string {
		return fmt.Sprintf(" e%d: {dirs: ['**/*%s'], %s}\n", i, strings.Repeat("?", i%9), tinyRole)
	}), deep(1900, "aa")},
	"a hundred rivals, as deep as can be": {environmentsOf(100, "", "dirs: ['**/a/**/a', '**/*', '**/a', 'a/**/a'], "+tinyRole), deep(1900, "a")},
	"unknown keys":                        {filled("version: 1\nenvironments: {e: {", "}}\n", func(i int) string { return fmt.Sprintf("k%d: 1, ", i) }), "x"},
	"keys of 300 KB":                      {"version: 1\nenvironments:\n  ? " + strings.Repeat("e", 300_000) + "\n  : {" + numbered(40_000, "k%d: 1") + "}\n", "x"},
	"a mistake of 500 KB, 9,000 times":    {"version: 1\ndefaults: {session_name: &a '" + strings.Repeat("x", 500_000) + "'}\nenvironments: {e: {via: [" + times(9000, "*a") + "], " + qaRole + "}}\n", "x"},
	"a mistake of 2 KB, 9,000 times":      {"version: 1\ndefaults: {session_name: &a '" + strings.Repeat("x", 1000) + "'}\nenvironments: {" + numbered(9000, "e%d: {role_arn: *a}") + "}\n", "x"},
	"a tag of 500 KB, 9,000 times":        {"version: 1\ndefaults: {session_name: &a !" + strings.Repeat("x", 500_000) + " x}\nenvironments: {e: {via: [" + times(9000, "*a") + "], " + qaRole + "}}\n", "x"},
	"a list of letters":                   {oneOf("no_role: [a", "]\n", func(int) string { return ",a" }), "x"},
	"a list with comments":                {oneOf("no_role:\n", "", func(int) string { return "- a #\n" }), "x"},
	"as many nodes as are read":           {filled("version: 1\nenvironments:\n", "", func(i int) string { return fmt.Sprintf(" e%d: {source: [a,b,c,d,e,f]}\n", i) }), "x"},
	"environments galore":                 {environmentsOf(1<<20, "", "source: [{environment: true}], account: '111111111111'"), "x"},
	"environments of two bytes":           {environmentsOf(20_000, "defaults: {account: '111111111111', source: &s [{environment: true}]}\n", "source: *s"), "x"},
	"accounts galore":                     {filled("version: 1\nenvironments: {e: {dirs: ['{account}'], role_arn: 'arn:aws:iam::{account_id}:role/a'}}\naccounts:\n", "", func(i int) string { return fmt.Sprintf(" a%d: '111111111111'\n", i) }), strings.Repeat("a", 60)},
	"one state role for all":              {environmentsOf(20_000, "", "dirs: [x], workspaces: [w#], "+tinyRole), "x"},
	"one large state role for 300":        {environmentsOf(maxCommon, largest, "dirs: [x], workspaces: [w#], "+tinyRole), "x/" + deep(15, strings.Repeat("x", 250))},
}

// What one attack may cost: allocated bytes in all, of which half are held at one time and which the race detector doubles, and
// a time that only a quadratic loop reaches, here and on the slowest of CI's machines.
const (
	mostAllocated = 450 << 20
	mostTime      = 20 * time.Second
)

func TestNoMapIsABomb(t *testing.T) {
	for name, c := range hostileMaps {
		t.Run(name, func(t *testing.T) {
			if len(c.text) > mebibyte {
				t.Fatalf("%d bytes would not be read", len(c.text))
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			said := ask(c.text, c.dir)
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			allocated := after.TotalAlloc - before.TotalAlloc
			t.Logf("%4d ms %4d MB %s", took.Milliseconds(), allocated>>20, said)
			if allocated > mostAllocated || took > mostTime {
				t.Errorf("%v and %d MB", took, allocated>>20)
			}
			if len(said) > 20<<10 {
				t.Errorf("an answer of %d bytes", len(said))
			}
		})
	}
}

// What was matched before the work became too much is no answer: the environment that comes next might have won.
func TestMapThatTakesTooLongToMatchGrantsNothing(t *testing.T) {
	text := environmentsOf(1, "", "dirs: ['**'], "+tinyRole)
	dir := deep(16, strings.Repeat("a", 250))
	if g := resolve(t, parse(t, text), Target{Dir: dir}); g.Environment != "e0" {
		t.Fatal(g.Environment)
	}
	text = filled(text+"no_role: [a", "]\n", func(i int) string { return ", '**/*" + strings.Repeat("?", 120) + fmt.Sprint(i) + "'" })
	for _, target := range []Target{{Dir: dir}, {Dir: dir, Environment: "e0"}, {Dir: dir, EnvironmentVariable: "e0"}} {
		fails(t, refused(t, parse(t, text), target), problem.BadMap, "take too long to match")
	}
}

// Each environment that may share the state role is filled in as a whole, so not every number of them is asked.
func TestStateRoleIsAskedOfSomeHundredsOnly(t *testing.T) {
	for n, want := range map[int]string{maxCommon: "e0", maxCommon + 1: ""} {
		m := parse(t, environmentsOf(n, "", "dirs: [x], workspaces: [w#], "+tinyRole))
		g, _, err := m.Resolve(Target{Dir: "x", Doing: Doing{SelectsWorkspace: true}, Lookup: lookup})
		if granted := g != nil; granted != (want != "") || granted && g.Environment != want {
			t.Errorf("%d environments: %+v, %v", n, g, err)
		}
	}
}

// Eight times the rules take eight times as long, not sixty-four, to be told why they won or lost.
func TestReasonsAreLinear(t *testing.T) {
	for name, text := range map[string]func(n int) string{
		"tied":       func(n int) string { return oneLine("no_role: ["+times(n, "'**'")+"]\n", "dirs: ['**']") },
		"won by all": func(n int) string { return oneLine("no_role: ["+times(n, "x/y")+"]\n", "dirs: ['x']") },
		"lost":       func(n int) string { return oneLine("no_role: ["+times(n, "x")+"]\n", "dirs: ['x/y']") },
	} {
		fastest := func(n int) time.Duration {
			m := parse(t, text(n))
			best := time.Hour
			for range 5 {
				start := time.Now()
				m.Resolve(Target{Dir: "x/y", Lookup: lookup})
				best = min(best, time.Since(start))
			}
			return best
		}
		few, many := fastest(maxNoRole/8), fastest(maxNoRole)
		if many > 30*few {
			t.Errorf("%s: %v for %d rules, %v for %d", name, few, maxNoRole/8, many, maxNoRole)
		}
	}
}

// oneLine is a map of one environment with these keys.
func oneLine(before, keys string) string {
	return "version: 1\n" + before + "environments: {e: {" + keys + ", " + qaRole + "}}\n"
}

// ask does all that a prompt, list and trust ask of a map.
func ask(text, dir string) string {
	m, err := Parse("m", []byte(text), func(rel string) ([]byte, error) {
		return []byte(`{"` + rel + `":"` + strings.Repeat("x", 2000) + `"}`), nil
	})
	if err != nil {
		return told(err)
	}
	m.Meaning()
	_, _, err = m.Resolve(Target{Dir: dir, Lookup: lookup})
	_, _, err2 := m.Resolve(Target{Dir: dir, Workspace: strings.Repeat("a", 200), Doing: Doing{SelectsWorkspace: true}, Lookup: lookup})
	return told(err) + " / " + told(err2)
}

func told(err error) string {
	if p, ok := errors.AsType[*problem.Error](err); ok {
		return p.Message + " / " + p.Hint
	}
	return fmt.Sprint(err)
}
