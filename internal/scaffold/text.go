package scaffold

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"whichrole/internal/found"
)

const (
	maxLine    = 120 // columns that a list in brackets may reach
	maxComment = 100 // columns after which a comment goes on in the next line
)

// writeComment writes a text as a comment, in as many lines as it takes.
func writeComment(b *strings.Builder, indent, text string) {
	line := indent + "#"
	for word := range strings.FieldsSeq(remark(text)) {
		if len(line)+1+len(word) > maxComment && line != indent+"#" {
			b.WriteString(line + "\n")
			line = indent + "#"
		}
		line += " " + word
	}
	b.WriteString(line + "\n")
}

// text is the environment as it stands in the file, below environments.
func (e *environment) text() string {
	var b strings.Builder
	for _, note := range e.notes() {
		writeComment(&b, "  ", note)
	}
	fmt.Fprintf(&b, "  %s:\n", scalar(e.name))
	b.WriteString(e.body(e.origins))
	return b.String()
}

// stateStub is for what nobody said: where plan only reads, a backend that locks has to write its lock all the same.
const stateStub = "      # state: arn:aws:iam::ACCOUNT:role/NAME  # reads and writes the state: without it plan's role writes the lock"

// body are its keys. origin tells where the role of an operation is said.
func (e *environment) body(origin func(op string) string) string {
	var b strings.Builder
	writeList(&b, "    ", "dirs", e.dirs)
	writeList(&b, "    ", "workspaces", e.workspaces)
	a := e.answer
	if a.plan == "" && a.state == "" {
		fmt.Fprintf(&b, "    role_arn: %s%s\n", scalar(a.apply), origin(""))
	} else {
		var rows [][2]string
		for _, r := range [][2]string{{"plan", cmp.Or(a.plan, a.apply)}, {"apply", a.apply}, {"state", a.state}} {
			if r[1] != "" {
				rows = append(rows, [2]string{"      " + r[0] + ": " + scalar(r[1]), origin(r[0])})
			}
		}
		if a.state == "" {
			rows = append(rows, [2]string{stateStub})
		}
		b.WriteString("    role_arn:\n")
		writeRows(&b, rows)
	}
	for _, s := range e.settings() {
		if !slices.Contains(e.inherited, s) {
			fmt.Fprintf(&b, "    %s: %s\n", s[0], s[1])
		}
	}
	return b.String()
}

// settings are the keys that defaults may have as well, with their values as YAML.
func (e *environment) settings() (list [][2]string) {
	a := e.answer
	if len(a.via) > 0 {
		list = append(list, [2]string{"via", flow(a.via)})
	}
	if e.sources != "" {
		list = append(list, [2]string{"source", e.sources})
	}
	for _, s := range [][2]string{{"region", a.region}, {"session_name", a.session}, {"external_id", a.external}} {
		if s[1] != "" {
			list = append(list, [2]string{s[0], scalar(s[1])})
		}
	}
	if a.duration != 0 {
		list = append(list, [2]string{"duration", short(a.duration)})
	}
	return list
}

// writeList writes a list in brackets where it is short, else with a line for each entry. An empty one is not written.
func writeList(b *strings.Builder, indent, key string, texts []string) {
	if len(texts) == 0 {
		return
	}
	if line := indent + key + ": " + flow(texts); len(line) <= maxLine {
		b.WriteString(line + "\n")
		return
	}
	fmt.Fprintf(b, "%s%s:\n", indent, key)
	for _, t := range texts {
		fmt.Fprintf(b, "%s  - %s\n", indent, scalar(t))
	}
}

// writeRows writes lines with their comments below one another.
func writeRows(b *strings.Builder, rows [][2]string) {
	width := 0
	for _, r := range rows {
		if r[1] != "" {
			width = max(width, len(r[0]))
		}
	}
	for _, r := range rows {
		line := r[0]
		if r[1] != "" {
			line += strings.Repeat(" ", width-len(line)) + r[1]
		}
		b.WriteString(line + "\n")
	}
}

// origins is a comment that tells where the role of an operation is said, "" for that of all.
func (e *environment) origins(op string) string {
	var texts []string
	seen := map[string]bool{"": true}
	for _, s := range e.spots {
		for _, r := range s.rolesFor(op) {
			if text := r.From.String(); !seen[text] {
				texts = append(texts, text)
				seen[text] = true
			}
		}
	}
	switch n := len(texts); {
	case n == 0:
		return ""
	case n > 2:
		return fmt.Sprintf("  # %s and %d more", remark(texts[0]), n-1)
	}
	return "  # " + remark(strings.Join(texts, ", "))
}

// rolesFor are the roles that a place has for an operation, "" for all.
func (s *spot) rolesFor(op string) (roles []*found.Role) {
	for _, r := range []struct {
		op   string
		role *found.Role
	}{{"plan", s.Plan}, {"apply", s.Apply}, {"state", s.State}} {
		if r.role != nil && (op == "" || op == r.op) {
			roles = append(roles, r.role)
		}
	}
	if op == "apply" && s.Apply == nil {
		roles = append(roles, s.Plan)
	}
	return roles
}

// notes are what the places say that it was made of, each once.
func (e *environment) notes() (notes []string) {
	seen := map[string]bool{}
	for _, s := range e.spots {
		for _, n := range s.notes {
			if !seen[n] && len(notes) < maxNotes {
				notes = append(notes, n)
			}
			seen[n] = true
		}
	}
	return notes
}

const maxNotes = 5 // before one environment
