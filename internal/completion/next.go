package completion

import "strings"

// next is what may come as this word.
func (l *line) next(word string) Next {
	if l.expects != nil {
		return l.values(l.expects.Name, l.expects.Value, "")
	}
	if name, _, joined := strings.Cut(word, "="); joined && !l.only && strings.HasPrefix(word, "--") {
		if f := l.long(name[2:]); f != nil && f.Value.Kind != None {
			return l.values(f.Name, f.Value, name+"=")
		}
		return Next{}
	}
	if strings.HasPrefix(word, "-") && !l.only {
		return Next{Candidates: l.flagWords()}
	}
	var next Next
	if arg, ok := l.arg(); ok {
		next = l.values(arg.Name, arg, "")
	}
	if l.args == 0 && !l.only {
		for _, c := range l.here().Commands {
			next.Candidates = append(next.Candidates, Candidate{c.Name, brief(c.Help)})
		}
	}
	return next
}

// values are those of a flag or argument, each after what stands before it in the word.
func (l *line) values(name string, v Value, before string) Next {
	next := Next{Dirs: v.Kind == Dir, Files: v.Kind == File}
	words := v.Words
	if v.Kind == Named {
		words = l.names(name, l.given)
	}
	for _, w := range words {
		if isPlain(w) {
			next.Candidates = append(next.Candidates, Candidate{Word: before + w})
		}
	}
	return next
}

// flagWords are all flags by their long names. One with a value is offered with =, so that the shell goes on with that.
func (l *line) flagWords() (list []Candidate) {
	for _, f := range l.flags() {
		list = append(list, Candidate{"--" + f.Name, brief(f.Help)})
	}
	return list
}

const maxPlain = 128 // bytes

// isPlain is true of a name that is one word to every shell and nothing else. Names come from repositories: bash reads what it
// is given as if it had been typed.
func isPlain(name string) bool {
	if name == "" || len(name) > maxPlain || name[0] == '-' {
		return false
	}
	return !strings.ContainsFunc(name, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '.' && r != '_' && r != '-'
	})
}

const maxBrief = 72 // characters, all of them ASCII or nearly

// brief is the first sentence of a help text, as far as there is room.
func brief(help string) string {
	help, _, _ = strings.Cut(help, ". ")
	help = strings.TrimSuffix(help, ".")
	if len(help) <= maxBrief {
		return help
	}
	cut := strings.LastIndexByte(help[:maxBrief], ' ')
	return strings.TrimRight(help[:max(cut, 0)], ",:;(") + " …"
}
