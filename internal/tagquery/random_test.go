package tagquery

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

var words = []string{
	"a", "b", "prod", "dest_branch:main", "workspace:qa", "dir~web", "and", "OR", "in", "not", "dir", "x y", "it's", `say "hi"`, `back\slash`,
	"", "live", "web", "live/web", ".", "é", "line\nfeed", "\u00a0", "(", ")",
}

func pick(r *rand.Rand, from ...string) string { return from[r.IntN(len(from))] }

// randomTree is a tree as tidy leaves one. not is the kind that it must not be.
func randomTree(r *rand.Rand, depth int, not nodeKind) *node {
	kind := []nodeKind{tagNode, inDirNode, notNode, andNode, orNode}[r.IntN(5)]
	switch {
	case depth == 0 || kind == not && kind >= andNode:
		kind = tagNode
	case kind == notNode:
		return &node{kind: kind, kids: []*node{randomTree(r, depth-1, tagNode)}}
	case kind >= andNode:
		n := &node{kind: kind}
		for range 2 + r.IntN(3) {
			n.kids = append(n.kids, randomTree(r, depth-1, kind))
		}
		return n
	}
	text := pick(r, words...)
	if kind == inDirNode {
		return inDir(text)
	}
	if strings.HasPrefix(text, oldInDir) {
		text = "a"
	}
	return &node{kind: tagNode, text: text}
}

func TestWhatIsPrintedIsReadAsTheSame(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 10_000 {
		q := &Query{root: randomTree(r, 5, tagNode)}
		text := q.String()
		again, err := Parse(text)
		if err != nil || !reflect.DeepEqual(again.root, q.root) {
			t.Fatalf("%q is read as %v (%v)", text, again, err)
		}
	}
}

// randomQuery writes what the grammar allows, in all its spellings.
func randomQuery(r *rand.Rand, depth int) string {
	if depth == 0 {
		return randomAtom(r)
	}
	space := pick(r, " ", "  ", "\t", " \n")
	left, right := randomQuery(r, depth-1), randomQuery(r, r.IntN(depth))
	switch r.IntN(7) {
	case 0:
		return left + space + pick(r, "or", "Or", "OR") + space + right
	case 1:
		return left + space + pick(r, "and", "AND") + space + right
	case 2:
		return left + space + right
	case 3:
		return "(" + left + ")" + right
	case 4:
		return pick(r, "not", "NOT") + pick(r, "(", " (") + left + ")" + space + pick(r, "and ", "or ", "") + right
	case 5:
		return "(" + left + space + pick(r, "and ", "or ", "") + right + ")"
	}
	return left
}

func randomAtom(r *rand.Rand) string {
	word := pick(r, words...)
	if !isBare(word) || r.IntN(3) == 0 {
		quote := pick(r, "'", `"`)
		word = strings.ReplaceAll(word, `\`, `\\`)
		word = quote + strings.ReplaceAll(word, quote, `\`+quote) + quote
	}
	switch r.IntN(5) {
	case 0:
		return word + pick(r, " in dir", " IN dir", ` in "dir"`)
	case 1:
		return "not " + word
	}
	return word
}

// spoilt puts something where it may not belong.
func spoilt(r *rand.Rand, query string) string {
	at := r.IntN(len(query) + 1)
	return query[:at] + pick(r, " and ", " or ", " not ", " in ", " in dir ", "(", ")", "'", `"`, `\`, "\n", "\xff", "dir~") + query[at:]
}

func TestTwoEvaluatorsAgree(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	valid, invalid, yes, ambiguous := 0, 0, 0, 0
	for i := range 15_000 {
		text := randomQuery(r, 1+r.IntN(4))
		if i%3 == 2 {
			text = spoilt(r, text)
		}
		present := map[string]bool{}
		for _, w := range words {
			present[w] = r.IntN(2) == 0
		}
		dir := pick(r, ".", "live", "live/web", "a/b/live/web/prod", "prod/web", "x")
		q := agree(t, text, dir, func(tag string) bool { return present[tag] })
		switch {
		case q == nil:
			invalid++
			continue
		case q.Ambiguous():
			ambiguous++
		}
		valid++
		if q.Match(dir, func(tag string) bool { return present[tag] }) {
			yes++
		}
	}
	if valid < 10_000 || invalid < 1000 || yes < 2000 || valid-yes < 2000 || ambiguous < 1000 {
		t.Errorf("%d valid, %d of them match, %d ambiguous; %d invalid", valid, yes, ambiguous, invalid)
	}
}

// agree compares the package with slow, and what it prints with itself. It is nil where the query is wrong.
func agree(t *testing.T, text, dir string, has func(string) bool) *Query {
	t.Helper()
	letters, ok := slow{dir, has, true}.letters(text)
	var want bool
	if ok {
		want, ok = slow{dir, has, true}.reduce(letters)
	}
	q, err := Parse(text)
	if ok != (err == nil) {
		t.Fatalf("%q: %v, slow: %v", text, err, ok)
	}
	if !ok {
		return nil
	}
	if got := q.Match(dir, has); got != want {
		t.Fatalf("%q (%s) in %s: %v, slow: %v", text, q, dir, got, want)
	}
	again, err := Parse(q.String())
	if err != nil || !reflect.DeepEqual(again.root, q.root) || again.Ambiguous() {
		t.Fatalf("%q prints %q, which is read as %v (%v)", text, q, again, err)
	}
	if newer, _ := (slow{dir, has, false}).reduce(letters); newer != want && !q.Ambiguous() {
		t.Fatalf("%q in %s: newer versions of Terrateam say %v", text, dir, newer)
	}
	return q
}

var seeds = []string{
	"", "a b or c", "not (x in dir) and y", `"a\"b" 'c'`, "((a))", "a\n b", "dir~x", "NOT a", "not a in dir", "a in dir in dir", "a in in dir", "'", "\xff",
	"a and (b or not 'c d') live/web in dir",
}

func FuzzParse(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := Parse(text)
		if err != nil {
			return
		}
		again, err := Parse(q.String())
		if err != nil || !reflect.DeepEqual(again.root, q.root) {
			t.Errorf("%q prints %q, which is read as %v (%v)", text, q, again, err)
		}
	})
}

func FuzzMatch(f *testing.F) {
	for i, s := range seeds {
		f.Add(s, "live/web", uint64(i))
	}
	f.Fuzz(func(t *testing.T, text, dir string, salt uint64) {
		if len(text) > 200 {
			return
		}
		agree(t, text, dir, func(tag string) bool { return (salt>>(len(tag)%60))&1 == 1 })
	})
}
