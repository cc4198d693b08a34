package main

import (
	"fmt"
	"strings"
)

// A look is how characters are painted: the class of a colour, "" for the terminal's own, and how strongly.
type look struct {
	colour    string
	bold, dim bool
}

// A span is text of one look.
type span struct {
	text string
	look look
}

// colours are SGR's (ECMA-48) from 30, and from 90 for the bright ones, which are drawn alike.
var colours = []string{"", "red", "green", "yellow", "blue", "magenta", "cyan", ""}

// parse takes lines of text with SGR sequences apart. Anything else that a terminal would obey is an error: capture-pane
// leaves nothing else, and the picture would show it as text.
func parse(text string) (lines [][]span, err error) {
	var now look
	for number, line := range strings.Split(text, "\n") {
		var runs []span
		for line != "" {
			plain, rest, escape := strings.Cut(line, "\x1b")
			if plain != "" {
				runs = append(runs, span{plain, now})
			}
			if !escape {
				break
			}
			codes, after, found := strings.Cut(rest, "m")
			if !found || !strings.HasPrefix(codes, "[") {
				return nil, fmt.Errorf("line %d: %q is no colour", number+1, "\x1b"+rest)
			}
			for _, code := range strings.Split(codes[1:], ";") {
				if !now.obey(code) {
					return nil, fmt.Errorf("line %d: the colour %q is not known", number+1, code)
				}
			}
			line = after
		}
		lines = append(lines, runs)
	}
	return lines, nil
}

func (l *look) obey(code string) bool {
	switch {
	case code == "" || code == "0":
		*l = look{}
	case code == "1":
		l.bold = true
	case code == "2":
		l.dim = true
	case code == "22":
		l.bold, l.dim = false, false
	case code == "39":
		l.colour = ""
	case len(code) == 2 && (code[0] == '3' || code[0] == '9') && code[1] <= '7':
		l.colour = colours[code[1]-'0']
	default:
		return code == "49" // the terminal's own background, which is all that we draw
	}
	return true
}

// wrap breaks lines at the right margin, as a terminal does.
func wrap(lines [][]span, columns int) (rows [][]span) {
	for _, line := range lines {
		row, left := []span{}, columns
		for _, r := range line {
			for text := []rune(r.text); len(text) > 0; {
				if left == 0 {
					rows, row, left = append(rows, row), nil, columns
				}
				n := min(left, len(text))
				row = append(row, span{string(text[:n]), r.look})
				text, left = text[n:], left-n
			}
		}
		rows = append(rows, row)
	}
	return rows
}
