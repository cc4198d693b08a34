package awsconfig

import (
	"slices"
	"strings"

	"whichrole/internal/problem"
)

// append puts a new profile at the end of the file.
func (d *Draft) append(id sectionID, settings []Pair) {
	end := "\n"
	if last := d.neighbour(len(d.rows), -1); last >= 0 {
		end = d.ending(last)
		if !strings.HasSuffix(d.rows[last].text, "\n") {
			d.rows[last].text += end
		}
		if !d.isEmpty(last) {
			d.rows = append(d.rows, row{end, added})
		}
	}
	for _, line := range SectionOf(id.name, settings...) {
		d.rows = append(d.rows, row{line + end, added})
	}
}

// put gives a section one setting.
func (d *Draft) put(x *extent, p Pair) error {
	s, ok := x.Get(p.Key)
	if !ok {
		d.insert(x, p)
		return nil
	}
	i := d.rowOf(s.Line)
	if len(s.Sub) > 0 || strings.Contains(s.Text(), "\n") {
		return problem.New(problem.Failure, "%s: %s goes over several lines", position(d.file, d.lineOf(i)), p.Key).WithHint("put it on one line, in an editor")
	}
	d.replace(i, p.Value)
	return nil
}

// insert puts a setting first in its section, as far indented as what follows: botocore takes a line that is further indented
// than the one above for a part of that.
func (d *Draft) insert(x *extent, p Pair) {
	indent, next := "", x.head+1
	for i := next; i < x.end; i++ {
		if text := d.rows[i].text; d.live(i) && !isNote(text) {
			indent = blanks(text)
			break
		}
	}
	end := d.ending(x.head)
	if head := &d.rows[x.head]; !strings.HasSuffix(head.text, "\n") {
		head.text += end
	}
	d.rows = slices.Insert(d.rows, next, row{indent + p.Key + " = " + p.Value + end, added})
}

// replace gives the setting of that row another value. A comment behind the old one, which botocore would take for a part of it,
// gets a line of its own.
func (d *Draft) replace(i int, value string) {
	text := d.rows[i].text
	body := strings.TrimRight(text, "\r\n")
	at := strings.IndexAny(body, "=:") + 1
	if strings.Trim(body[at:], " \t") == value {
		return
	}
	lines := []row{{body[:at] + blanks(body[at:]) + value + text[len(body):], added}}
	if without := withoutComment(body); without != body {
		lines = slices.Insert(lines, 0, row{blanks(text) + strings.TrimLeft(body[len(without):], " \t") + d.ending(i), added})
	}
	d.drop(i)
	d.rows = slices.Insert(d.rows, i+1, lines...)
}

// blanks are those that a text begins with.
func blanks(text string) string { return text[:len(text)-len(strings.TrimLeft(text, " \t"))] }

// rowOf is the row of a line of the text as it is now.
func (d *Draft) rowOf(line int) int {
	for i := range d.rows {
		if d.live(i) {
			if line--; line == 0 {
				return i
			}
		}
	}
	return -1 // never: a parser has counted them
}

// lineOf is the line of the user's own file that a row is, from 1.
func (d *Draft) lineOf(i int) (line int) {
	for _, r := range d.rows[:i+1] {
		if r.mark == kept || r.mark == removed && r.text != "" {
			line++
		}
	}
	return line
}

// ending is the line ending at that row or, where it has none, above it.
func (d *Draft) ending(i int) string {
	for ; i >= 0; i-- {
		switch text := d.rows[i].text; {
		case strings.HasSuffix(text, "\r\n"):
			return "\r\n"
		case strings.HasSuffix(text, "\n"):
			return "\n"
		}
	}
	return "\n"
}

// isNote tells whether a line is empty or a comment.
func isNote(line string) bool {
	trimmed := strings.TrimSpace(line)
	return trimmed == "" || trimmed[0] == '#' || trimmed[0] == ';'
}

// SectionOf is a new profile, line by line.
func SectionOf(name string, settings ...Pair) []string {
	header := "[profile " + name + "]"
	if name == "default" {
		header = "[default]"
	}
	lines := []string{header}
	for _, s := range settings {
		lines = append(lines, s.Key+" = "+s.Value)
	}
	return lines
}
