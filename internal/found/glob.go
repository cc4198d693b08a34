package found

import (
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

const (
	maxGlob         = 1024 // bytes
	maxAlternatives = 1000 // that the braces of one pattern make together

	// maxEffort bounds the comparing of a repository's patterns with its directories: about a second. A hundred patterns that
	// begin with ** and ten thousand directories of usual lengths stay below it.
	maxEffort = 1_000_000_000
)

// Globs compares patterns with directories, both the repository's words: one that could take a second for each, or the
// thousandth of a second for a million of them, does not get it.
type Globs struct {
	effort int64
	known  map[string]glob
}

// glob is what one look at a pattern tells.
type glob struct {
	prefix       string // what it matches begins with
	alternatives int64
}

// Valid tells that Match takes this pattern: it is well formed, and neither long nor full of alternatives.
func Valid(pattern string) bool {
	return len(pattern) <= maxGlob && alternatives(pattern) <= maxAlternatives && doublestar.ValidatePattern(pattern)
}

// Match tells whether the pattern, which must be Valid, matches the whole of name, as doublestar does it with slashes. Once too
// much was compared the answer is no.
func (g *Globs) Match(pattern, name string) bool {
	p, ok := g.known[pattern]
	if !ok {
		if g.known == nil {
			g.known = map[string]glob{}
		}
		p = glob{pattern, alternatives(pattern)}
		if special := strings.IndexAny(pattern, `*?[{\`); special >= 0 {
			p.prefix = strings.TrimSuffix(pattern[:special], "/") // a/** matches a
		}
		g.known[pattern] = p
	}
	g.effort++
	if !strings.HasPrefix(name, p.prefix) || g.Spent() {
		return false
	}
	g.effort += p.alternatives * int64(len(pattern)) * int64(len(name))
	return doublestar.MatchUnvalidated(pattern, name)
}

// Spent tells that too much was compared: the answers since then say nothing.
func (g *Globs) Spent() bool { return g.effort > maxEffort }

// alternatives are how many patterns without braces this one stands for, at most: nested ones are counted as if they came one
// after the other.
func alternatives(pattern string) int64 {
	product, open := int64(1), []int64{}
	for i := 0; i < len(pattern) && product <= maxAlternatives; i++ {
		switch last := len(open) - 1; pattern[i] {
		case '\\':
			i++
		case '{':
			open = append(open, 1)
		case ',':
			if last >= 0 {
				open[last]++
			}
		case '}':
			if last >= 0 {
				product *= open[last]
				open = open[:last]
			}
		}
	}
	return product
}
