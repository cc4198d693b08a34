package strictyaml

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"whichrole/internal/problem"

	"go.yaml.in/yaml/v4"
)

// decode reads a small document of the shape {name: str, list: [str], on: bool, deep: {name: str}}.
func decode(data string) (*Document, string) {
	doc, top := Parse("f.yaml", []byte(data))
	if doc.Err() != nil {
		return doc, ""
	}
	var got []string
	fields, _ := top.Fields("name", "list", "on", "deep", "any")
	for _, f := range fields {
		switch f.Key {
		case "name":
			s, _ := f.Value.Str()
			got = append(got, s)
		case "list":
			l, _ := f.Value.Strings()
			got = append(got, l...)
		case "on":
			b, _ := f.Value.Bool()
			got = append(got, fmt.Sprint(b))
		case "deep":
			inner, _ := f.Value.Fields("name")
			for _, g := range inner {
				s, _ := g.Value.Str()
				got = append(got, "deep "+s)
			}
		case "any":
			descend(f.Value)
		}
	}
	return doc, strings.Join(got, ",")
}

func descend(v Value) {
	switch {
	case v.IsSequence():
		items, _ := v.Items()
		for _, i := range items {
			descend(i)
		}
	case v.IsMapping():
		fields, _ := v.Fields()
		for _, f := range fields {
			descend(f.Value)
		}
	default:
		v.Raw()
	}
}

func TestDecode(t *testing.T) {
	for in, want := range map[string]string{
		"name: x": "x",
		"# c\nname: 'x y' # c\nlist:\n- a\n- \"b\"\n": "x y,a,b",
		"on: true":                   "true",
		"name: &n x\nlist: [*n, *n]": "x,x,x",
		"deep: {name: 2026-11-22}":   "deep 2026-11-22",
		"\ufeffname: x":              "x",
		"---\nname: x\n...\n":        "x",
	} {
		doc, got := decode(in)
		if err := doc.Err(); err != nil || got != want {
			t.Errorf("%q: %q %v, want %q", in, got, err, want)
		}
	}
}

func TestMistakesHaveTheirPlace(t *testing.T) {
	for _, tt := range []struct{ in, want, hint string }{
		{"", "f.yaml:1:1: the file is empty", ""},
		{"# only a comment\n", "f.yaml:1:1: the file is empty", ""},
		{"---\n", "f.yaml:1:1: the file is empty", ""},
		{"[a]", "f.yaml:1:1: keys are expected here, not a list", ""},
		{"name: x\n---\nname: y\n", "f.yaml:2:1: a second document starts here", "one file holds one document: remove the line ---"},
		{"nmae: x", "f.yaml:1:1: unknown key nmae", "did you mean name?"},
		{"zzzzzz: x", "f.yaml:1:1: unknown key zzzzzz", "the keys here are name, list, on, deep, any"},
		{"deep:\n  nam: x", "f.yaml:2:3: deep: unknown key nam", "did you mean name?"},
		{"name: x\nname: y", "f.yaml:2:1: name is here twice, first in line 1", ""},
		{"name: 123", "f.yaml:1:7: name: a string is expected here, not a number", `quote it: "123"`},
		{"name: true", "f.yaml:1:7: name: a string is expected here, not true or false", `quote it: "true"`},
		{"name:", "f.yaml:1:6: name: there is no value here, a string expected", ""},
		{"name: ~", "f.yaml:1:7: name: there is no value here, a string expected", ""},
		{"name: ''", "f.yaml:1:7: name: the value is empty", ""},
		{"name: [a]", "f.yaml:1:7: name: a string expected here, not a list", ""},
		{"list: a", "f.yaml:1:7: list: a list expected here, not a string", "a list of one is [a]"},
		{"list: [a, {b: c}]", "f.yaml:1:11: list: a string expected here, not keys", ""},
		{"on: yes", "f.yaml:1:5: on: true or false expected here, not a string", ""},
		{"deep: x", "f.yaml:1:7: deep: keys expected here, not a string", ""},
		{"deep:\n\tname: x", "f.yaml:2:1: not valid YAML: a tab indents this line", "YAML is indented with spaces"},
		{"list: [live/{account}]", "f.yaml:1:13: not valid YAML: did not find expected ',' or ']'", "quote what has { or * in it"},
		{"list: [*]", "f.yaml:1:9: not valid YAML: did not find expected alphabetic or numeric character", "quote what has { or * in it"},
		{"name: \"a\\x1b[31m\"", "f.yaml:1:7: name: a control character (U+001B) cannot stand here", ""},
		{"name: \"a\\0\"", "f.yaml:1:7: name: a control character (U+0000) cannot stand here", ""},
		{"name: \"a\u202eb\"", "f.yaml:1:7: name: a control character (U+202E) cannot stand here", ""},
		{"\"na\\eme\": x", "f.yaml:1:1: a control character (U+001B) cannot stand here", ""},
		{"name: x\x00", "f.yaml:1:8: not a text file in UTF-8", ""},
		{"name: x\n\xff\xfe", "f.yaml:2:1: not a text file in UTF-8", ""},
		{"name: \"a\\nb\"", "f.yaml:1:7: name: a line break or tab cannot stand here", ""},
		{"deep: &d {name: x}\nany: {<<: *d}", "f.yaml:2:7: any: merge keys (<<) are not read here", "use defaults, or repeat the keys"},
		{"nmae: x\nname: 1", "f.yaml:1:1: unknown key nmae (and 1 more)", "did you mean name?"},
		{"\"na\\tme\": x", "f.yaml:1:1: a line break or tab cannot stand in a key", ""},
		{"? [a]\n: x", "f.yaml:1:3: a key must be a plain word", ""},
		{"any: &n 5\nlist: [*n]", "f.yaml:1:6: list: a string is expected here, not a number", `quote it: "5"`},
		{"any: &n 5\ndeep: {name: *n}", "f.yaml:1:6: deep.name: a string is expected here, not a number", `quote it: "5"`},
		{"any: &a [*a]", "f.yaml:1:10: too many aliases: the file would grow without bound", ""},
	} {
		doc, _ := decode(tt.in)
		p, ok := doc.Err().(*problem.Error)
		if !ok {
			t.Errorf("%q: no mistake", tt.in)
			continue
		}
		if p.Message != tt.want || p.Hint != tt.hint || p.Code != problem.BadMap {
			t.Errorf("%q:\n got %s | %s\nwant %s | %s", tt.in, p.Message, p.Hint, tt.want, tt.hint)
		}
	}
}

func TestSyntaxErrorNamesTheLine(t *testing.T) {
	for in, want := range map[string]string{
		"name: x\nlist: [a\n":     "f.yaml:3:1: not valid YAML: did not find expected ',' or ']'",
		"name: x\n\nname: b: c\n": "f.yaml:3:8: not valid YAML: mapping values are not allowed in this context",
		"name: *nobody":           "f.yaml:1:7: not valid YAML: unknown anchor 'nobody' referenced",
	} {
		if doc, _ := decode(in); doc.Err() == nil || doc.Err().Error() != want {
			t.Errorf("%q: %v, want %s", in, doc.Err(), want)
		}
	}
}

// A "billion laughs" file of a few hundred bytes.
func TestYAMLBombIsRefusedQuickly(t *testing.T) {
	var b strings.Builder
	b.WriteString("any:\n  a0: &a0 [x,x,x,x,x,x,x,x,x]\n")
	for i := 1; i < 12; i++ {
		fmt.Fprintf(&b, "  a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i-1), 9), ","))
	}
	doc, _ := decode(b.String())
	if err := doc.Err(); err == nil || !strings.Contains(err.Error(), "too many aliases") {
		t.Errorf("got %v", err)
	}
	if n := len(doc.Mistakes()); n > 5 {
		t.Errorf("told %d times", n)
	}
}

func TestDeepNestingIsNoCrash(t *testing.T) {
	doc, _ := decode("any: " + strings.Repeat("[", 200_000))
	if doc.Err() == nil {
		t.Error("no mistake")
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"name: x", "any: &a [*a]", "deep: {name: 1}", "\t", "a: b: c", "? x", "any: {<<: {a: b}}", "--- x", "name: |\n  a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		doc, _ := decode(in)
		for _, m := range doc.Mistakes() {
			if m.Line < 1 || m.Column < 1 || m.File != "f.yaml" || m.Text == "" || strings.ContainsAny(m.Text, "\n\x1b") {
				t.Fatalf("%q: %+v", in, m)
			}
		}
	})
}

// Every node of any document is counted before it is made: the count must never be too small.
func TestMarksAreNeverFewerThanNodes(t *testing.T) {
	for _, in := range []string{
		"a: b\n", "a:\n- b\n- c: d\n  e: f\n", "{a: b, c: [d, e, {f}]}", `{"a":"b",'c':d,"e":["f"]}`, "? a\n: b\n? c\n", "a:\n- - - b\n-\n-\n", "a: &x {b: c}\nd: *x\n",
		"a: |\n  x\n  y\n", "a:\r\n- b\r\n-\tc\r\n", "? - a\n  - b\n: - c\n", "a: [[],[[]],{},{a},?]", "[? a : b, ? c]", "{? a, ? b : c}", "{[a]:b}", "{a: , b: }", "[a:, b]", "{\"a\" :b}",
	} {
		var top yaml.Node
		if yaml.Unmarshal([]byte(in), &top) != nil {
			continue
		}
		if n := nodes(&top) - 2; marks([]byte(in)) < n { // but for the document and its top
			t.Errorf("%q: %d marks, %d nodes", in, marks([]byte(in)), n)
		}
	}
}

func nodes(n *yaml.Node) int {
	sum := 1
	for _, c := range n.Content {
		sum += nodes(c)
	}
	return sum
}

// One byte of YAML may become 200 of memory.
func TestDenseFileIsRefusedBeforeItIsParsed(t *testing.T) {
	for _, dense := range []string{
		"name: [" + strings.Repeat("a,", 500_000) + "a]",
		"name: [" + strings.Repeat(":,", 85_000) + "a]", // three marks in two bytes
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		doc, _ := Parse("f", []byte(dense))
		runtime.ReadMemStats(&after)
		if err := doc.Err(); err == nil || !strings.Contains(err.Error(), "more than 250000 entries") {
			t.Error(err)
		}
		if bytes := after.TotalAlloc - before.TotalAlloc; bytes > 2*uint64(len(dense)) {
			t.Errorf("%d bytes", bytes)
		}
	}
}

// What lies below an alias counts with each way that leads there, in mappings as in lists.
func TestAllBelowAnAliasCounts(t *testing.T) {
	for _, hundred := range []string{"[" + strings.Repeat("x, ", 100) + "]", "{" + hundredKeys() + "}"} {
		for aliases, refused := range map[int]bool{90: false, 110: true} {
			doc, _ := decode("list: &a " + hundred + "\nany: [" + strings.Repeat("*a, ", aliases) + "]\n")
			if bomb := strings.Contains(fmt.Sprint(doc.Mistakes()), "too many aliases"); bomb != refused {
				t.Errorf("%d times %.10s: %v", aliases, hundred, doc.Mistakes())
			}
		}
	}
}

func hundredKeys() string {
	var b strings.Builder
	for i := range 100 {
		fmt.Fprintf(&b, "k%d: x, ", i)
	}
	return b.String()
}

// What an alias multiplies is counted in bytes too: ten thousand times a long text is no small document.
func TestLongTextIsNotMultipliedByAliases(t *testing.T) {
	doc, top := Parse("f", []byte("any: &a "+strings.Repeat("x", 1000)+"\nlist: ["+strings.Repeat("*a, ", 2000)+"]\n"))
	fields, _ := top.Fields()
	items, _ := fields[1].Value.Items()
	if err := doc.Err(); err == nil || !strings.Contains(err.Error(), "too many aliases") || len(items) > 1100 {
		t.Errorf("%d items, %v", len(items), err)
	}
}

// Whoever repeats a mistake a thousand times hears of a hundred, and nothing is read on.
func TestMistakesHaveAnEnd(t *testing.T) {
	doc, top := Parse("f", []byte("{"+strings.Repeat(strings.Repeat("k", 900)+": 1, ", 1000)+"}"))
	fields, _ := top.Fields("name")
	if n := len(doc.Mistakes()); n != MaxMistakes || len(fields) != 0 || !doc.Full() {
		t.Errorf("%d mistakes, %d fields", n, len(fields))
	}
}

// The second of two keys is found wherever the first stood, in a mapping of any size.
func TestKeyThatComesTwiceIsFoundInALongMapping(t *testing.T) {
	for _, n := range []int{15, 16, 17, 40} {
		for _, twice := range []int{0, n - 1} {
			var b strings.Builder
			for i := range n {
				fmt.Fprintf(&b, "k%d: x\n", i)
			}
			doc, top := Parse("f", []byte(fmt.Sprintf("%sk%d: x\n", b.String(), twice)))
			fields, _ := top.Fields()
			want := fmt.Sprintf("f:%d:1: k%d is here twice, first in line %d", n+1, twice, twice+1)
			if err := doc.Err(); err == nil || err.Error() != want || len(fields) != n {
				t.Errorf("%d fields, %v, want %s", len(fields), err, want)
			}
		}
	}
}

func TestLongKeyIsNotQuoted(t *testing.T) {
	doc, top := Parse("f", []byte("\""+strings.Repeat("k", 2000)+"\": 1\n"))
	top.Fields()
	if err := doc.Err(); err == nil || len(err.Error()) > 100 {
		t.Error(err)
	}
}

func FuzzMarks(f *testing.F) {
	for _, in := range []string{"a: [b, {c: d}]\n", "? a\n: - b\n", "- &a !x 'y'\n- *a\n", "[a: b, ? c, \"d\":e]", "a:\n  - |\n    x\n  - >-\n    y\n#"} {
		f.Add([]byte(in))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var top yaml.Node
		if len(data) > 4096 || yaml.Unmarshal(data, &top) != nil || top.Kind == 0 {
			return
		}
		if n := nodes(&top) - 2; 2*marks(data) < n {
			t.Errorf("%q: %d marks, %d nodes", data, marks(data), n)
		}
	})
}

// Err names one mistake; a command that shows them all finds the others behind it, in the file's order.
func TestErrHasAllMistakesBehindIt(t *testing.T) {
	doc, _ := decode("any: [x, ~]\nname: 1\nnmae: x\n")
	all, ok := errors.AsType[Mistakes](doc.Err())
	var lines []int
	for _, m := range all {
		lines = append(lines, m.Line)
	}
	if !ok || fmt.Sprint(lines) != "[1 2 3]" {
		t.Errorf("%v: %v", doc.Err(), all)
	}
	if !strings.HasSuffix(doc.Err().Error(), "(and 2 more)") {
		t.Error(doc.Err())
	}
}

// Where to point at, without reading the values again: that would count aliases twice.
func TestSpotsAreWhereTheEntriesAreWritten(t *testing.T) {
	doc, top := Parse("f", []byte("name: &n é\nlist: ['é', b, *n]\ndeep:\n  a: x\n  b: *n\n"))
	fields, _ := top.Fields()
	got := fmt.Sprint(fields[1].Value.Spots(), fields[2].Value.Spots(), fields[0].Value.Spots(), fields[1].Value.Column())
	if want := "[{ 2 8} { 2 13} { 2 16}] [{a 4 3} {b 5 3}] [] 7"; doc.Err() != nil || got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
