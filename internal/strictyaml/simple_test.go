package strictyaml

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// usual is a map as people write it, with everything that the simple reader takes.
const usual = `# Which role belongs to which directory: für alle 🙂
version: 1

source:
  - oidc: github      # CI
    audience: sts.amazonaws.com
  - profile: corp
  -   environment: true
defaults:
    session_name: "{user}-{env}"
    duration: 1h
environments:
  production:
    dirs: [production, 'live/*', "a b", live/x-1,]
    role_arn:
      plan: arn:aws:iam::111111111111:role/terraform-plan
      apply: "arn:aws:iam::111111111111:role/terraform-apply"
    duration: 3600
  qa:
    dirs:
    - qa
    - live/{account}/{region}
      # here too

    session_tags: {team: a, b: [], c.d: {e: "#"}}
    role_arn: arn:aws:iam::222222222222:role/path/x@y+z=1,2
no_role: [ modules ]   
`

// unusual are texts that are easily read as something else.
var unusual = []string{
	"a: 012", "a: 08", "a: 00", "a: 0", "a: 99999999999999999999999", "a: 0x1", "a: 0o7", "a: 1_000", "a: 1e3", "a: 1.5", "a: -1", "a: +1", "a: .5", "a: 1234567890123", "a: 2026-11-22", "a: 12:30:45",
	"a: 111111111111", "a: 1h30m", "a: 5m", "a: 7x", "a: yes", "a: on", "a: True", "a: nULL", "a: ~", "a: null", "a:", "a:\nb: c", "a: .inf", "a: =",
	"true: a", "null: a", "1: a", "1h: a", "<<: a", "'a': b", "\"a\": b", "a.b: c", "-a: b", "?a: b", "? a: b", "? a\n: b",
	"a: b: c", "a: b:", "a:b", "a :b", "a : b", "a: b#c", "a: b #c", "a: b# c", "a: 'b'#c", "a: [b]#c", "a: [b] #c", "a: #b", "a:#b", "a: [b # c\n]",
	"a: \"b\\nc\"", "a: \"b\\\\\"", "a: \"b\"c\"", "a: 'b''c'", "a: 'b' c", "a: 'b", "a: \"b\nc\"", "a: 'é', b: c", "a: ['é', b]", "a: [é, b]", "a: é",
	"a: b c", "a: b\n  c", "a: b\n\n  c", "a: b\n# c\n  d", "a: b\n c: d", "a:\n  b\n", "a:\n  [b]\n", "a:\n  'b': c\n", "a: |\n  b", "a: >-\n  b\n",
	"a: &x b", "a: *x", "a: &x\n  b: c\nd: *x", "a: !!str 1", "a: !x b", "a: @b", "a: `b", "a: %b", "a: ,b", "a: ]", "a: -", "a: - b", "a: -b", "a: ?", "a: /b",
	"a: {b}", "a: {b: }", "a: {b:c}", "a: {b: c", "a: {b: c]", "a: {: b}", "a: {b: c d: e}", "a: {b: c,, d: e}", "a: {,}", "a: {b: c:}", "a: {b: c: d}", "a: {a: b}: c",
	"a: [b: c]", "a: [b:c]", "a: [b:]", "a: [a b]", "a: [a,,b]", "a: [,]", "a: [[b], [[]]]", "a: [b\n  , c]", "a: [b,\n c]", "a: [*b]", "a: [- b]", "a: [b?]", "a: [a: ]",
	"a: [a{b}]", "a: [a[b]]", "a: a[b]", "a: a{b: c}", "a: a, b", "a: x]", "a: x}", "a: {b: 'c'd}", "a: 'b' : c", "a: [b] : c", "a: " + strings.Repeat("[", 20) + strings.Repeat("]", 20),
	"- a", "- a: b\n  c: d", "a:\n- b\nc: d", "a:\n- b\n- c: d\n  e: f\n-  g: h\n   i: j\nk: l", "a:\n  - b\n  c: d", "a:\n  - b\n - c", "a:\n - b\n - c\nd: e", "a:\n-b", "a:\n- - b", "a:\n-\n  b: c",
	"a:\n- # b\n  c: d", "a:\n-   b: c\n  d: e", "a:\n- b\n  - c", "a:\n- b: c\n - d", "a:\n- b:\n  - c\n  d: e", "a:\n- b:\n    c: d\n  e: f", "a: b\n- c", "a:\n- b\n  c: d", "a:\n- 'b': c", "a:\n- [b]: c",
	"a:\n    b: c\n  d: e", "a:\n  b: c\n d: e", "  a: b", "  a: b\nc: d", " \n a: b", "a:\n  b:\n    c: d\ne: f", "a:\n  b:\n c: d", "a: b\n\n\n# x\n   # y\nc: d\n  ", "a: b   ",
	"---\na: b", "a: b\n---\nc: d", "a: b\n...\n", "a: b\n...", "... : a", "--- : a", "%YAML 1.2\n---\na: b", "a: ---", "a:\n- ---", "a:\n---", "a:\n--- b", "a: ...",
	"a: b\r\nc: d\r\n", "a:\tb", "\ta: b", "a: b\t", "a: b\t# c", "a: 'b\tc'", "\ufeffa: b", "a: b # \u0085c: d", "a: b # \u2028c: d", "# \u2029\na: b", "a: b # \u00a0é🙂\nc: d", "a: b # \rc: d", "# \ra: b", "a: b # \tc", "a: b # \x01", "a: b\u00a0", "\u00a0a: b", "a: b # \x7f", "a: b # \ufffe",
	"", "\n", "#", "# a\n", "a", "[a]", "{a: b}", "'a'", strings.Repeat("k", 300) + ": a", strings.Repeat("k", 1100) + ": a", "a: " + strings.Repeat("k", 2000), "a: [" + strings.Repeat("k, ", 600) + "k]",
}

// whole is all that is kept of a node and of those below it.
func whole(n *yaml.Node) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d:%d %d %s %q %d %s %v [", n.Line, n.Column, n.Kind, n.Tag, n.Value, n.Style, n.Anchor, n.Alias != nil)
	for _, c := range n.Content {
		b.WriteString(whole(c) + ", ")
	}
	return b.String() + "]"
}

// agrees makes sure that what the simple reader takes is what the library makes of it; it tells whether it was taken.
func agrees(t *testing.T, text string) bool {
	t.Helper()
	simple := readSimple([]byte(text))
	if simple == nil {
		return false
	}
	d := &Document{name: "f"}
	if library := d.read([]byte(text)); library == nil {
		t.Errorf("%q: taken for %s, and the library says %v", text, whole(simple), d.Err())
	} else if got, want := whole(simple), whole(library); got != want {
		t.Errorf("%q:\n got %s\nwant %s", text, got, want)
	}
	return true
}

// It is there to be used: a map that people write without a thought must not need the library.
func TestUsualMapIsReadWithoutTheLibrary(t *testing.T) {
	if !agrees(t, usual) {
		t.Error("the library was needed")
	}
}

func TestSimpleReaderReadsAsTheLibraryDoes(t *testing.T) {
	taken := 0
	for _, text := range unusual {
		for _, text := range []string{text, text + "\n", "x:\n  y: z\n" + text, "# c\n" + text + "\nz: z\n", "x:\n  " + strings.ReplaceAll(text, "\n", "\n  ")} {
			if agrees(t, text) {
				taken++
			}
		}
	}
	agrees(t, "a: "+strings.Repeat("[", 20_000)+strings.Repeat("]", 20_000)) // more levels than the library takes
	if taken < 100 {
		t.Errorf("%d are taken, which proves little", taken)
	}
}

// A usual map and the unusual texts are changed in many small ways.
func TestSimpleReaderReadsMutantsAsTheLibraryDoes(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	_, defaults, _ := strings.Cut(usual, "\ndefaults")
	_, environments, _ := strings.Cut(usual, "\nenvironments")
	sections := []string{usual, "defaults" + defaults, "environments" + environments}
	pieces := []string{"", "", "", " ", "  ", "\n", "\n  ", "\n- ", "- ", ": ", ", ", " #", "''", "\"\"", "[]", "{}", "é", "1h", "true"}
	for _, c := range "ab01 :-#,[]{}'\"\n.*&!|?%@" {
		pieces = append(pieces, string(c))
	}
	taken := 0
	for range 20_000 {
		text := unusual[r.Intn(len(unusual)-4)] // but for the long ones
		if r.Intn(2) == 0 {
			text = sections[r.Intn(len(sections))]
		}
		for range 1 + r.Intn(2) {
			at := r.Intn(len(text) + 1)
			text = text[:at] + pieces[r.Intn(len(pieces))] + text[min(len(text), at+r.Intn(3)):]
		}
		if agrees(t, text) {
			taken++
		}
	}
	if taken < 2000 {
		t.Errorf("%d are taken, which proves little", taken)
	}
}

func FuzzSimple(f *testing.F) {
	for _, text := range append(unusual[:len(unusual):len(unusual)], usual) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if (&Document{}).readable([]byte(text)) {
			agrees(t, text)
		}
	})
}
