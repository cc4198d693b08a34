package awsconfig

import (
	"slices"
	"strings"

	"whichrole/internal/problem"
)

// Text is the file's new text. It is read once more, and is a *problem.Error where it does not say exactly what was asked for:
// then something in the file is not as it looks.
func (d *Draft) Text() (string, error) {
	text := d.text()
	after, err := parse(d.file, text, configFile)
	if err == nil && d.holds(after) {
		return text, nil
	}
	return "", problem.New(problem.Failure, "%s cannot be changed without changing what else it says", d.file).Because(err)
}

func (d *Draft) text() string {
	var b strings.Builder
	b.WriteString(d.bom)
	for _, r := range d.rows {
		if r.mark != removed {
			b.WriteString(r.text)
		}
	}
	return b.String()
}

// holds compares what a reader finds with what there was and what was asked for.
func (d *Draft) holds(after sections) bool {
	for id := range after {
		if _, new := d.wanted[id]; d.before[id] == nil && !new {
			return false
		}
	}
	for id, s := range d.before {
		settings, changed := d.wanted[id]
		switch {
		case changed && settings == nil:
			if after[id] != nil {
				return false
			}
		case after[id] == nil || !sameBut(settings, s.settings, after[id].settings):
			return false
		}
	}
	for id, settings := range d.wanted {
		for _, p := range settings {
			if s, ok := after[id].Get(p.Key); !ok || s.Text() != p.Value {
				return false
			}
		}
		if settings != nil && d.before[id] == nil && !sameBut(settings, nil, after[id].settings) {
			return false
		}
	}
	return true
}

// sameBut tells whether both say the same, whatever they say of the pairs' keys.
func sameBut(pairs []Pair, a, b []Setting) bool {
	others := func(list []Setting) []Setting {
		return slices.DeleteFunc(slices.Clone(list), func(s Setting) bool {
			return slices.ContainsFunc(pairs, func(p Pair) bool { return p.Key == s.Key })
		})
	}
	same := func(x, y Setting) bool { return x.Key == y.Key && x.Text() == y.Text() && sameBut(nil, x.Sub, y.Sub) }
	return slices.EqualFunc(others(a), others(b), same)
}
