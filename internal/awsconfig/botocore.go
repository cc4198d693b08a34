package awsconfig

import (
	"strings"
	"unicode"

	"whichrole/internal/problem"
)

// botocore, and the AWS CLI with it, reads with Python's configparser: a line that is further indented than the setting above it is a
// part of that, whatever it says, and a name in brackets keeps its blanks. Where that gives the file another meaning than the one that
// we change, an editor must decide.

const firstColumn = "put it at the beginning of its line, in an editor"

// Set is Draft.Set for a file that botocore reads, too: where it would find something else than was asked for, that is an error with
// file and line.
func (f *File) Set(name string, settings ...Pair) error {
	if err := f.plain(name); err != nil {
		return err
	}
	if err := f.Draft.Set(name, settings...); err != nil {
		return err
	}
	x, err := f.find(f.id(name))
	if err != nil || x == nil {
		return err
	}
	parts := f.parts(f.live)
	for _, p := range settings {
		s, _ := x.Get(p.Key)
		i := f.rowOf(s.Line)
		if i >= 0 && parts[i] {
			return f.odd(i, "%s is a part of the setting above it to the AWS CLI, for it is further indented", p.Key).WithHint(firstColumn)
		}
		if next := f.nextSetting(i); next >= 0 && parts[next] {
			return f.odd(next, "this line would be a part of %s to the AWS CLI, for it is further indented", p.Key).WithHint(firstColumn)
		}
	}
	return f.joined(parts)
}

// Remove is Draft.Remove, with the errors of Set.
func (f *File) Remove(name string) (found bool, err error) {
	if err := f.plain(name); err != nil {
		return false, err
	}
	if found, err = f.Draft.Remove(name); err != nil {
		return found, err
	}
	return found, f.joined(f.parts(f.live))
}

// sameToAll is nil unless botocore finds other sections in the file than the other SDKs do.
func (d *Draft) sameToAll() error {
	parts := d.parts(d.live)
	for i, r := range d.rows {
		switch body := strings.TrimSuffix(strings.TrimSuffix(r.text, "\n"), "\r"); {
		case strings.Contains(body, "\r"):
			return d.odd(i, "there is a carriage return within the line, which ends it to the AWS CLI").WithHint("make two lines of it, in an editor")
		case parts[i] && heading(body) != "":
			return d.odd(i, "the section%s is a part of the setting above it to the AWS CLI, for it is further indented", heading(body)).WithHint(firstColumn)
		}
	}
	return nil
}

// plain is nil unless botocore knows no such profile where the other SDKs find one.
func (d *Draft) plain(name string) error {
	x, err := d.find(d.id(name))
	if err != nil || x == nil {
		return err
	}
	header := strings.TrimSpace(d.rows[x.head].text)
	if strings.TrimSpace(header[1:2]) == "" || x.Kind == kindBare && !strings.HasPrefix(header, "["+name+"]") {
		return d.odd(x.head, "the AWS CLI knows no profile by the name %s here, for the blanks or capitals in its brackets", name).
			WithHint("write %s there, in an editor", SectionOf(name)[0])
	}
	return nil
}

// joined is nil unless a line that stays has become a part of another setting, or has come off its own.
func (d *Draft) joined(now []bool) error {
	before := d.parts(func(i int) bool { r := d.rows[i]; return r.mark == kept || r.mark == removed && r.text != "" })
	for i, r := range d.rows {
		if r.mark == kept && now[i] != before[i] {
			return d.odd(i, "this line would belong to another setting to the AWS CLI, for it is indented").WithHint(firstColumn)
		}
	}
	return nil
}

// parts tells of each row in the text whether it is a part of the setting above it to botocore.
func (d *Draft) parts(within func(i int) bool) []bool {
	list := make([]bool, len(d.rows))
	indent, belowSetting := 0, false
	for i, r := range d.rows {
		if !within(i) || isNote(r.text) {
			continue
		}
		here := len(r.text) - len(strings.TrimLeftFunc(r.text, isSpace))
		if list[i] = belowSetting && here > indent; !list[i] {
			indent, belowSetting = here, heading(r.text) == ""
		}
	}
	return list
}

// isSpace is what Python takes for white space.
func isSpace(r rune) bool { return unicode.IsSpace(r) || '\x1c' <= r && r <= '\x1f' }

// nextSetting is the next live row that is no comment, -1 for none.
func (d *Draft) nextSetting(i int) int {
	for i = d.neighbour(i, +1); i >= 0 && isNote(d.rows[i].text); {
		i = d.neighbour(i, +1)
	}
	return i
}

func (d *Draft) odd(i int, format string, args ...any) *problem.Error {
	return problem.New(problem.Failure, "%s: "+format, append([]any{position(d.file, d.lineOf(i))}, args...)...)
}
