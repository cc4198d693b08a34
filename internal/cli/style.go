package cli

import (
	"whichrole/internal/output"
	"whichrole/internal/prompt"
)

// A style paints text for a terminal, or leaves it as it is. What it is given is made safe first.
type style struct{ on bool }

// style is for stdout: colours where it is a terminal, unless NO_COLOR (no-color.org) is set.
func (a *app) style() style {
	out, ok := a.stdout.(*checked)
	return style{ok && a.env["NO_COLOR"] == "" && a.env["TERM"] != "dumb" && prompt.TakesEscapes(out.w)}
}

func (s style) good(text string) string { return s.paint("32", text) }
func (s style) bad(text string) string  { return s.paint("31", text) }
func (s style) odd(text string) string  { return s.paint("33", text) }
func (s style) bold(text string) string { return s.paint("1", text) }
func (s style) dim(text string) string  { return s.paint("2", text) }

func (s style) paint(code, text string) string {
	text = output.Printable(text)
	if !s.on {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}
