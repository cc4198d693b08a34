package modules

import "strings"

// span is the characters from low to high.
type span struct{ low, high rune } // bytes: see characters

// translateSet makes doublestar's set of git's that p begins with, such as [a-z], [!a-z], []a] or [[:digit:]]; size is its
// length in bytes. No set matches a slash. It is false where git matches nothing: the set does not end, is empty, or names a
// class that is none.
func translateSet(p string) (set string, size int, ok bool) {
	i := 1
	negated := i < len(p) && (p[i] == '!' || p[i] == '^')
	if negated {
		i++
	}
	var spans []span
	for first := true; first || i < len(p) && p[i] != ']'; first = false {
		class, length, known := className(p[i:])
		if length > 0 {
			if !known {
				return "", 0, false
			}
			spans = append(spans, class...)
			i += length
			continue
		}
		one, length := readSpan(p[i:])
		if length == 0 {
			return "", 0, false
		}
		spans = append(spans, one)
		i += length
	}
	if i >= len(p) {
		return "", 0, false
	}
	return writeSet(spans, negated), i + 1, negated || len(withoutSlash(spans)) > 0
}

// readSpan reads one character, which a backslash may stand before, or two with a dash between; length 0 where p ends.
func readSpan(p string) (s span, length int) {
	low, n := character(p)
	if n == 0 {
		return s, 0
	}
	s = span{low, low}
	if len(p) > n+1 && p[n] == '-' && p[n+1] != ']' {
		high, m := character(p[n+1:])
		if m == 0 {
			return s, 0
		}
		s.high = max(low, high) // [z-a] is z
		n += 1 + m
	}
	return s, n
}

func character(p string) (c rune, length int) {
	rest, escaped := strings.CutPrefix(p, `\`)
	switch {
	case rest == "":
		return 0, 0
	case escaped:
		return rune(rest[0]), 2
	}
	return rune(rest[0]), 1
}

// className reads a class such as [:alpha:]; length 0 where p begins with none, known false where nobody knows its name.
func className(p string) (spans []span, length int, known bool) {
	if !strings.HasPrefix(p, "[:") {
		return nil, 0, false
	}
	end := strings.IndexByte(p[2:], ']')
	if end < 1 || p[2+end-1] != ':' {
		return nil, 0, false
	}
	ends := classes(p[2 : 2+end-1])
	for i := 0; i+1 < len(ends); i += 2 {
		spans = append(spans, span{rune(ends[i]), rune(ends[i+1])})
	}
	return spans, 2 + end + 1, ends != ""
}

// classes is the first and last character of each span of a class in ASCII.
func classes(name string) string {
	switch name {
	case "alnum":
		return "azAZ09"
	case "alpha":
		return "azAZ"
	case "blank":
		return "  \t\t"
	case "cntrl":
		return "\x01\x1f\x7f\x7f"
	case "digit":
		return "09"
	case "graph":
		return "!~"
	case "lower":
		return "az"
	case "print":
		return " ~"
	case "punct":
		return "!/:@[`{~"
	case "space":
		return "\t\n\r\r  " // git's own isspace, without \v and \f
	case "upper":
		return "AZ"
	case "xdigit":
		return "09afAF"
	}
	return ""
}

func withoutSlash(spans []span) (without []span) {
	for _, s := range spans {
		for _, part := range []span{{s.low, min(s.high, '/'-1)}, {max(s.low, '/'+1), s.high}} {
			if part.low <= part.high {
				without = append(without, part)
			}
		}
	}
	return without
}

// writeSet is the set as doublestar reads it.
func writeSet(spans []span, negated bool) string {
	var b strings.Builder
	b.WriteByte('[')
	spans = withoutSlash(spans)
	if negated {
		b.WriteByte('^')
		spans = append(spans, span{'/', '/'})
	}
	for _, s := range spans {
		b.WriteByte('\\')
		b.WriteRune(s.low)
		if s.high > s.low {
			b.WriteString(`-\`)
			b.WriteRune(s.high)
		}
	}
	b.WriteByte(']')
	return b.String()
}
