package scaffold

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"whichrole/internal/output"
)

// scalar writes a text as YAML: as it stands where nothing could read it as anything else, else in double quotes. It must be
// writable: Go and YAML then quote alike. CI systems take ## for the beginning of a command, wherever it stands in their logs.
func scalar(s string) string {
	if isPlain(s) {
		return s
	}
	return strings.ReplaceAll(strconv.Quote(s), "##", `#\x23`)
}

// isPlain tells that a text needs no quotes, in brackets neither. A word that YAML 1.1 reads as true, false or null does.
func isPlain(s string) bool {
	switch strings.ToLower(s) {
	case "", "true", "false", "yes", "no", "on", "off", "y", "n", "null":
		return false
	}
	arn := strings.HasPrefix(s, "arn:") && !strings.HasSuffix(s, ":")
	for i := range len(s) {
		c := s[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || !('0' <= c && c <= '9' || strings.IndexByte("_./@=+-", c) >= 0 || c == ':' && arn)) {
			return false
		}
	}
	return true
}

// flow writes texts in brackets.
func flow(texts []string) string {
	quoted := make([]string, 0, len(texts))
	for _, s := range texts {
		quoted = append(quoted, scalar(s))
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// remark makes a text fit for a comment: it stays on its line, and YAML takes every character of it.
func remark(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, output.Printable(s))
}

// writable tells whether a text may be a value of a role map and then means itself, without a variable.
func writable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r == '{' || r == '}' || !unicode.IsPrint(r) })
}

// isProfile tells that a role map can name the profile.
func isProfile(name string) bool { return name != "" && len(name) <= 256 && writable(name) }
