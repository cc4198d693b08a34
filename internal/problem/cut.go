package problem

import "unicode/utf8"

// Cut bounds what others bring into a message: at most limit bytes of text, cut between two characters and then with an
// ellipsis at the end. A limit has room for that, 3 bytes.
func Cut(text string, limit int) string {
	const more = "…"
	if len(text) <= limit {
		return text
	}
	end := limit - len(more)
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + more
}
