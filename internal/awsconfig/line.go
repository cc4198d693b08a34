package awsconfig

import (
	"slices"
	"strings"
	"unicode"
)

// IsPlain tells whether path is absolute on that system (a GOOS) and one word of a credential_process line as it stands, for
// every SDK: those run the line by sh, by cmd.exe and by splitters of their own, and read it with INI readers that differ over
// quotes, comments and backslashes (CONTRACT.md).
func IsPlain(path, goos string) bool {
	rest := path
	if goos == "windows" { // C:\ alone: a \\server's quotes and backslashes are read in more than one way
		if len(path) < 3 || !isLetter(path[0]) || path[1] != ':' || path[2] != '\\' && path[2] != '/' {
			return false
		}
		rest = path[2:]
	}
	if !strings.HasPrefix(path, "/") && goos != "windows" || strings.HasSuffix(rest, `\`) {
		return false
	}
	return !strings.ContainsFunc(rest, func(r rune) bool { return !isPlainIn(r, goos == "windows") })
}

func isPlainIn(r rune, windows bool) bool {
	switch {
	case r < unicode.MaxASCII && (isLetter(byte(r)) || '0' <= r && r <= '9'):
		return true
	case r > unicode.MaxASCII: // readers on Windows take the file for one of its code page
		return !windows && r != unicode.ReplacementChar && (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r))
	case windows && strings.ContainsRune(`\~`, r): // C:\PROGRA~1
		return true
	}
	return strings.ContainsRune("_-./+@,", r)
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// Calls tells whether a credential_process line is whichrole with exactly these arguments, wherever the program lies, and by
// which word it is called, without quotes.
func Calls(line string, args ...string) (program string, yes bool) {
	program, rest := Program(line)
	if !IsWhichrole(program) || strings.ContainsAny(program, `"'`) || !slices.Equal(strings.Fields(rest), args) {
		return "", false
	}
	return program, true
}

// Program is the first word of a credential_process line, without the quotes that may hold its blanks together, and what follows.
func Program(line string) (program, rest string) {
	line = strings.TrimSpace(line)
	if line != "" && (line[0] == '"' || line[0] == '\'') {
		inside, after, closed := strings.Cut(line[1:], line[:1])
		if closed && (after == "" || isBlank(after[0])) {
			return inside, after
		}
	}
	i := strings.IndexAny(line, " \t")
	if i < 0 {
		return line, ""
	}
	return line[:i], line[i:]
}
