package transport

import (
	"regexp"
	"strings"
	"sync"
	"unicode"

	"whichrole/internal/creds"
	"whichrole/internal/problem"
)

const maxMessage = 512 // bytes of a text of AWS's that an error quotes

var (
	// An encoded authorization message holds the caller's policies' details and is some KiB long. DecodeAuthorizationMessage.
	encodedMessage = OnNeed(`(?i)\s*encoded authorization (failure )?message:.*`)

	// What is as long as this and looks like base64, or begins as a JWT does, may be a token or a part of one.
	tokenLike = OnNeed(`[A-Za-z0-9+/=_%-]{100,}|\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{4,}(\.[A-Za-z0-9_-]*)?`)
)

// OnNeed compiles a pattern when it is first used. At start the patterns of this package cost each cached answer 1 ms.
func OnNeed(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

// Quote makes a text of AWS's fit for an error: without these secrets, whole or in part, without encoded authorization
// messages, on one line and at most 512 bytes long. The secrets go first: cut or folded they would not be recognized.
func Quote(text string, secrets ...creds.Secret) string {
	text = hide(text, secrets)
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	text = strings.Join(strings.Fields(text), " ")
	text = encodedMessage().ReplaceAllString(text, "")
	text = tokenLike().ReplaceAllString(text, hidden)
	return strings.TrimSuffix(problem.Cut(text, maxMessage), ".")
}
