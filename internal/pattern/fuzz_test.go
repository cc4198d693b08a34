package pattern

import (
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// slowMatch is the contract word by word: try every directory from the deepest up, and every way of each ** from the left,
// the shortest first.
func slowMatch(p *Pattern, dir string) (Match, bool) {
	segs := split(dir)
	for depth := len(segs); depth >= 0; depth-- {
		m := Match{Depth: depth}
		if len(p.captures) > 0 {
			m.Captures = map[string]string{}
		}
		if slowLay(p.segments, segs[:depth], &m) {
			return m, true
		}
	}
	return Match{}, false
}

func slowLay(pattern []segment, dir []string, m *Match) bool {
	if len(pattern) == 0 {
		return len(dir) == 0
	}
	kinds := slices.Clone(m.kinds)
	if pattern[0].kind == swallowed {
		for take := 0; take <= len(dir); take++ {
			m.kinds = append(slices.Clone(kinds), make([]kind, take)...)
			if slowLay(pattern[1:], dir[take:], m) {
				return true
			}
		}
		return false
	}
	if len(dir) == 0 || !slowSegment(pattern[0], dir[0]) {
		return false
	}
	m.kinds = append(kinds, pattern[0].kind)
	if !slowLay(pattern[1:], dir[1:], m) {
		return false
	}
	if pattern[0].kind == captured {
		m.Captures[pattern[0].text] = dir[0]
	}
	return true
}

func slowSegment(s segment, name string) bool {
	if s.kind == wildcard {
		return slowGlob(s.glob, []byte(name))
	}
	return s.kind == captured || s.text == name
}

func slowGlob(g glob, name []byte) bool {
	if len(g) == 0 {
		return len(name) == 0
	}
	if g[0].star {
		for i := range len(name) + 1 {
			if slowGlob(g[1:], name[i:]) {
				return true
			}
		}
		return false
	}
	if len(name) == 0 {
		return false
	}
	r, size := utf8.DecodeRune(name)
	return g[0].has(r, size) && slowGlob(g[1:], name[size:])
}

func FuzzMatch(f *testing.F) {
	for _, p := range []string{"a/**/b", "**/a/**/{x}/b", "*a*b", "[^a-c]?", ".", "live/{account}/*", "a-{x}", "**/?/**/a"} {
		for _, d := range []string{".", "a/b/a/b", "live/x/y", "aab\xff/b"} {
			f.Add(p, p, d)
		}
	}
	f.Fuzz(func(t *testing.T, one, two, dir string) {
		a, err := Compile(one)
		if err != nil {
			return
		}
		a.Match(dir) // whatever it is, no panic
		dir = path.Clean(strings.TrimLeft(dir, "/"))
		m, ok := a.Match(dir)
		if len(one) < 24 && len(dir) < 24 {
			slow, slowOK := slowMatch(a, dir)
			if ok != slowOK || m.Depth != slow.Depth || !slices.Equal(m.kinds, slow.kinds) || !maps.Equal(m.Captures, slow.Captures) {
				t.Errorf("%q on %q: %v %+v, want %v %+v", one, dir, ok, m, slowOK, slow)
			}
		}
		b, err := Compile(two)
		if err != nil || !ok {
			return
		}
		if n, ok := b.Match(dir); ok && (m.Compare(n) != -n.Compare(m) || m.Compare(m) != Tie) {
			t.Errorf("%q and %q on %q: %d and %d", one, two, dir, m.Compare(n), n.Compare(m))
		}
	})
}

func FuzzName(f *testing.F) {
	f.Add("prod-*", "prod-eu")
	f.Add("[a-z]?*", "é\xff")
	f.Fuzz(func(t *testing.T, pattern, name string) {
		n, err := CompileName(pattern)
		if err != nil || len(pattern) > 16 || len(name) > 16 {
			return
		}
		want := pattern == name
		if !n.Literal() {
			want = slowGlob(n.glob, []byte(name))
		}
		if n.Match(name) != want {
			t.Errorf("%q on %q: not %v", pattern, name, want)
		}
	})
}
