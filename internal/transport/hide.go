package transport

import (
	"strconv"
	"strings"
	"unicode"

	"whichrole/internal/creds"
)

const hidden = "(hidden)"

// telling is how many letters and digits of a secret in a row give some of it away. A secret that is shorter is hidden whole.
const telling = 12

// letter is a letter or digit of a text, in lower case, and where in the text it stands: escaped it is longer than one byte.
type letter struct {
	value    byte
	from, to int
}

// letters leaves out all that an encoding may change or put in between: what base64 has beside letters and digits, escapes,
// the breaks of folded lines.
func letters(text string) []letter {
	list := make([]letter, 0, len(text))
	for i := 0; i < len(text); {
		c, width := unescaped(text[i:])
		switch {
		case 'A' <= c && c <= 'Z':
			list = append(list, letter{c + 'a' - 'A', i, i + width})
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			list = append(list, letter{c, i, i + width})
		}
		i += width
	}
	return list
}

// unescaped is the first character of a text, and how many bytes it takes there: as it is, as in URLs (%2B) or as in JSON
// (\u002b).
func unescaped(text string) (c byte, width int) {
	prefix, digits := 0, 0
	switch {
	case text[0] == '%' && len(text) >= 3:
		prefix, digits = 1, 2
	case strings.HasPrefix(text, `\u`) && len(text) >= 6:
		prefix, digits = 2, 4
	}
	n, err := strconv.ParseUint(text[prefix:prefix+digits], 16, 16)
	if err != nil || n > unicode.MaxASCII {
		return text[0], 1
	}
	return byte(n), prefix + digits
}

func values(list []letter) string {
	b := make([]byte, len(list))
	for i, l := range list {
		b[i] = l.value
	}
	return string(b)
}

// hide replaces all that the text shows of the secrets.
func hide(text string, secrets []creds.Secret) string {
	list := letters(text)
	shown := values(list)
	covered := make([]bool, len(list))
	for _, secret := range secrets {
		cover(covered, shown, values(letters(secret.Reveal())))
	}
	var b strings.Builder
	end := 0 // of what is written or hidden
	for i := 0; i < len(list); i++ {
		if !covered[i] {
			continue
		}
		b.WriteString(text[end:list[i].from])
		b.WriteString(hidden)
		for i+1 < len(list) && covered[i+1] {
			i++
		}
		for end = list[i].to; end < len(text) && strings.IndexByte("+/=", text[end]) >= 0; { // how base64 may end
			end++
		}
	}
	return b.String() + text[end:]
}

// cover marks what in shown is part of the secret.
func cover(covered []bool, shown, secret string) {
	size := min(telling, len(secret))
	if size == 0 {
		return
	}
	parts := make(map[string]bool, len(secret))
	for i := 0; i+size <= len(secret); i++ {
		parts[secret[i:i+size]] = true
	}
	for i := 0; i+size <= len(shown); i++ {
		if parts[shown[i:i+size]] {
			for j := range size {
				covered[i+j] = true
			}
		}
	}
}
