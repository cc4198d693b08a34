package gitrepo

import "strings"

// originURL is the first url of [remote "origin"] in the text of a git configuration (git-config(1), "Syntax"), or "".
func originURL(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = strings.ReplaceAll(text, "\\\n", "") // a value goes on in the next line
	inOrigin := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			inOrigin, line = section(line)
		}
		key, value, _ := strings.Cut(line, "=")
		if inOrigin && strings.EqualFold(strings.TrimSpace(key), "url") {
			return unquote(strings.TrimSpace(value))
		}
	}
	return ""
}

// section reads a header such as [remote "origin"], tells whether it is that one, and returns what follows on the line.
func section(line string) (isOrigin bool, rest string) {
	name, after, quoted := strings.Cut(line[1:], `"`)
	if end := strings.IndexByte(name, ']'); end >= 0 || !quoted {
		name, rest, _ = strings.Cut(line[1:], "]") // [core], and [remote.origin] of old
		return strings.EqualFold(name, "remote.origin"), strings.TrimSpace(rest)
	}
	var sub strings.Builder
	for i := 0; i < len(after); i++ {
		switch c := after[i]; {
		case c == '\\' && i+1 < len(after):
			i++
			sub.WriteByte(after[i])
		case c == '"':
			rest, _ = strings.CutPrefix(after[i+1:], "]")
			return strings.EqualFold(strings.TrimSpace(name), "remote") && sub.String() == "origin", strings.TrimSpace(rest)
		default:
			sub.WriteByte(c)
		}
	}
	return false, ""
}

// unquote takes the quotes, escapes and the comment out of a value.
func unquote(value string) string {
	var b strings.Builder
	quoted, end := false, 0 // end: spaces behind it are kept only where more follows
	for i := 0; i < len(value); i++ {
		c := value[i]
		switch {
		case c == '"':
			quoted = !quoted
			end = b.Len()
			continue
		case (c == '#' || c == ';') && !quoted:
			return b.String()[:end]
		case c == '\\' && i+1 < len(value):
			i++
			c = value[i]
		}
		b.WriteByte(c)
		if quoted || c != ' ' && c != '\t' {
			end = b.Len()
		}
	}
	return b.String()[:end]
}
