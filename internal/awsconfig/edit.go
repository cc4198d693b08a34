package awsconfig

import (
	"strings"
	"unicode"

	"whichrole/internal/problem"
)

// Draft is the text of a config file on its way to another one. It changes the lines that it is asked to, and keeps every
// other byte: comments, order, line endings, a byte order mark, what no SDK would read.
type Draft struct {
	file   string
	bom    string
	rows   []row
	before sections
	wanted map[sectionID][]Pair // what was changed; nil for a section that was removed
}

// row is one line with its ending.
type row struct {
	text string
	mark byte
}

const (
	kept    = ' '
	added   = '+'
	removed = '-'
)

// Pair is one setting: its key in lower case, and a value of one line without quotes and comments.
type Pair struct{ Key, Value string }

// NewDraft takes the text of a config file; file is what it is called in errors, which are those of Load.
func NewDraft(file, text string) (*Draft, error) {
	before, err := parse(file, text, configFile)
	if err != nil {
		return nil, err
	}
	d := &Draft{file: file, before: before, wanted: map[sectionID][]Pair{}}
	rest, found := strings.CutPrefix(text, byteOrderMark)
	if found {
		d.bom = byteOrderMark
	}
	for line := range strings.Lines(rest) {
		d.rows = append(d.rows, row{line, kept})
	}
	return d, nil
}

const byteOrderMark = "\ufeff"

// CheckName tells whether a new profile may be called so: in letters and digits of any language and a few signs that no shell,
// SDK or INI reader takes for its own. The error is a *problem.Error of code Usage.
func CheckName(name string) error {
	odd := func(r rune) bool {
		return r == unicode.ReplacementChar || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_-.+@/", r)
	}
	if name == "" || len(name) > 128 || name[0] == '-' || strings.ContainsFunc(name, odd) {
		return problem.New(problem.Usage, "%s is no name for a profile", problem.Cut(name, 140)).WithHint("a name is letters, digits and _ - . + @ /")
	}
	return nil
}

// Set gives a profile these settings, and makes it where it is missing. Its other settings stay. The error is a *problem.Error
// that names file and line: where the profile stands in more than one place, or a setting over several lines.
func (d *Draft) Set(name string, settings ...Pair) error {
	id := d.id(name)
	x, err := d.find(id)
	if err != nil {
		return err
	}
	if x == nil {
		d.append(id, settings)
	}
	for i := len(settings) - 1; x != nil && i >= 0; i-- { // a new one is put above the others
		if err := d.put(x, settings[i]); err != nil {
			return err
		}
		if x, err = d.find(id); err != nil { // the lines have moved
			return err
		}
	}
	d.wanted[id] = settings
	return nil
}

// Remove takes a profile out of the file, and tells whether it was there. Comments between its lines go with it.
func (d *Draft) Remove(name string) (found bool, err error) {
	id := d.id(name)
	x, err := d.find(id)
	if x == nil || err != nil {
		return false, err
	}
	end := x.head + 1
	for i := x.head; i < x.end; i++ { // comments behind the last setting belong to what comes next
		if d.live(i) && !isNote(d.rows[i].text) {
			end = i + 1
		}
	}
	before, after := d.neighbour(x.head, -1), d.neighbour(end-1, +1)
	for i := x.head; i < end; i++ {
		d.drop(i)
	}
	if d.isEmpty(before) && !d.isEmpty(d.neighbour(before, -1)) && (after < 0 || d.isEmpty(after)) { // it came with the profile
		d.drop(before)
	}
	d.wanted[id] = nil
	return true, nil
}

// extent is where a section stands: rows[head:end], its header first.
type extent struct {
	*Section
	head, end int
}

// id is the section that is that profile, or will be it.
func (d *Draft) id(name string) sectionID {
	id := sectionID{kindProfile, name}
	if name == "default" && d.before[id] == nil {
		id.kind = kindBare
	}
	return id
}

// find is where the section stands, nil where it does not.
func (d *Draft) find(id sectionID) (*extent, error) {
	now, err := parse(d.file, d.text(), configFile)
	if err != nil || now[id] == nil {
		return nil, err
	}
	p := parser{kind: configFile}
	var x *extent
	for i, r := range d.rows {
		if !d.live(i) || heading(r.text) == "" {
			continue
		}
		header, _ := headerOf(strings.TrimSpace(r.text))
		kind, name, isKept := p.identify(header)
		switch mine := isKept && id == (sectionID{kind, name}); {
		case mine && x == nil:
			x = &extent{now[id], i, len(d.rows)}
		case mine:
			return nil, problem.New(problem.Failure, "[%s] stands there twice: at %s and in line %d", header, position(d.file, d.lineOf(x.head)), d.lineOf(i)).
				WithHint("make one section of the two, in an editor")
		case x != nil && x.end == len(d.rows):
			x.end = i
		}
	}
	return x, nil
}

func (d *Draft) live(i int) bool { return d.rows[i].mark != removed }

// drop removes a row, which stays to be shown unless it was never in the file.
func (d *Draft) drop(i int) {
	if d.rows[i].mark == added {
		d.rows[i].text = ""
	}
	d.rows[i].mark = removed
}

// isEmpty tells whether there is such a row, and nothing on it.
func (d *Draft) isEmpty(i int) bool { return i >= 0 && strings.TrimSpace(d.rows[i].text) == "" }

// neighbour is the next live row in that direction, -1 for none.
func (d *Draft) neighbour(i, step int) int {
	for i += step; i >= 0 && i < len(d.rows); i += step {
		if d.live(i) {
			return i
		}
	}
	return -1
}
