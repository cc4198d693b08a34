package prompt

import (
	"strings"
	"unicode"

	"whichrole/internal/problem"
)

const maxText = 300 // bytes of a question: more than an ARN with its words, and less than a screen

// harmless makes a text fit for a dialog and a terminal alike: one line of letters, digits and some signs. What toolkits take
// for markup (<, &), for an escape (\) or for an option (- at the beginning) becomes ?, and so does what a terminal obeys, or
// writes the other way round.
func harmless(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	text = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" _.,:;/@+=-()'!?#", r) {
			return r
		}
		return '?'
	}, text)
	if strings.HasPrefix(text, "-") {
		text = "?" + text[1:]
	}
	return problem.Cut(text, maxText)
}
