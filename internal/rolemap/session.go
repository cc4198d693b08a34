package rolemap

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// What STS allows, from the AssumeRole page of its API reference.
const (
	minDuration     = 15 * time.Minute
	maxDuration     = 12 * time.Hour
	maxChained      = time.Hour // for a role that is assumed by a role
	minSessionName  = 2
	maxSessionName  = 64
	maxExternalID   = 1224
	maxTags         = 50
	maxTagKey       = 128
	maxTagValue     = 256
	maxPolicyARNs   = 10
	maxInlinePolicy = 2048
)

// defaultSessionName is what a session is called where the map does not say and no CI system runs us: CloudTrail must show a
// person.
const defaultSessionName = "{user}-{env}"

// FitSessionName makes s acceptable to STS as a session name or source identity: 2 to 64 characters of [\w+=,.@-]. Other
// characters become "-"; what is too long loses its middle for "--", so that both the user and the environment can be told.
func FitSessionName(s string) string {
	fitted := strings.Map(func(r rune) rune {
		if isSTSRune(r) {
			return r
		}
		return '-'
	}, s)
	if n := len(fitted); n > maxSessionName {
		half := (maxSessionName - 2) / 2
		fitted = fitted[:half] + "--" + fitted[n-half:]
	}
	for len(fitted) < minSessionName {
		fitted += "-"
	}
	return fitted
}

// isSTSRune is [\w+=,.@-], which IAM uses for names too.
func isSTSRune(r rune) bool {
	return r < utf8.RuneSelf && (isWordByte(byte(r)) || strings.IndexByte("+=,.@-", byte(r)) >= 0)
}

func isSTSName(s string) bool {
	for i := range len(s) {
		if !isSTSRune(rune(s[i])) {
			return false
		}
	}
	return s != ""
}

func isWordByte(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || b == '_'
}

// parseDuration reads 1h, 45m, 1h30m, 3600s or 3600 (seconds) and holds it against STS's 15m to 12h.
func parseDuration(s string) (time.Duration, *flaw) {
	const hint = "write it as 1h, 45m, 1h30m or 3600 (seconds)"
	spelled := s
	if isDigits(s) {
		spelled += "s"
	}
	if strings.Trim(spelled, "0123456789hms") != "" || strings.Contains(spelled, "ms") {
		return 0, flawed(hint, "%s is not a duration", s)
	}
	d, err := time.ParseDuration(spelled)
	if err != nil {
		return 0, flawed(hint, "%s is not a duration", s)
	}
	if d < minDuration || d > maxDuration {
		return 0, flawed("STS takes 15m to 12h", "duration %s is out of bounds", s)
	}
	return d, nil
}

// externalIDFlaw: 2 to 1224 characters of [\w+=,.@:/-].
func externalIDFlaw(s string) *flaw {
	if len(s) < 2 || len(s) > maxExternalID || !isExternalID(s) {
		return flawed("STS takes 2 to 1224 characters of A-Z a-z 0-9 _ + = , . @ : / -", "%s cannot be an external_id", shorten(s))
	}
	return nil
}

func isExternalID(s string) bool {
	for i := range len(s) {
		if !isSTSRune(rune(s[i])) && s[i] != ':' && s[i] != '/' {
			return false
		}
	}
	return true
}

const tagHint = "STS takes letters, digits, spaces and _ . : / = + - @ in tags"

func tagKeyFlaw(key string) *flaw {
	switch {
	case utf8.RuneCountInString(key) > maxTagKey:
		return flawed("", "the tag key %s is longer than %d characters", shorten(key), maxTagKey)
	case len(key) >= 4 && strings.EqualFold(key[:4], "aws:"):
		return flawed("", "the tag key %s begins with aws:, which is AWS's own", shorten(key))
	case !isTagText(key):
		return flawed(tagHint, "the tag key %s has a character that STS does not take", shorten(key))
	}
	return nil
}

func tagValueFlaw(key, value string) *flaw {
	switch {
	case utf8.RuneCountInString(value) > maxTagValue:
		return flawed("", "the value of tag %s is longer than %d characters: %s", key, maxTagValue, shorten(value))
	case !isTagText(value):
		return flawed(tagHint, "the value of tag %s has a character that STS does not take: %s", key, shorten(value))
	}
	return nil
}

// isTagText is STS's [\p{L}\p{Z}\p{N}_.:/=+\-@]*.
func isTagText(s string) bool {
	for _, r := range s {
		if !unicode.In(r, unicode.L, unicode.Z, unicode.N) && !strings.ContainsRune("_.:/=+-@", r) {
			return false
		}
	}
	return true
}

// shorten keeps a message readable when it quotes something long.
func shorten(s string) string { return cut(s, 60) }

// clipped is for a text that thousands of messages repeat.
func clipped(s string) string { return cut(s, 200) }

func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most-5]) + "[...]"
	}
	return s
}
