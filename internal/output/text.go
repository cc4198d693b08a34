package output

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"whichrole/internal/problem"
)

// Printable shows control, escape and bidirectional characters, line breaks among them, as \xNN, byte by byte, and so
// bytes that are not UTF-8. What it returns stays on its line and moves no cursor. Of ## the second is shown so too: GitHub
// Actions and Azure Pipelines take ##[…] and ##vso[…] for commands, wherever they stand in a line of a log.
func Printable(s string) string {
	clean := !strings.Contains(s, "##")
	for _, r := range s {
		if r == utf8.RuneError || hidden(r) {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	var b strings.Builder
	for last := rune(0); len(s) > 0; {
		r, size := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && size == 1 || hidden(r) || r == '#' && last == '#' {
			for i := range size {
				fmt.Fprintf(&b, `\x%02x`, s[i])
			}
		} else {
			b.WriteString(s[:size])
		}
		last, s = r, s[size:]
	}
	return b.String()
}

// hidden characters change what a terminal shows without being seen: Unicode's controls, format characters (bidirectional
// marks, zero-width ones, tags) and its own line and paragraph separators.
func hidden(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029'
}

// JSON writes one value, indented, in one write. Characters that a terminal would obey, or with ## a CI system, are written as
// \uXXXX: the same to every parser.
func JSON(w io.Writer, value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	var b bytes.Buffer
	last := rune(0)
	for _, r := range string(text) {
		again := r == '#' && last == '#'
		last = r
		if !again && (r < 0x7f || !hidden(r)) {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	b.WriteByte('\n')
	_, err = w.Write(b.Bytes())
	return err
}

// Expand replaces each {name} of a format by its value. Characters of a value outside [\w+=,.@:/-] become _, so that a
// directory's name cannot run anything from a shell prompt. The rest of the format is the user's own and stays, with
// \n and \t read as a line break and a tab. An unknown name is wrong usage.
func Expand(format string, values map[string]string) (string, error) {
	format = strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace(format)
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(format, "{")
		b.WriteString(before)
		if !found {
			return b.String(), nil
		}
		name, after, closed := strings.Cut(rest, "}")
		value, known := values[name]
		if !closed || !known {
			return "", unknownField(name, values)
		}
		b.WriteString(tame(value))
		format = after
	}
}

func unknownField(name string, values map[string]string) error {
	names := make([]string, 0, len(values))
	for n := range values {
		names = append(names, "{"+n+"}")
	}
	slices.Sort(names)
	return problem.New(problem.Usage, "--format: unknown field {%s}", name).WithHint("the fields are %s", strings.Join(names, ", "))
}

func tame(value string) string {
	return strings.Map(func(r rune) rune {
		if isTame(r) {
			return r
		}
		return '_'
	}, value)
}

// isTame tells of a character that means nothing to any shell or prompt.
func isTame(r rune) bool {
	return r < utf8.RuneSelf && (isWord(byte(r)) || strings.ContainsRune("+=,.@:/-", r))
}

func isWord(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_'
}
