package pattern

import "strings"

// Enough is how many steps a Matcher takes: about a tenth of a second. A step is one comparison of a segment or of a
// character, or an entry of a match. A map of 5,000 environments with an inner ** in each pattern takes a tenth of this in a
// directory of 20 segments.
const Enough = 20_000_000

// Matcher lays the patterns of a map on one directory and one workspace, each pattern once however often it is asked for, and
// counts the work: patterns and directories come from a hostile repository.
type Matcher struct {
	dir       []string
	workspace string
	work      int
	known     map[*Pattern]known // but for those that are verbatim, and as fast as a look into a map
}

type known struct {
	match Match
	ok    bool
}

// NewMatcher is for dir, which is clean, separated by slashes and relative to the map's root ("." is the root itself), and for
// a workspace.
func NewMatcher(dir, workspace string) *Matcher {
	return &Matcher{dir: split(dir), workspace: workspace, known: map[*Pattern]known{}}
}

// Exhausted tells that the work was Enough. From then on nothing matches, and what was found before must not be relied on.
func (m *Matcher) Exhausted() bool { return m.work > Enough }

// Work is how many steps were taken.
func (m *Matcher) Work() int { return m.work }

// Workspace tells whether all of the workspace is matched. Case counts.
func (m *Matcher) Workspace(n *Name) bool {
	m.work++
	if n.literal {
		return n.written == m.workspace
	}
	return !m.Exhausted() && n.glob.match(m.workspace, &m.work)
}

// Dir tells whether the directory, or one above it, is what p describes.
//
// The match is that of the deepest such directory. Where several ways of an inner ** lead to it, the leftmost ** takes as few
// segments as it can, then the next one.
func (m *Matcher) Dir(p *Pattern) (Match, bool) {
	if p.verbatim {
		return m.lay(p)
	}
	k, again := m.known[p]
	if !again {
		k.match, k.ok = m.lay(p)
		m.known[p] = k
	}
	return k.match, k.ok
}

func (m *Matcher) lay(p *Pattern) (Match, bool) {
	m.work++
	if m.Exhausted() || len(m.dir) < p.head || !m.agrees(p.segments[:p.head], 0) {
		return Match{}, false
	}
	if p.head < len(p.segments) {
		return m.search(p)
	}
	found := Match{Depth: p.head, kinds: p.kinds}
	if len(p.captures) > 0 {
		m.take(&found, p.segments, 0)
	}
	return found, true
}

// agrees lays segments, none of them **, on the directory from its segment at on. Nearly every pattern of a big map is
// refused here, so it allocates nothing.
func (m *Matcher) agrees(segments []segment, at int) bool {
	for i := range segments {
		m.work++
		if !segments[i].matches(m.dir[at+i], &m.work) {
			return false
		}
	}
	return true
}

// search matches a pattern with an inner **. What stands between two ** is laid on the first place where it fits, which leaves
// the most room for the rest; what follows the last ** on the last place, which is the deepest directory.
func (m *Matcher) search(p *Pattern) (Match, bool) {
	var places []int // of each run of segments between ** and **
	at := p.head
	for rest := p.segments[p.head:]; len(rest) > 0; {
		run := upToSwallowed(rest[1:])
		rest = rest[1+len(run):]
		from, to, step := at, len(m.dir)-len(run), 1
		if len(rest) == 0 {
			from, to, step = to, from, -1
		}
		place, ok := m.place(run, from, to, step)
		if !ok {
			return Match{}, false
		}
		places = append(places, place)
		at = place + len(run)
	}
	return m.found(p, places, at), true
}

// place finds the first of the places from … to on which run fits.
func (m *Matcher) place(run []segment, from, to, step int) (int, bool) {
	for at := from; (to-at)*step >= 0 && !m.Exhausted(); at += step {
		if m.agrees(run, at) {
			return at, true
		}
	}
	return 0, false
}

func upToSwallowed(segments []segment) []segment {
	for i := range segments {
		if segments[i].kind == swallowed {
			return segments[:i]
		}
	}
	return segments
}

// found is the match of depth segments whose runs lie at places.
func (m *Matcher) found(p *Pattern, places []int, depth int) Match {
	m.work += depth
	found := Match{Depth: depth, kinds: make([]kind, depth)} // swallowed, where nothing else is said
	copy(found.kinds, p.kinds[:p.head])
	m.take(&found, p.segments[:p.head], 0)
	rest := p.segments[p.head:]
	for _, at := range places {
		run := upToSwallowed(rest[1:])
		rest = rest[1+len(run):]
		for i := range run {
			found.kinds[at+i] = run[i].kind
		}
		m.take(&found, run, at)
	}
	return found
}

// captureWork is what one capture counts for: an entry of a map.
const captureWork = 50

// take fills in the captures of segments, which were laid on the directory from its segment at on.
func (m *Matcher) take(found *Match, segments []segment, at int) {
	for i := range segments {
		if segments[i].kind != captured {
			continue
		}
		if found.Captures == nil {
			found.Captures = map[string]string{}
		}
		found.Captures[segments[i].text] = m.dir[at+i]
		m.work += captureWork
	}
}

func split(dir string) []string {
	if dir == "" || dir == "." {
		return nil
	}
	return strings.Split(dir, "/")
}
