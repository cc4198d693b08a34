package userfile

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
	"whichrole/internal/rolemap"
)

// SourceEdit is the user's file with a profile as its source, before it is written.
type SourceEdit struct {
	Path string
	Diff []string // the lines that change, - the old and + the new ones; empty where nothing does

	file *paths.Replacement
	text string
}

// SetSource is the file in dir with `source: [{profile: NAME}]`. All else in it stays as it is, comments too. The errors are those of
// Read and, where the file says more of sources than one profile, a *problem.Error of code Failure that names the line.
func SetSource(dir, home, profile string) (*SourceEdit, error) {
	if dir == "" {
		return nil, problem.New(problem.Failure, "there is no directory for your own file").WithHint("export HOME=/home/you")
	}
	now, err := Read(dir, home)
	if err != nil {
		return nil, err
	}
	e := &SourceEdit{Path: Path(dir)}
	if e.file, err = paths.OpenReplacement(e.Path, maxSize); err != nil {
		return nil, e.unwritten(err)
	}
	text := string(e.file.Data)
	ok := true
	switch {
	case len(now.Sources) == 0:
		e.text, e.Diff = appended(text, profile)
	case len(now.Sources) == 1 && now.Sources[0].Kind == "profile":
		e.text, e.Diff, ok = replaced(text, now.Sources[0], profile)
	default:
		return nil, problem.New(problem.Failure, "%s:%d: source names more than a profile", e.Path, now.Sources[0].Line).
			WithHint("set it there, in an editor")
	}
	if !ok || !e.says(profile, now, home) {
		return nil, problem.New(problem.Failure, "%s cannot be changed without changing what else it says", e.Path).
			WithHint("write in it, in an editor: source: [{profile: %s}]", word(profile))
	}
	return e, nil
}

// Writable is nil where Save would write nothing, or the user may write the file. The error is a *problem.Error of code Failure.
func (e *SourceEdit) Writable() error {
	if len(e.Diff) == 0 {
		return nil
	}
	if err := e.file.Writable(); err != nil {
		return e.unwritten(err)
	}
	return nil
}

// Save writes the file, behind its links and with its mode. The error is a *problem.Error of code Failure.
func (e *SourceEdit) Save() error {
	if len(e.Diff) == 0 {
		return nil
	}
	if err := e.file.Put([]byte(e.text)); err != nil {
		return e.unwritten(err)
	}
	return nil
}

func (e *SourceEdit) unwritten(err error) error {
	p := problem.New(problem.Failure, "cannot change %s: %v", e.Path, paths.Cause(err)).Because(err)
	if errors.Is(err, paths.ErrReadOnly) && e.file.Mine() {
		return p.WithHint("chmod u+w %s", problem.Quote(e.file.Path))
	}
	return p
}

// says reads the new text: it must say what was asked for, and otherwise what it said before.
func (e *SourceEdit) says(profile string, before Config, home string) bool {
	after := silent(e.Path)
	if after.take([]byte(e.text), home) != nil || len(after.Sources) != 1 {
		return false
	}
	s := after.Sources[0]
	if s != (rolemap.Source{Kind: "profile", Name: profile, Line: s.Line}) {
		return false
	}
	before.Path, before.Sources, after.Sources = e.Path, nil, nil
	return reflect.DeepEqual(before, after)
}

func appended(text, profile string) (string, []string) {
	end := ending(text)
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += end
	}
	lines := []string{"source:", "  - profile: " + word(profile)}
	return text + strings.Join(lines, end) + end, []string{"+" + lines[0], "+" + lines[1]}
}

// replaced writes another name over the one in that entry's line; not ok where it does not stand there.
func replaced(text string, old rolemap.Source, profile string) (changed string, diff []string, ok bool) {
	if old.Name == profile {
		return text, nil, true
	}
	var out strings.Builder
	number := 0
	for line := range strings.Lines(text) {
		if number++; number != old.Line {
			out.WriteString(line)
			continue
		}
		before, after, found := strings.Cut(line, "profile:")
		value := strings.TrimLeft(after, " \t")
		for _, spelling := range []string{quoted(old.Name), "'" + old.Name + "'", old.Name} {
			rest, is := strings.CutPrefix(value, spelling)
			if found && is { // one of them at most: they begin otherwise
				ok = true
				changed = before + "profile:" + after[:len(after)-len(value)] + word(profile) + rest
				diff = []string{"-" + strings.TrimRight(line, "\r\n"), "+" + strings.TrimRight(changed, "\r\n")}
				out.WriteString(changed)
			}
		}
	}
	return out.String(), diff, ok
}

func ending(text string) string {
	if first, _, found := strings.Cut(text, "\n"); found && strings.HasSuffix(first, "\r") {
		return "\r\n"
	}
	return "\n"
}

// word is a name as YAML takes it for a string.
func word(name string) string {
	switch strings.ToLower(name) {
	case "true", "false", "yes", "no", "on", "off", "y", "n", "null":
		return quoted(name)
	}
	for i, r := range name {
		letter := 'a' <= r|0x20 && r|0x20 <= 'z'
		if !letter && (i == 0 || !strings.ContainsRune("0123456789-_.", r)) {
			return quoted(name)
		}
	}
	return name
}

// quoted is a JSON string, which YAML reads as one.
func quoted(name string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(name) != nil {
		return `""`
	}
	return strings.TrimSpace(b.String())
}
