package pattern

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// glob is a segment with wildcards.
type glob []token

// token is one step of a glob: a star, or a set that one character must be in.
type token struct {
	star   bool
	negate bool
	ranges []runes // nil with negate: any character
}

type runes struct{ low, high rune }

// match tells whether all of name is matched. It returns to the last star only, so it takes at most len(glob) × len(name) steps,
// which it adds to work.
func (g glob) match(name string, work *int) bool {
	at, star, mark := 0, -1, 0
	for i := 0; i < len(name); {
		*work++
		if star == len(g)-1 && star >= 0 {
			return true // the last star takes what is left
		}
		r, size := utf8.DecodeRuneInString(name[i:])
		switch {
		case at < len(g) && g[at].star:
			star, mark = at, i
			at++
		case at < len(g) && g[at].has(r, size):
			at++
			i += size
		case star >= 0:
			_, size = utf8.DecodeRuneInString(name[mark:])
			mark += size
			at, i = star+1, mark
		default:
			return false
		}
	}
	for at < len(g) && g[at].star {
		at++
	}
	return at == len(g)
}

// has tells whether the set has r. A byte that is not UTF-8 (size 1) is in no set but a negated one.
func (t *token) has(r rune, size int) bool {
	if r == utf8.RuneError && size == 1 {
		return t.negate
	}
	for _, rs := range t.ranges {
		if rs.low <= r && r <= rs.high {
			return !t.negate
		}
	}
	return t.negate
}

// isPlain tells that s has none of the characters that mean something in a segment.
func isPlain(s string) bool { return !strings.ContainsAny(s, "*?[]{}") }

// compileGlob reads a segment without slashes.
func compileGlob(s string) (g glob, err error) {
	for s != "" {
		r, size := utf8.DecodeRuneInString(s)
		t := token{ranges: []runes{{r, r}}}
		switch r {
		case '*':
			t = token{star: true}
			if strings.HasPrefix(s, "**") {
				return nil, errors.New(`"**" must be a whole segment, between slashes`)
			}
		case '?':
			t = token{negate: true}
		case '[':
			t, size, err = compileSet(s)
			if err != nil {
				return nil, err
			}
		case ']':
			return nil, errors.New(`"]" without "["`)
		case '{', '}':
			return nil, fmt.Errorf("%q: a {capture} must be a whole segment, between slashes", s)
		}
		g, s = append(g, t), s[size:]
	}
	return g, nil
}

// compileSet reads the set that s begins with, such as [a-z], [^a-z] or [!a-z]; size is its length in bytes.
func compileSet(s string) (t token, size int, err error) {
	end := strings.IndexByte(s, ']')
	if end < 0 {
		return t, 0, fmt.Errorf(`%q has no "]"`, s)
	}
	whole, body := s[:end+1], s[1:end]
	if body != "" && (body[0] == '^' || body[0] == '!') {
		t.negate, body = true, body[1:]
	}
	set := []rune(body)
	if len(set) == 0 {
		return t, 0, fmt.Errorf("%q names no character", whole)
	}
	for i := 0; i < len(set); i++ {
		r := runes{set[i], set[i]}
		if i+2 < len(set) && set[i+1] == '-' {
			r.high = set[i+2]
			i += 2
		}
		if r.high < r.low {
			return t, 0, fmt.Errorf("%q: %c comes after %c", whole, r.low, r.high)
		}
		t.ranges = append(t.ranges, r)
	}
	return t, len(whole), nil
}
