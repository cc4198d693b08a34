package cli

import (
	"io"
	"strings"
	"unicode/utf8"

	"whichrole/internal/prompt"
)

// columnsOf is how long a line may be on the terminal that w prints to; 0 for any length, where it is none or tells nothing.
func columnsOf(w io.Writer) int {
	out, ok := w.(*checked)
	if !ok {
		return 0
	}
	return prompt.Columns(out.w)
}

// narrowest is the length below which text is left to the terminal: columns of a few characters read worse.
const narrowest = 20

// wrapped is a text in lines of that many characters, cut at spaces; a longer word has a line of its own.
func wrapped(text string, length int) []string {
	if length < narrowest {
		return []string{text}
	}
	var list []string
	for i, word := range strings.Split(text, " ") {
		last := len(list) - 1
		if i > 0 && utf8.RuneCountInString(list[last])+1+utf8.RuneCountInString(word) <= length {
			list[last] += " " + word
			continue
		}
		list = append(list, word)
	}
	return list
}

// hanging is a text that begins in a column and, on a terminal of that many columns, goes on below it. What is to be pasted stays
// one line.
func hanging(text string, column, columns int, paint func(string) string) string {
	lines := wrapped(text, columns-column)
	for i, line := range lines {
		lines[i] = paint(line)
	}
	return strings.Join(lines, "\n"+strings.Repeat(" ", column))
}
