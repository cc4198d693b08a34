package found

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// maxMisses is how many a reader tells of: nobody mends more at once.
const maxMisses = 1000

// Misses gathers what could not be read, each line once, however many directories it serves.
type Misses struct {
	seen map[Unread]bool
	more bool
}

// Add says that something could not be read, and why: in one line, and of the repository's words only those that tell no secret.
// Whoever shows it escapes it.
func (m *Misses) Add(at Origin, format string, args ...any) {
	u := Unread{at, fmt.Sprintf(format, args...)}
	if m.seen[u] {
		return
	}
	if len(m.seen) >= maxMisses {
		m.more = true
		return
	}
	if m.seen == nil {
		m.seen = map[Unread]bool{}
	}
	m.seen[u] = true
}

// Failed says why a whole file could not be read. Where err is a *problem.Error that begins with FILE:LINE:COLUMN, it tells the line.
func (m *Misses) Failed(file string, err error) {
	p, ok := errors.AsType[*problem.Error](err)
	if !ok {
		m.Add(Origin{File: file}, "cannot be read: %v", paths.Cause(err))
		return
	}
	at, text := Located(file, p.Message)
	m.Add(at, "%s", text)
}

// Located takes a message of ours apart that begins with FILE:LINE:COLUMN, with FILE:LINE or with FILE.
func Located(file, message string) (at Origin, text string) {
	at.File = file
	text, ok := strings.CutPrefix(message, file+":")
	for column := 0; ok && column < 2; column++ {
		rest := strings.TrimLeft(text, "0123456789")
		n, err := strconv.Atoi(text[:len(text)-len(rest)])
		if err != nil {
			break
		}
		if column == 0 {
			at.Line = n
		}
		text, ok = strings.CutPrefix(rest, ":")
	}
	return at, strings.TrimSpace(text)
}

// Compare orders by file, line and text.
func (u Unread) Compare(o Unread) int {
	return cmp.Or(strings.Compare(u.At.File, o.At.File), cmp.Compare(u.At.Line, o.At.Line), strings.Compare(u.Text, o.Text))
}

// Sorted are all of them, by file and line.
func (m *Misses) Sorted() []Unread {
	list := make([]Unread, 0, len(m.seen)+1)
	for u := range m.seen {
		list = append(list, u)
	}
	slices.SortFunc(list, Unread.Compare)
	if m.more {
		last := list[len(list)-1]
		list = append(list, Unread{last.At, fmt.Sprintf("more than %d lines could not be read", maxMisses)})
	}
	return list
}
