package tagquery

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	slowFlat   = regexp.MustCompile(`^[tfTF]([&|]?[tfTF])*$`)
	slowBeside = regexp.MustCompile(`[tfTF][tfTF]`)
	slowString = regexp.MustCompile(`^(?s:"(\\.|[^"\\])*"|'(\\.|[^'\\])*')`)
	slowEscape = regexp.MustCompile(`(?s)\\(.)`)
	slowNots   = strings.NewReplacer("nt", "F", "nf", "T")
	slowLower  = strings.NewReplacer("A", "a", "D", "d", "I", "i", "N", "n", "O", "o", "R", "r", "T", "t")
)

const slowSpace, slowQuoted = 1, 2

// slowKinds tell how long a token of theirs is at the beginning of a text.
var slowKinds = []func(string) int{
	func(s string) int { return strings.IndexAny(s+" ", " \t'\"()") },
	slowSpace: func(s string) int {
		return len(s) - len(strings.TrimLeftFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Z, r) }))
	},
	slowQuoted: func(s string) int {
		if s[0] != '"' && s[0] != '\'' {
			return 0
		}
		return len(slowString.FindString(s))
	},
	func(s string) int {
		return strings.IndexFunc(s[:1]+" ", func(r rune) bool { return r != '(' && r != ')' })
	},
}

// slow evaluates a query by rewriting its text: every token becomes a letter, and the innermost parentheses become the letter of
// their value until none are left. t and f are tags, T and F other values, n, &, | and i the keywords. oneRest is the grammar
// of this package; without it a neighbour is what Terrateam's newer versions read, an "and" like any other.
type slow struct {
	dir     string
	has     func(string) bool
	oneRest bool
}

// reduce is the value of a query that letters has rewritten.
func (s slow) reduce(text string) (value, ok bool) {
	if text == "" {
		return true, true
	}
	for text = "(" + text + ")"; len(text) > 1; {
		closing := strings.IndexByte(text, ')')
		if closing < 0 {
			return false, false
		}
		open := strings.LastIndexByte(text[:closing], '(')
		if open < 0 {
			return false, false
		}
		inner := slowNots.Replace(text[open+1 : closing])
		if !slowFlat.MatchString(inner) {
			return false, false
		}
		v, from := s.flat(inner), open
		if open > 0 && text[open-1] == 'n' {
			v, from = !v, open-1
		}
		text = text[:from] + letter(v, "TF") + text[closing+1:]
	}
	return text == "T", true
}

// flat is the value of letters without parentheses and nots.
func (s slow) flat(text string) bool {
	if at := slowBeside.FindStringIndex(text); at != nil {
		left, right := text[:at[0]+1], text[at[0]+1:]
		if s.oneRest {
			right = letter(s.flat(right), "TF")
		}
		return s.flat(left + "&" + right)
	}
	return slices.ContainsFunc(strings.Split(text, "|"), func(part string) bool { return !strings.ContainsAny(part, "fF") })
}

func letter(value bool, of string) string {
	if value {
		return of[:1]
	}
	return of[1:]
}

// letters rewrites a query, where there is one.
func (s slow) letters(query string) (string, bool) {
	if !utf8.ValidString(query) {
		return "", false
	}
	tokens, ok := slowTokens(query)
	var b strings.Builder
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		if t.letter != 0 {
			b.WriteByte(t.letter)
			continue
		}
		if i+2 < len(tokens) && tokens[i+1].letter == 'i' && tokens[i+2] == (slowToken{text: "dir"}) {
			b.WriteString(letter(s.below(t.text), "TF"))
			i += 2
			continue
		}
		path, old := strings.CutPrefix(t.text, "dir~")
		b.WriteString(letter(old && s.below(path) || !old && s.has(t.text), "tf"))
	}
	return b.String(), ok
}

type slowToken struct {
	letter byte // of a keyword or a parenthesis
	text   string
}

// slowTokens takes the longest token, and a word rather than white space of the same length.
func slowTokens(query string) (tokens []slowToken, ok bool) {
	keywords := map[string]byte{"and": '&', "or": '|', "not": 'n', "in": 'i', "(": '(', ")": ')'}
	for query != "" {
		kind, longest := 0, 0
		for k, length := range slowKinds {
			if n := length(query); n > longest {
				kind, longest = k, n
			}
		}
		if longest == 0 {
			return nil, false
		}
		token := query[:longest]
		query = query[longest:]
		switch {
		case kind == slowSpace:
		case kind == slowQuoted:
			token = slowEscape.ReplaceAllString(token[1:len(token)-1], "$1")
			tokens = append(tokens, slowToken{text: token})
		default:
			tokens = append(tokens, slowToken{letter: keywords[slowLower.Replace(token)], text: token})
		}
	}
	return tokens, true
}

// below looks for the segments of path among those of the directory, place by place.
func (s slow) below(path string) bool {
	dir, want := strings.Split(s.dir, "/"), strings.Split(path, "/")
	for i := 0; i+len(want) <= len(dir); i++ {
		if slices.Equal(dir[i:i+len(want)], want) {
			return true
		}
	}
	return false
}
