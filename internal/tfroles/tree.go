package tfroles

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"whichrole/internal/found"
	"whichrole/internal/modules"
)

// What includes can make us read. Of a parent that a thousand units share nothing is read twice.
const (
	maxTries = 200_000  // files that are looked for
	maxBytes = 64 << 20 // of those that are there
)

// layer is a unit, or a file that one includes.
type layer struct {
	unit   *modules.Unit
	unread *found.Unread // instead of unit: why there is none
}

// tree is the files that units include.
type tree struct {
	read   func(string) ([]byte, error)
	parser *modules.Parser
	files  map[string]*layer // by their path from the root; nil where there is none
	tries  int               // that are left
	bytes  int
}

func newTree(read func(string) ([]byte, error)) *tree {
	return &tree{read: read, parser: modules.NewParser(), files: map[string]*layer{}, tries: maxTries, bytes: maxBytes}
}

// layers are the unit in dir and what it includes. Of two includes the later one holds.
func (t *tree) layers(dir string, unit *modules.Unit) []layer {
	list := []layer{{unit: unit}}
	for _, i := range slices.Backward(unit.Includes) {
		if !i.Apart {
			list = append(list, t.include(dir, i))
		}
	}
	return list
}

// include is the file of an include.
func (t *tree) include(dir string, i modules.Include) layer {
	wrong := func(text string) layer {
		return layer{unread: &found.Unread{At: found.Origin{File: i.File, Line: i.Line}, Text: text}}
	}
	if i.Why != "" {
		return wrong("the path of this include " + i.Why)
	}
	file := path.Join(dir, i.Path)
	switch {
	case i.Top:
		file = path.Clean(i.Path)
	case i.Above:
		above := t.above(dir, i.Name)
		switch {
		case above != "" && i.Path != "":
			file = path.Join(path.Dir(above), i.Path)
		case above != "":
			file = above
		case i.Else != "":
			file = path.Join(dir, i.Else)
		default:
			return wrong("there is no file for this include in the directories above")
		}
	}
	if path.IsAbs(file) || file == ".." || strings.HasPrefix(file, "../") {
		return wrong("this include leads out of the repository")
	}
	l := t.file(file)
	switch {
	case l == nil:
		return wrong("there is no file for this include")
	case l.unit != nil && len(l.unit.Includes) > 0:
		return wrong("the file of this include has an include itself, which Terragrunt does not take")
	}
	return *l
}

// above is the nearest file of that name above dir, as Terragrunt looks for it; "" where there is none in the repository.
func (t *tree) above(dir, name string) string {
	names := []string{name}
	if name == "" {
		names = []string{"terragrunt.hcl.json", "terragrunt.hcl"}
	}
	for dir != "." {
		dir = path.Dir(dir)
		for _, one := range names {
			file := path.Join(dir, one)
			if !strings.HasPrefix(file, "../") && t.file(file) != nil {
				return file
			}
		}
	}
	return ""
}

// file is a file's layer, nil where there is none.
func (t *tree) file(name string) *layer {
	if l, known := t.files[name]; known {
		return l
	}
	wrong := func(line int, text string) *layer {
		return &layer{unread: &found.Unread{At: found.Origin{File: name, Line: line}, Text: text}}
	}
	if t.tries--; t.tries < 0 || t.bytes < 0 {
		return &layer{unread: &found.Unread{At: found.Origin{File: "."}, Text: "there is too much to read: not every include was"}}
	}
	var l *layer
	data, err := t.read(name)
	t.bytes -= len(data)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		l = wrong(0, "cannot be read")
	default:
		unit, note := t.parser.Unit(name, data)
		l = &layer{unit: unit}
		if unit == nil {
			l = wrong(note.Line, note.Text)
		}
	}
	t.files[name] = l
	return l
}
