// Package luapattern finds Lua's patterns in a text, as string.find does (Lua 5.4 reference manual, 6.4.1).
//
// Patterns and texts are bytes, classes are those of the C locale.
package luapattern

import "errors"

// Enough is how many steps serve for all patterns that are held against one text: some milliseconds. A step is one item of the pattern laid on one place of the text.
// Lua itself has no such bound, and goes on for years with .-.-.-.-.-.-.-.-x in a long text.
const Enough = 1_000_000

// errSpent says that a pattern was not done within its steps.
var errSpent = errors.New("the pattern takes too long")

// Pattern is a compiled pattern. It may be used by several goroutines at once.
type Pattern struct {
	items    []item
	anchored bool // at the beginning
}

type itemKind byte

const (
	single    itemKind = iota // one byte of the set, repeated
	atEnd                     // $ as the last character
	opened                    // ( : capture n begins
	closed                    // ) : capture n ends
	position                  // () : capture n is a position, which no text is equal to
	reference                 // %1: the text of capture n
	balanced                  // %bxy
	frontier                  // %f[set]
)

// The repetitions of a single, as they are written. Once is what stands for none.
const (
	once     = 0
	optional = '?'
	longest  = '*'
	some     = '+'
	shortest = '-'
)

type item struct {
	kind        itemKind
	repeat      byte // of a single
	n           int  // of captures, from 0
	left, right byte // of balanced
	set         set  // of single and frontier
}

// set holds a bit for every byte.
type set [4]uint64

func (s *set) add(c byte)      { s[c/64] |= 1 << (c % 64) }
func (s *set) has(c byte) bool { return s[c/64]&(1<<(c%64)) != 0 }

func (s *set) addWhere(is func(c byte) bool) {
	for c := range 256 {
		if is(byte(c)) {
			s.add(byte(c))
		}
	}
}

func (s *set) negate() {
	for i := range s {
		s[i] = ^s[i]
	}
}

// FindWithin tells whether the pattern is found anywhere in text; at its beginning, where the pattern begins with ^. It takes the
// steps that it needs from steps, which many patterns have in common. Once they are spent the answer is an error, at once.
func (p *Pattern) FindWithin(text string, steps *int) (found bool, err error) {
	m := matcher{items: p.items, text: text, steps: steps}
	if m.spent() {
		return false, errSpent
	}
	for start := 0; start <= len(text); start++ {
		if m.match(0, start) {
			return true, nil
		}
		if m.spent() {
			return false, errSpent
		}
		if p.anchored {
			break
		}
	}
	return false, nil
}
