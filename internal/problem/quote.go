package problem

import (
	"runtime"
	"strings"
)

// Quote makes s one word of a command line to paste: as it stands where it is harmless, else in quotes. On Windows no
// quotes hold in cmd and PowerShell alike ($ and ` run in the double ones, & behind the single ones), so what needs more
// than a space is left out there, and the hint is one to read.
func Quote(s string) string { return quoteFor(runtime.GOOS, s) }

func quoteFor(goos, s string) string {
	if s != "" && strings.IndexFunc(s, needsQuotes) < 0 {
		return s
	}
	if goos == "windows" {
		plain := strings.ReplaceAll(s, `\`, "")
		switch {
		case plain != "" && strings.IndexFunc(plain, needsQuotes) < 0:
			return s
		case strings.IndexFunc(strings.ReplaceAll(plain, " ", ""), needsQuotes) < 0:
			return `"` + s + `"`
		}
		return "…"
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
