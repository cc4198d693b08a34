package problem

import (
	"runtime"
	"strings"
)

// Quote makes s one word of a command line to paste: as it stands where it is harmless, else in the quotes of the system's
// own shell (POSIX sh; on Windows double quotes, and any " in it is dropped, since no file name has one).
func Quote(s string) string { return quoteFor(runtime.GOOS, s) }

func quoteFor(goos, s string) string {
	if s != "" && strings.IndexFunc(s, needsQuotes) < 0 {
		return s
	}
	if goos == "windows" {
		if plain := strings.ReplaceAll(s, `\`, ""); plain != "" && strings.IndexFunc(plain, needsQuotes) < 0 {
			return s
		}
		return `"` + strings.ReplaceAll(s, `"`, "") + `"`
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func needsQuotes(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		return false
	}
	return !strings.ContainsRune("_+=,.@:/-", r)
}
