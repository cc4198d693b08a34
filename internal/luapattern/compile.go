package luapattern

import (
	"errors"
	"fmt"
	"strings"
)

const (
	maxLength   = 1024 // of a pattern, in bytes
	maxCaptures = 32   // as Lua has it
)

// Compile reads a pattern. The error says in words what is malformed.
func Compile(pattern string) (*Pattern, error) {
	if len(pattern) > maxLength {
		return nil, fmt.Errorf("it is longer than %d bytes", maxLength)
	}
	rest, anchored := strings.CutPrefix(pattern, "^")
	c := compiler{rest: rest}
	for c.rest != "" {
		it, err := c.item()
		if err != nil {
			return nil, err
		}
		c.items = append(c.items, it)
	}
	if len(c.unclosed) > 0 {
		return nil, errors.New(`"(" without ")"`)
	}
	return &Pattern{items: c.items, anchored: anchored}, nil
}

type compiler struct {
	rest     string // what is still to be read
	items    []item
	captures int   // how many have begun
	unclosed []int // those that have not ended, the innermost last
}

// item reads what the rest begins with, which is not empty.
func (c *compiler) item() (item, error) {
	switch {
	case c.cut("()"):
		return c.begin(position)
	case c.cut("("):
		return c.begin(opened)
	case c.cut(")"):
		return c.end()
	case c.rest == "$":
		c.rest = ""
		return item{kind: atEnd}, nil
	case c.cut("%b"):
		return c.balanced()
	case c.cut("%f"):
		return c.frontier()
	case len(c.rest) > 1 && c.rest[0] == '%' && isDigit(c.rest[1]):
		return c.reference()
	}
	s, err := c.class()
	return item{kind: single, set: s, repeat: c.repetition()}, err
}

func (c *compiler) cut(prefix string) bool {
	after, ok := strings.CutPrefix(c.rest, prefix)
	c.rest = after
	return ok
}

func (c *compiler) begin(kind itemKind) (item, error) {
	if c.captures == maxCaptures {
		return item{}, fmt.Errorf("more than %d captures", maxCaptures)
	}
	if kind == opened {
		c.unclosed = append(c.unclosed, c.captures)
	}
	c.captures++
	return item{kind: kind, n: c.captures - 1}, nil
}

func (c *compiler) end() (item, error) {
	last := len(c.unclosed) - 1
	if last < 0 {
		return item{}, errors.New(`")" without "("`)
	}
	it := item{kind: closed, n: c.unclosed[last]}
	c.unclosed = c.unclosed[:last]
	return it, nil
}

func (c *compiler) balanced() (item, error) {
	if len(c.rest) < 2 {
		return item{}, errors.New(`"%b" wants two characters behind it`)
	}
	it := item{kind: balanced, left: c.rest[0], right: c.rest[1]}
	c.rest = c.rest[2:]
	return it, nil
}

func (c *compiler) frontier() (item, error) {
	if !strings.HasPrefix(c.rest, "[") {
		return item{}, errors.New(`"%f" wants a [set] behind it`)
	}
	s, err := c.class()
	return item{kind: frontier, set: s}, err
}

// reference reads %1 to %9. The capture must have ended before.
func (c *compiler) reference() (item, error) {
	n := int(c.rest[1]) - '1'
	ended := n >= 0 && n < c.captures
	for _, u := range c.unclosed {
		ended = ended && u != n
	}
	if !ended {
		return item{}, fmt.Errorf(`"%s" refers to no capture that has ended before it`, c.rest[:2])
	}
	c.rest = c.rest[2:]
	return item{kind: reference, n: n}, nil
}

// repetition reads what stands behind a single.
func (c *compiler) repetition() byte {
	if c.rest == "" || strings.IndexByte("?*+-", c.rest[0]) < 0 {
		return once
	}
	r := c.rest[0]
	c.rest = c.rest[1:]
	return r
}
