package creds

import "strings"

// Bounds in bytes. AWS's ids have 20 and its secrets 40; it speaks of tokens of 4,096 at most and advises against assuming a
// size.
const (
	minKeyID, maxKeyID = 16, 128
	maxSecret          = 128
	maxToken           = 16 << 10
)

// IsSession tells whether id, secret and session token are all there and look like what they claim to be. What is handed out
// ends up in shells and files, so there is nothing but visible ASCII in them, wherever they came from.
func (c Credentials) IsSession() bool { return c.IsKey() && Visible(c.SessionToken.Reveal(), maxToken) }

// IsKey is IsSession without a look at the session token.
func (c Credentials) IsKey() bool {
	id := c.AccessKeyID
	return len(id) >= minKeyID && Visible(id, maxKeyID) && !strings.ContainsFunc(id, notWord) && Visible(c.SecretAccessKey.Reveal(), maxSecret)
}

// Visible tells whether s is visible ASCII, not empty, and at most that many bytes long: fit for a header, a file, a shell.
func Visible(s string, most int) bool {
	return s != "" && len(s) <= most && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

func notWord(r rune) bool {
	return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}
