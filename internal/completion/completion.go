// Package completion tells what may come next on a command line, and has the scripts by which shells ask.
package completion

import (
	"slices"
	"strings"
)

// A Command is one of the tree. The root is the program itself.
type Command struct {
	Name     string
	Help     string // whole sentences
	Flags    []Flag // its commands have them too
	Args     []Value
	Commands []Command
	Default  string // which of Commands is meant where none is named
}

// A Flag is --Name, and -Short where that is not 0.
type Flag struct {
	Name  string
	Short rune
	Help  string
	Value Value
}

// A Value is what follows a flag, or an argument.
type Value struct {
	Kind  Kind
	Name  string   // what help calls it
	Words []string // all that there is, for OneOf
}

// Kind is what a value names.
type Kind int

// The kinds of values.
const (
	None    Kind = iota // no value: a switch
	Text                // anything
	OneOf               // one of Words
	Dir                 // a directory
	File                // a file
	Named               // of this repository or machine: whoever asks Next knows them
	Program             // a command of its own, with all that follows
)

// A Candidate is one word that may come next. A shell shows Help beside it.
type Candidate struct{ Word, Help string }

// Next is what may come next.
type Next struct {
	Candidates []Candidate
	Dirs       bool // besides, a directory's name
	Files      bool // besides, a file's name
	Program    int  // the word that is a program's name, from 1, whose command line the rest is; 0 for none
}

// Names lists what a Named value, of the flag or argument of that name, may be. given are the values of flags so far.
type Names func(name string, given map[string]string) []string

// After is what may come after these words, which follow the program's name, as or instead of the word that has begun. bash
// makes three words of --flag=value: that is read, too. Words that begin otherwise than word does are among the candidates:
// shells leave them out, each in its way.
func After(root Command, words []string, word string, names Names) Next {
	l := &line{path: []*Command{&root}, given: map[string]string{}, names: names}
	for i := 0; i < len(words); i++ {
		if l.takesProgram(words[i]) {
			return Next{Program: i + 1}
		}
		l.read(words[i])
		if l.expects != nil && i+1 < len(words) && words[i+1] == "=" {
			i++
		}
	}
	if l.takesProgram(word) {
		return Next{Program: len(words) + 1}
	}
	return l.next(word)
}

// line is what was understood of the words so far.
type line struct {
	path    []*Command // from the root
	args    int        // arguments so far
	only    bool       // -- was there: no flags any more
	expects *Flag      // the value of this one comes next
	given   map[string]string
	names   Names
}

func (l *line) here() *Command { return l.path[len(l.path)-1] }

// takesProgram tells that a word is a program's name, where one is expected: what looks like a flag is none before --.
func (l *line) takesProgram(word string) bool {
	arg, ok := l.arg()
	return ok && arg.Kind == Program && l.expects == nil && (l.only || !strings.HasPrefix(word, "-"))
}

// arg is the argument that comes next.
func (l *line) arg() (Value, bool) {
	args := l.here().Args
	if l.args < len(args) {
		return args[l.args], true
	}
	return Value{}, false
}

// read takes one word that is complete.
func (l *line) read(word string) {
	switch {
	case l.expects != nil:
		l.given[l.expects.Name] = word
		l.expects = nil
	case l.only:
		l.args++
	case word == "--":
		l.only = true
	case strings.HasPrefix(word, "--"):
		name, value, joined := strings.Cut(word[2:], "=")
		l.flag(l.long(name), value, joined)
	case strings.HasPrefix(word, "-") && word != "-":
		for i, c := range word[1:] {
			if f := l.short(c); f != nil && f.Value.Kind != None {
				rest := word[1+i+len(string(c)):]
				l.flag(f, strings.TrimPrefix(rest, "="), rest != "")
				return
			}
		}
	default:
		l.word(word)
	}
}

func (l *line) flag(f *Flag, value string, joined bool) {
	switch {
	case f == nil || f.Value.Kind == None:
	case joined:
		l.given[f.Name] = value
	default:
		l.expects = f
	}
}

// word is a command's name or an argument.
func (l *line) word(word string) {
	commands := l.here().Commands
	if i := slices.IndexFunc(commands, func(c Command) bool { return c.Name == word }); i >= 0 && l.args == 0 {
		l.path = append(l.path, &commands[i])
		return
	}
	l.args++
}

// flags are those that may be given here, the nearest first: of the commands so far, and of the one that is meant where none
// is named.
func (l *line) flags() (list []*Flag) {
	for _, c := range slices.Backward(l.path) {
		for i := range c.Commands {
			if d := &c.Commands[i]; c == l.here() && d.Name == c.Default {
				for j := range d.Flags {
					list = append(list, &d.Flags[j])
				}
			}
		}
		for i := range c.Flags {
			list = append(list, &c.Flags[i])
		}
	}
	return list
}

func (l *line) long(name string) *Flag {
	return l.find(func(f *Flag) bool { return f.Name == name })
}

func (l *line) short(c rune) *Flag {
	return l.find(func(f *Flag) bool { return c != 0 && f.Short == c })
}

func (l *line) find(is func(*Flag) bool) *Flag {
	flags := l.flags()
	if i := slices.IndexFunc(flags, is); i >= 0 {
		return flags[i]
	}
	return nil
}
