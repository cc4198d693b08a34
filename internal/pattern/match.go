package pattern

// Match is how one pattern matched one directory.
type Match struct {
	Depth    int               // segments of the deepest directory that the pattern describes; 0 for "." and "**"
	Captures map[string]string // nil where the pattern has none
	kinds    []kind            // one for each of the Depth segments
}

// Order is how one match stands to another.
type Order int

const (
	Worse  Order = -1
	Tie    Order = 0 // equally specific, or each more specific in a segment of its own
	Better Order = 1
)

// Compare tells how a stands to b; both must be matches of the same directory. Deeper is better. At equal depth the one is better
// that is at least as specific in every segment and more in one: a literal before a capture, before a segment with *, ? or [],
// before one swallowed by an inner **.
func (a Match) Compare(b Match) Order {
	if a.Depth != b.Depth {
		return order(a.Depth > b.Depth)
	}
	more, less := false, false
	for i := range min(len(a.kinds), len(b.kinds)) {
		more = more || a.kinds[i] > b.kinds[i]
		less = less || a.kinds[i] < b.kinds[i]
	}
	if more == less {
		return Tie
	}
	return order(more)
}

func order(better bool) Order {
	if better {
		return Better
	}
	return Worse
}
