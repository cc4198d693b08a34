package looseyaml

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"whichrole/internal/problem"
	"whichrole/internal/strictyaml"
)

// show writes a tree in one line, aliases and merges resolved.
func show(n Node) string {
	switch {
	case !n.Exists():
		return "-"
	case n.IsNull():
		return "null"
	case n.IsList():
		var parts []string
		for _, i := range n.Items() {
			parts = append(parts, show(i))
		}
		return "[" + strings.Join(parts, " ") + "]"
	case n.IsMap():
		var parts []string
		for _, f := range n.Fields() {
			parts = append(parts, f.Key+":"+show(f.Value))
		}
		return "{" + strings.Join(parts, " ") + "}"
	}
	text, _ := n.Text()
	return text
}

func TestParse(t *testing.T) {
	for in, want := range map[string]string{
		"":                                      "-",
		"# nothing\n":                           "-",
		"---\n":                                 "-",
		"x":                                     "x",
		"[a, ~, {b: c}]":                        "[a null {b:c}]",
		"a: 0123\nb: true":                      "{a:0123 b:true}",
		"\ufeffa: |\n  x\n":                     "{a:x\n}",
		"a: &x {b: c}\nd: *x\ne: [*x, *x]":      "{a:{b:c} d:{b:c} e:[{b:c} {b:c}]}",
		"d: &d {a: 1, b: 2}\nx: {b: 3, <<: *d}": "{d:{a:1 b:2} x:{b:3 a:1}}",
		"d: &d {a: 1, b: 2}\nx: {<<: *d, b: 3}": "{d:{a:1 b:2} x:{b:3 a:1}}",
		"x: {<<: {a: 1}}":                       "{x:{a:1}}",
		"p: &p {a: 1}\nq: &q {a: 2, b: 2}\nx: {<<: [*p, *q], c: 3}":       "{p:{a:1} q:{a:2 b:2} x:{c:3 a:1 b:2}}",
		"p: &p {a: 1, b: 1}\nq: &q {<<: *p, b: 2}\nx: {<<: *q}":           "{p:{a:1 b:1} q:{b:2 a:1} x:{b:2 a:1}}",
		"d: &d {a: 1}\nx: {'<<': *d}":                                     "{d:{a:1} x:{<<:{a:1}}}",
		"l: &l [{a: 1}, {a: 2, b: 2}]\nx: {<<: *l}":                       "{l:[{a:1} {a:2 b:2}] x:{a:1 b:2}}",
		"k: &k name\nx: {*k : y}":                                         "{k:name x:{name:y}}",
		"? [a, b]\n: lost\nc: d":                                          "{c:d}",
		"d: &d {a: ~}\nx: {<<: *d}\ny: {<<: [], z: 1}\nw: {a: 1, <<: {}}": "{d:{a:null} x:{a:null} y:{z:1} w:{a:1}}",
	} {
		n, err := Parse("f", []byte(in))
		if err != nil || show(n) != want {
			t.Errorf("%q: %s %v, want %s", in, show(n), err, want)
		}
	}
}

func TestGetTakesTheSameAsFields(t *testing.T) {
	n, err := Parse("f", []byte("p: &p {a: 1, b: 1}\nq: &q {<<: *p, b: 2, c: 2}\nr: {d: 3, <<: [*q, *p, {e: 4, a: 9}], c: 3}\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, top := range n.Fields() {
		for _, f := range top.Value.Fields() {
			if got := show(top.Value.Get(f.Key)); got != show(f.Value) {
				t.Errorf("%s.%s: %s, but %s", top.Key, f.Key, got, show(f.Value))
			}
		}
		if top.Value.Get("z").Exists() || top.Value.Get("<<").Exists() {
			t.Errorf("%s has what nobody wrote", top.Key)
		}
	}
	if got := show(n.Get("r")); got != "{d:3 c:3 b:2 a:1 e:4}" {
		t.Error(got)
	}
}

func TestWhereItIsWritten(t *testing.T) {
	n, err := Parse("f.yml", []byte("d: &d\n  a: 1\nx:\n  <<: *d\n  b: *d\nl: [1,\n  *d]\n"))
	if err != nil {
		t.Fatal(err)
	}
	x := n.Get("x")
	for _, tt := range []struct {
		what string
		at   Node
		want string
	}{
		{"an alias", x.Get("b"), "5:6"},
		{"below an alias", x.Get("b").Get("a"), "2:6"},
		{"merged", x.Get("a"), "2:6"},
		{"a merged key", x.Fields()[1].At, "2:3"},
		{"an alias in a list", n.Get("l").Items()[1], "7:3"},
		{"a key", n.Fields()[1].At, "3:1"},
		{"nothing", n.Get("none"), "0:0"},
	} {
		if got := fmt.Sprintf("%d:%d", tt.at.Line(), tt.at.Column()); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.what, got, tt.want)
		}
	}
	if err := x.Get("b").Wrong("a list expected here, not %s", x.Get("b").Kind()); err.Error() != "f.yml:5:6: a list expected here, not keys" || err.Code != problem.BadMap {
		t.Error(err)
	}
	if err := x.Get("c").Wrong("c is missing"); err.Error() != "c is missing" || err.Code != problem.BadMap {
		t.Error(err)
	}
}

// All can be asked of what is not there, and of any form.
func TestNothingPanics(t *testing.T) {
	for _, in := range []string{"", "~", "x", "[x]", "{x: y}"} {
		n, err := Parse("f", []byte(in))
		if err != nil {
			t.Fatal(err)
		}
		forms := 0
		for _, is := range []bool{!n.Exists(), n.IsNull(), n.IsScalar(), n.IsList(), n.IsMap()} {
			if is {
				forms++
			}
		}
		text, isText := n.Text()
		if forms != 1 || len(n.Items()) > 1 || len(n.Fields()) > 1 || n.Get("a").Exists() || isText != n.IsScalar() || isText != (text == "x") || n.Wrong("x") == nil || n.Kind() == "" {
			t.Errorf("%q: %d forms, %q", in, forms, text)
		}
	}
}

func TestBool(t *testing.T) {
	for in, want := range map[string]string{
		"true": "true", "True": "true", "TRUE": "true", "yes": "true", "On": "true", "false": "false", "no": "false", "OFF": "false", "No": "false",
		"tRUE": "-", "yES": "-", "y": "-", "n": "-", "1": "-", "0": "-", "~": "-", "''": "-", "'true'": "-", `"yes"`: "-", "|-\n  true": "-", "!!str true": "-", "!!str yes": "-",
		"!!bool 'true'": "true", "[true]": "-", "\u212a": "-", "é": "-",
	} {
		n, err := Parse("f", []byte("x: "+in))
		if err != nil {
			t.Fatalf("%s: %v", in, err)
		}
		got := "-"
		if value, ok := n.Get("x").Bool(); ok {
			got = fmt.Sprint(value)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestWhatParseRefuses(t *testing.T) {
	for in, want := range map[string]string{
		"a: 1\nb: 2\na: 3":                  "f:3:1: a is here twice, first in line 1",
		"x:\n- {a: 1, \"a\": 2}":            "f:2:10: a is here twice, first in line 2",
		"d: &d {}\nx: {<<: *d, <<: *d}":     "f:2:13: << is here twice, first in line 2",
		"x: {<<: y}":                        "f:1:9: keys are expected behind <<, not a string",
		"x: {<<: }":                         "f:1:9: keys are expected behind <<, not nothing",
		"x: {<<: [{a: b}, [c]]}":            "f:1:9: keys are expected behind <<, not a list",
		"x: &x [*x]":                        "f:1:8: too many aliases: the file would grow without bound",
		"x: &x {<<: *x}":                    "f:1:12: too many aliases: the file would grow without bound",
		"x: &x {y: &y {<<: *x}, z: *y}":     "f:1:19: too many aliases: the file would grow without bound",
		"a: 1\n---\nb: 2":                   "f:2:1: a second document starts here",
		"a: *nobody":                        "f:1:4: not valid YAML: unknown anchor 'nobody' referenced",
		"a:\n\tb: c":                        "f:2:1: not valid YAML: a tab indents this line",
		"a: \x00":                           "f:1:4: not a text file in UTF-8",
		"a: \xff":                           "f:1:4: not a text file in UTF-8",
		strings.Repeat("# long\n", 1<<18):   "f: larger than 1 MiB",
		"[" + strings.Repeat(":,", 200_000): "f:1:1: the file has more than 250000 entries",
	} {
		n, err := Parse("f", []byte(in))
		if err == nil || err.Error() != want || n.Exists() || problem.CodeOf(err) != problem.BadMap {
			t.Errorf("%.40q: %v %v, want %s", in, n.Exists(), err, want)
		}
	}
}

// whichrole check shows the Mistakes behind an error: one without them is no finding, and no annotation.
func TestWhatIsWrongIsAFinding(t *testing.T) {
	n, err := Parse("f", []byte("a:\n- b: [c]\n"))
	if err != nil {
		t.Fatal(err)
	}
	_, twice := Parse("f", []byte("a:\n- b: 1\n  b: 2\n"))
	for _, tt := range []struct {
		err  error
		want strictyaml.Mistake
	}{
		{n.Get("a").Items()[0].Get("b").Wrong("%s is no %s", "b", "word"), strictyaml.Mistake{File: "f", Line: 2, Column: 6, Text: "b is no word"}},
		{twice, strictyaml.Mistake{File: "f", Line: 3, Column: 3, Text: "b is here twice, first in line 2"}},
	} {
		all, _ := errors.AsType[strictyaml.Mistakes](tt.err)
		if len(all) != 1 || all[0] != tt.want {
			t.Errorf("%v: %+v, want %+v", tt.err, all, tt.want)
		}
	}
	if _, ok := errors.AsType[strictyaml.Mistakes](Node{}.Wrong("c is missing")); ok {
		t.Error("what is not there has a place")
	}
}

func TestLongKeyIsCutInAMessage(t *testing.T) {
	key := strings.Repeat("k", 5000)
	if _, err := Parse("f", []byte("\""+key+"\": 1\n\""+key+"\": 2\n")); err == nil || len(err.Error()) > 300 {
		t.Error(err)
	}
}

func TestYAMLBombIsRefusedQuickly(t *testing.T) {
	for what, level := range map[string]string{"lists": "[%s]", "merges": "{<<: [%s]}", "keys": "{a: %s}", "nothing": "[%s]"} {
		var b strings.Builder
		first := "{x: y}"
		if what == "nothing" { // not a byte of text
			first = "[]"
		}
		b.WriteString("a0: &a0 " + first + "\n")
		for i := 1; i < 40; i++ {
			ten := strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", ")
			if what == "keys" {
				ten = fmt.Sprintf("*a%d, b: *a%d", i-1, i-1)
			}
			fmt.Fprintf(&b, "a%d: &a%d "+level+"\n", i, i, ten)
		}
		began := time.Now()
		_, err := Parse("f", []byte(b.String()))
		if err == nil || !strings.Contains(err.Error(), "too many aliases") || time.Since(began) > time.Minute {
			t.Errorf("%s: %v after %v", what, err, time.Since(began))
		}
	}
}

// What an alias multiplies is counted in bytes too.
func TestLongTextIsNotMultipliedByAliases(t *testing.T) {
	_, err := Parse("f", []byte("a: &a "+strings.Repeat("x", 500_000)+"\nb: ["+strings.Repeat("*a, ", 20)+"]\n"))
	if err == nil || !strings.Contains(err.Error(), "too many aliases") {
		t.Error(err)
	}
}

// The longest chain of merges that is let through is walked in little time: what a walk costs was bounded by Parse.
func TestLongChainOfMerges(t *testing.T) {
	var b strings.Builder
	b.WriteString("a0: &a0 {k0: x}\n")
	const n = 400
	for i := 1; i < n; i++ {
		fmt.Fprintf(&b, "a%d: &a%d {<<: *a%d, k%d: x}\n", i, i, i-1, i)
	}
	top, err := Parse("f", []byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	last := top.Get(fmt.Sprintf("a%d", n-1))
	if len(last.Fields()) != n || show(last.Get("k0")) != "x" {
		t.Errorf("%d fields", len(last.Fields()))
	}
}

// A step shared by thousands of workflows is what anchors are for.
func TestSharedStepsAreRead(t *testing.T) {
	var b strings.Builder
	b.WriteString("step: &step {type: oidc, provider: aws, role_arn: x, region: y, duration: 3600}\nworkflows:\n")
	for i := range 5000 {
		fmt.Fprintf(&b, "- tag_query: w%d\n  plan: [*step, {type: init}]\n  apply: [{<<: *step, role_arn: z}]\n", i)
	}
	top, err := Parse("f", []byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range top.Get("workflows").Items() {
		if show(w.Get("apply").Items()[0].Get("role_arn")) != "z" || show(w.Get("plan").Items()[0].Get("region")) != "y" {
			t.Fatal(show(w))
		}
	}
}

func TestDeepNestingIsNoCrash(t *testing.T) {
	for _, deep := range []string{strings.Repeat("[", 200_000), strings.Repeat("{a: ", 50_000), strings.Repeat("- ", 100_000)} {
		if _, err := Parse("f", []byte("any: "+deep)); err == nil {
			t.Errorf("%.10s: no error", deep)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"a: &a {b: c}\nd: {<<: *a}", "a: &a [*a]", "x: {<<: [{a: b}, {c: d}], a: e}", "? [a]\n: b", "*a : b", "&k a: *k", "!!merge a: {b: c}", "- !!bool yes", "a: !x &y ~\nb: *y", "!!null x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		n, err := Parse("f", []byte(in))
		if err != nil {
			if problem.CodeOf(err) != problem.BadMap || !strings.HasPrefix(err.Error(), "f:") {
				t.Fatalf("%q: %v", in, err)
			}
			return
		}
		show(n)
		walk(t, n)
	})
}

func walk(t *testing.T, n Node) {
	if n.Exists() && (n.Line() < 1 || n.Column() < 1) {
		t.Fatalf("%s stands nowhere", show(n))
	}
	n.Bool()
	for _, i := range n.Items() {
		walk(t, i)
	}
	for _, f := range n.Fields() {
		if got := n.Get(f.Key); got != f.Value {
			t.Fatalf("%s: not the same twice", f.Key)
		}
		walk(t, f.At)
		walk(t, f.Value)
	}
}
