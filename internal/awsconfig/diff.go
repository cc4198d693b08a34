package awsconfig

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Diff shows what was changed as diff -U0 does, each hunk below the section that it is in. Other lines of the file are not in
// it, and of what is removed only values that are no secrets.
func (d *Draft) Diff() (list []string) {
	old, new, section := 0, 0, ""
	for i := 0; i < len(d.rows); {
		if d.rows[i].mark == kept {
			section = cmp.Or(heading(d.rows[i].text), section)
			old, new, i = old+1, new+1, i+1
			continue
		}
		var minus, plus []string
		for ; i < len(d.rows) && d.rows[i].mark != kept; i++ {
			if heading(d.rows[i].text) != "" {
				section = ""
			}
			switch r := d.rows[i]; {
			case r.mark == added:
				plus = append(plus, "+"+shown(r.text))
			case r.text != "":
				minus = append(minus, "-"+shown(r.text))
			}
		}
		if len(minus)+len(plus) == 0 {
			continue
		}
		list = append(list, fmt.Sprintf("@@ -%s +%s @@%s", span(old, len(minus)), span(new, len(plus)), section))
		list = append(append(list, minus...), plus...)
		old, new = old+len(minus), new+len(plus)
	}
	return list
}

// heading is a section's header after a blank, "" for any other line.
func heading(line string) string {
	line = strings.TrimSpace(line)
	if header, ok := headerOf(line); ok && line[0] == '[' {
		return " [" + header + "]"
	}
	return ""
}

// span is a hunk's place as diff has it: an empty one is after its line.
func span(before, n int) string {
	if n > 0 {
		before++
	}
	if n == 1 {
		return fmt.Sprint(before)
	}
	return fmt.Sprintf("%d,%d", before, n)
}

// shown is a line without its ending and without what may be a secret: the values of settings that are not known to be none, comments,
// which hold keys that were switched off, and further lines of a value, of which any part may look like a key.
func shown(line string) string {
	line = strings.TrimRight(line, "\r\n")
	indent := blanks(line)
	key, _, ok := property(line)
	switch {
	case strings.TrimSpace(line) == "":
		return line
	case isNote(line):
		return indent + line[len(indent):][:1] + hidden
	case heading(line) != "":
		return cut(line, strings.IndexAny(line, "#;"))
	case ok && slices.Contains([]string{"region", "credential_process", "output"}, key):
		return cut(line, len(withoutComment(line)))
	case ok && indent == "" && !strings.ContainsFunc(key, func(r rune) bool { return !isPlainIn(r, false) }):
		return line[:strings.IndexAny(line, "=:")+1] + hidden
	}
	return indent + hidden[1:]
}

// hidden stands for what is not shown.
const hidden = " …"

// cut hides the comment of a line that begins at or after its byte i; -1 for none.
func cut(line string, i int) string {
	if i < 0 || i == len(line) {
		return line
	}
	return strings.TrimRight(line[:i], " \t") + " #" + hidden
}
