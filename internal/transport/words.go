package transport

import (
	"net/url"
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
	encodedMessage = onNeed(`(?i)\s*encoded authorization (failure )?message:.*`)

	// What is as long as this and looks like base64 may be a token, or a part of one.
	tokenLike = onNeed(`[A-Za-z0-9+/=_%-]{100,}`)
)

// onNeed compiles a pattern when it is first used. At start the patterns here cost each cached answer 1 ms.
func onNeed(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

// Quote makes a text of AWS's fit for an error: without these secrets, without encoded authorization messages, on one line
// and at most 512 bytes long. The secrets go first: cut or folded they would not be recognized. The longer one of two that
// overlap must come first.
func Quote(text string, secrets ...creds.Secret) string {
	for _, secret := range secrets {
		if secret.Empty() {
			continue
		}
		text = strings.ReplaceAll(text, secret.Reveal(), "(hidden)")
		text = strings.ReplaceAll(text, url.QueryEscape(secret.Reveal()), "(hidden)")
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	text = strings.Join(strings.Fields(text), " ")
	text = encodedMessage().ReplaceAllString(text, "")
	text = tokenLike().ReplaceAllString(text, "(hidden)")
	return strings.TrimSuffix(problem.Cut(text, maxMessage), ".")
}
