package tagquery

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

var (
	slowGroup   = regexp.MustCompile(`n?\([^()]*\)`)
	slowFlat    = regexp.MustCompile(`^[tfTF]([&|]?[tfTF])*$`)
	slowBeside  = regexp.MustCompile(`[tfTF][tfTF]`)
	slowEscape  = regexp.MustCompile(`(?s)\\(.)`)
	slowNots    = strings.NewReplacer("nt", "F", "nf", "T")
	slowCapital = regexp.MustCompile(`[A-Z]`)
)

const slowSpace, slowQuoted = 1, 2

var slowKinds = []*regexp.Regexp{
	regexp.MustCompile(`^[^ \t'"()]+`),
	slowSpace:  regexp.MustCompile(`^[\s\v\x{85}\p{Z}]+`),
	slowQuoted: regexp.MustCompile(`^(?s:"(\\.|[^"\\])*"|'(\\.|[^'\\])*')`),
	regexp.MustCompile(`^[()]`),
}

// slow evaluates a query by rewriting its text: every token becomes a letter, and the innermost parentheses become the letter of
// their value until none are left. t and f are tags, T and F other values, n, &, | and i the keywords. oneRest is the grammar
// of this package; without it a neighbour is what Terrateam's newer versions read, an "and" like any other.
type slow struct {
	dir     string
	has     func(string) bool
	oneRest bool
}

func (s slow) eval(query string) (value, ok bool) {
	if !utf8.ValidString(query) {
		return false, false
	}
	text, ok := s.letters(query)
	if !ok {
		return false, false
	}
	if text == "" {
		return true, true
	}
	for text = "(" + text + ")"; len(text) > 1; {
		at := slowGroup.FindStringIndex(text)
		if at == nil {
			return false, false
		}
		open := at[0] + strings.Index(text[at[0]:], "(")
		inner := slowNots.Replace(text[open+1 : at[1]-1])
		if !slowFlat.MatchString(inner) {
			return false, false
		}
		v := s.flat(inner) != (open > at[0])
		text = text[:at[0]] + letter(v, "TF") + text[at[1]:]
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

func (s slow) letters(query string) (string, bool) {
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
		kind, token := 0, ""
		for k, re := range slowKinds {
			if m := re.FindString(query); len(m) > len(token) {
				kind, token = k, m
			}
		}
		if token == "" {
			return nil, false
		}
		query = query[len(token):]
		switch {
		case kind == slowSpace:
		case kind == slowQuoted:
			token = slowEscape.ReplaceAllString(token[1:len(token)-1], "$1")
			tokens = append(tokens, slowToken{text: token})
		default:
			lower := slowCapital.ReplaceAllStringFunc(token, strings.ToLower)
			tokens = append(tokens, slowToken{letter: keywords[lower], text: token})
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
