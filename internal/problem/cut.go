package problem

import "unicode/utf8"

// Cut bounds what others bring into a message: at most limit bytes of text, cut between two characters and then with an
// ellipsis (3 bytes) at the end.
func Cut(text string, limit int) string {
	const more = "…"
	if len(text) <= limit {
		return text
	}
	end := max(limit-len(more), 0)
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + more
}
