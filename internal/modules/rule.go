package modules

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"
)

// rule is one line of a .gitignore, as gitignore(5) and git's dir.c and wildmatch.c have it.
type rule struct {
	negated bool   // !: wanted again
	dirOnly bool   // a trailing slash
	path    bool   // a slash elsewhere: it is matched against the path from the file's directory, not the name alone
	prefix  string // what the name begins with
	suffix  string // and ends with
	glob    string // doublestar's pattern for the characters that follow prefix, suffix included; "" where those two say all
	star    bool   // one star stands between prefix and suffix
}

const special = `*?[\`

// compileRule reads a line without its line feed; false where it says nothing, or what no name can match.
func compileRule(line string) (r rule, ok bool) {
	if strings.HasPrefix(line, "#") {
		return r, false
	}
	line, _, _ = strings.Cut(line, "\x00") // git's strings end there
	line = trimSpaces(strings.TrimSuffix(line, "\r"))
	line, r.negated = strings.CutPrefix(line, "!")
	line, r.dirOnly = strings.CutSuffix(line, "/")
	r.path = strings.Contains(line, "/")
	line = strings.TrimPrefix(line, "/")
	if line == "" || strings.HasSuffix(line, "/") { // no name ends with one
		return r, false
	}
	wild := strings.IndexAny(line, special)
	if wild < 0 {
		r.prefix = line
		return r, true
	}
	r.prefix, line = line[:wild], line[wild:]
	r.suffix = line[strings.LastIndexAny(line, special+"]/")+1:]
	if line == "*"+r.suffix {
		r.star = true
		return r, true
	}
	r.glob, ok = translate(line, r.path)
	return r, ok
}

// trimSpaces cuts trailing spaces, but not one behind a backslash.
func trimSpaces(line string) string {
	trimmed := strings.TrimRight(line, " ")
	slashes := len(trimmed) - len(strings.TrimRight(trimmed, `\`))
	if slashes%2 == 1 && len(trimmed) < len(line) {
		return line[:len(trimmed)+1]
	}
	return trimmed
}

// matches tells whether the rule is about an entry: path counts from the directory of the rule's file, base is its last
// part. work grows by about the nanoseconds that it takes at most.
func (r *rule) matches(path, base string, dir bool, work *int64) bool {
	*work += 5
	name := base
	if r.path {
		name = path
	}
	if r.dirOnly && !dir || len(name) < len(r.prefix)+len(r.suffix) || !strings.HasPrefix(name, r.prefix) || !strings.HasSuffix(name, r.suffix) {
		return false
	}
	rest := name[len(r.prefix):]
	switch {
	case r.glob != "":
		*work += int64(len(r.glob)) * int64(len(rest)+1)
		return doublestar.MatchUnvalidated(r.glob, characters(rest)) || rest == "" && r.glob == "**/*" // a**/* is about a, says git
	case r.star:
		return !strings.Contains(rest[:len(rest)-len(r.suffix)], "/")
	}
	return rest == ""
}

// translate makes doublestar's pattern of git's. Its braces mean nothing to git, its sets may match a slash, and a/** matches
// a. That ** is a whole segment at the start of p, even behind a prefix, is as git has it.
func translate(p string, path bool) (glob string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(p); {
		size := 1
		switch p[i] {
		case '*':
			size = len(p[i:]) - len(strings.TrimLeft(p[i:], "*"))
			b.WriteString("**"[:min(size, 2)])
			if size > 1 && !path {
				return translate(strings.ReplaceAll(p, "**", "*"), path)
			}
		case '?':
			b.WriteByte('?')
		case '[':
			var set string
			if set, size, ok = translateSet(p[i:]); !ok {
				return "", false
			}
			b.WriteString(set)
		case '\\':
			if i+1 == len(p) {
				return "", false
			}
			literal(&b, p[i+1])
			size = 2
		default:
			literal(&b, p[i])
		}
		i += size
	}
	segments := slices.CompactFunc(strings.Split(b.String(), "/"), func(a, b string) bool { return a == "**" && b == "**" })
	if n := len(segments); n > 1 && segments[n-1] == "**" {
		segments = append(segments, "*")
	}
	return strings.Join(segments, "/"), true
}

func literal(b *strings.Builder, c byte) {
	if strings.IndexByte(`*?[]{}\`, c) >= 0 {
		b.WriteByte('\\')
	}
	b.WriteRune(rune(c))
}

// characters makes each byte of name a character of its own, as git has it: doublestar's ? and [] are for whole ones.
func characters(name string) string {
	if strings.IndexFunc(name, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
		return name
	}
	var b strings.Builder
	for i := range len(name) {
		b.WriteRune(rune(name[i]))
	}
	return b.String()
}
