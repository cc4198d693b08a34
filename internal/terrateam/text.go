package terrateam

import (
	"errors"
	"strings"
)

// A text is a value that may hold $VARIABLES, as Python's string.Template knows them: $NAME, ${NAME}, and $$ for a $.
type text struct {
	raw  string
	line int // of the file, from 1; 0 for a key that is not there
}

func (t text) set() bool { return t.line != 0 }

// literal tells that the text means itself.
func (t text) literal() bool { return strings.IndexByte(t.raw, '$') < 0 }

var errDollar = errors.New("a $ stands here that is not part of a $VARIABLE: a $ itself is $$")

// expand fills the variables in. Its own error is errDollar; others are value's.
func expand(raw string, value func(name string) (string, error)) (string, error) {
	before, rest, found := strings.Cut(raw, "$")
	if !found {
		return raw, nil
	}
	var b strings.Builder
	for ; found; before, rest, found = strings.Cut(rest, "$") {
		b.WriteString(before)
		if after, escaped := strings.CutPrefix(rest, "$"); escaped {
			b.WriteByte('$')
			rest = after
			continue
		}
		name, after, ok := variable(rest)
		if !ok {
			return "", errDollar
		}
		v, err := value(name)
		if err != nil {
			return "", err
		}
		b.WriteString(v)
		rest = after
	}
	b.WriteString(before)
	return b.String(), nil
}

// variable takes the name off the beginning of what follows a $.
func variable(s string) (name, after string, ok bool) {
	s, braced := strings.CutPrefix(s, "{")
	end := 0
	for end < len(s) && isNameByte(s[end], end == 0) {
		end++
	}
	name, after = s[:end], s[end:]
	if braced {
		after, ok = strings.CutPrefix(after, "}")
		return name, after, ok && name != ""
	}
	return name, after, name != ""
}

func isNameByte(c byte, first bool) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || !first && '0' <= c && c <= '9'
}

// isSecretName tells whether a variable's name reads like that of a secret. What a repository writes goes to AWS and into
// messages: no secret of the environment may come along.
func isSecretName(name string) bool {
	name = strings.ToUpper(name)
	for _, part := range []string{"SECRET", "TOKEN", "PASSW", "PASSPHRASE", "CREDENTIAL", "COOKIE", "WEBHOOK"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	for word := range strings.SplitSeq(name, "_") {
		switch word {
		case "PASS", "PWD", "KEY", "APIKEY", "AUTH", "PAT", "JWT", "DSN", "URL", "URI":
			return true
		}
	}
	return false
}

// ownedBySystem tells whether nobody should be told to set the variable: a repository would choose how his shell runs programs.
func ownedBySystem(name string) bool {
	for _, prefix := range []string{"LD_", "DYLD_", "BASH_", "AWS_", "GIT_", "TF_", "WHICHROLE_"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	switch name {
	case "PATH", "HOME", "IFS", "ENV", "SHELL", "PS1", "PS4", "PROMPT_COMMAND", "EDITOR", "PAGER", "USER", "TMPDIR":
		return true
	}
	return false
}

// maxName is SPEC's for the name of an environment.
const maxName = 64

// environmentName makes a name that SPEC allows of what Terrateam's configuration calls a workflow.
func environmentName(raw string) string {
	name := strings.Map(func(r rune) rune {
		if r < 0x80 && (isNameByte(byte(r), false) || r == '.' || r == '-') {
			return r
		}
		return '-'
	}, raw)
	name = strings.TrimLeft(name, "-._")
	if name == "" {
		return "workflow"
	}
	return name[:min(len(name), maxName)]
}
