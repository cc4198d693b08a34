// Package pattern holds the directory patterns of a role map: it matches a directory, captures segments, and compares how
// specific two matches are.
package pattern

// kind is what a segment of a directory was matched by, in the order of how specific that is.
type kind byte

const (
	swallowed kind = iota // by an inner **
	wildcard              // by a segment with *, ? or []
	captured              // by {name}
	verbatim              // by its own name
)

// segment is one part of a pattern between slashes. A segment of kind swallowed is ** itself.
type segment struct {
	kind kind
	text string // the literal, or the name of the capture
	glob glob
}

func (s *segment) matches(name string, work *int) bool {
	switch s.kind {
	case verbatim:
		return s.text == name
	case wildcard:
		return s.glob.match(name, work)
	}
	return true
}

// Pattern is a compiled directory pattern. It may be used by several goroutines at once.
type Pattern struct {
	written  string
	segments []segment // without trailing **, and never two ** in a row
	head     int       // how many segments stand before the first inner **; all of them where there is none
	kinds    []kind    // of the segments: what a match looks like where there is no inner **
	captures []string
	verbatim bool // every segment is
}

// String is the pattern as it was written.
func (p *Pattern) String() string { return p.written }

// Captures are the names of its {captures}, in order. The caller must not change the slice.
func (p *Pattern) Captures() []string { return p.captures }

// Match is Matcher.Dir for one pattern and one directory.
func (p *Pattern) Match(dir string) (Match, bool) { return NewMatcher(dir, "").Dir(p) }
