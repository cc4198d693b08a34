package modules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Note says what is not in Found, and why. Text is never the repository's.
type Note struct {
	File string // or directory; from Root, with slashes: what stands above Root begins with ..
	Line int    // 0 where the whole file is meant
	Text string
}

// NoteKind is what a Note is about.
type NoteKind int

// The kinds of notes.
const (
	Unread          NoteKind = iota // something could not be read, or not all of it
	OtherRepository                 // a directory is left out: what lies in it is another repository's
	OtherMap                        // a directory is left out: the role map in it is the nearest one to all that lies below
)

const (
	isRepository = "is another git repository: left out"
	hasMap       = "has a role map of its own: left out"
)

// Kind is what n is about.
func (n Note) Kind() NoteKind {
	switch n.Text {
	case isRepository:
		return OtherRepository
	case hasMap:
		return OtherMap
	}
	return Unread
}

// notes are collected by all workers.
type notes struct {
	mu   sync.Mutex
	list []Note
	more int // that were dropped
	once map[string]bool
}

// add keeps more than are shown, so that which ones these are depends less on which worker was first.
func (n *notes) add(note Note) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.list) >= 100*maxNotes {
		n.more++
		return
	}
	n.list = append(n.list, note)
}

// addOnce is add for what is said once in all.
func (n *notes) addOnce(note Note) {
	n.mu.Lock()
	said := n.once[note.Text]
	if n.once == nil {
		n.once = map[string]bool{}
	}
	n.once[note.Text] = true
	n.mu.Unlock()
	if !said {
		n.add(note)
	}
}

// sorted is at most maxNotes, the last of which counts those that are left out.
func (n *notes) sorted() []Note {
	slices.SortFunc(n.list, func(a, b Note) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), strings.Compare(a.Text, b.Text))
	})
	more := n.more
	if len(n.list) > maxNotes {
		more += len(n.list) - (maxNotes - 1)
		n.list = append(n.list[:maxNotes-1:maxNotes-1], Note{File: ".", Text: fmt.Sprintf("%d more notes are left out", more)})
	}
	return n.list
}
