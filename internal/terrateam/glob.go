package terrateam

import (
	"errors"
	"fmt"
	"strings"
)

// maxGlob is how long a key of dirs with a * in it may be, in bytes.
const maxGlob = 1024

// A glob is a key of dirs with a * in it. It describes files, and stands for the folders that they lie in.
//
// The language is Terrateam's, from the lexer of its path_glob: at the beginning of a segment **/ is nothing or any number of
// segments, /**/ is one / or more with anything between, /** at the end is nothing or all below, * and ? stay inside a
// segment, [a-z] [^a-z] and {a,b} are what they are elsewhere. A ! before it all turns the answer around. There, other characters
// than letters, digits, _ - . are mistakes; here they mean themselves.
type glob struct {
	text    string
	literal string // what every match begins with
	negated bool
	anyFile bool // it ends so that the name of the file does not matter
	code    []inst
	sets    []set
}

// inst is one instruction of an automaton over bytes. It goes on to the next one, split to x as well, jump to x alone.
type inst struct {
	op   op
	char byte
	x    int32 // a target, or which of sets
}

type op uint8

const (
	opChar op = iota
	opSet
	opAny      // of all bytes
	opNotSlash // all but /
	opSplit
	opJump
	opMatch
)

// set is which bytes a [] takes.
type set [4]uint64

func (s *set) add(c byte)      { s[c>>6] |= 1 << (c & 63) }
func (s *set) has(c byte) bool { return s[c>>6]&(1<<(c&63)) != 0 }

// compileGlob makes a glob of a key. The error is in words, without a place.
func compileGlob(key string) (*glob, error) {
	if len(key) > maxGlob {
		return nil, fmt.Errorf("a glob has at most %d bytes", maxGlob)
	}
	g := &glob{text: key, anyFile: strings.HasSuffix(key, "/**") || strings.HasSuffix(key, "/*") || key == "*"}
	rest, negated := strings.CutPrefix(key, "!")
	g.negated = negated
	if !negated {
		g.literal = rest[:literalLen(rest)]
	}
	c := globCompiler{g: g, rest: rest}
	if err := c.sequence(""); err != nil {
		return nil, err
	}
	c.emit(inst{op: opMatch})
	return g, nil
}

// literalLen is how many bytes of a glob mean themselves from its beginning on. The / before a ** may be nothing.
func literalLen(s string) int {
	n := strings.IndexAny(s, "*?[{")
	if n < 0 {
		return len(s)
	}
	if n > 0 && s[n-1] == '/' {
		n--
	}
	return n
}

type globCompiler struct {
	g    *glob
	rest string
}

func (c *globCompiler) emit(i inst) int {
	c.g.code = append(c.g.code, i)
	return len(c.g.code) - 1
}

func (c *globCompiler) took(token string) bool {
	rest, ok := strings.CutPrefix(c.rest, token)
	if ok {
		c.rest = rest
	}
	return ok
}

// sequence reads up to one of the bytes in until, which it leaves, or to the end.
func (c *globCompiler) sequence(until string) error {
	for c.rest != "" && strings.IndexByte(until, c.rest[0]) < 0 {
		var err error
		switch {
		case c.took("/**/"): // a slash, or a slash and anything up to a slash
			c.emit(inst{op: opChar, char: '/'})
			c.optional(func() { c.star(opAny); c.emit(inst{op: opChar, char: '/'}) })
		case c.took("/**"):
			c.optional(func() { c.emit(inst{op: opChar, char: '/'}); c.star(opAny) })
		case c.took("**/"):
			c.optional(func() { c.star(opAny); c.emit(inst{op: opChar, char: '/'}) })
		case c.took("**"):
			err = errors.New("** stands beside a / only: all below is /**, everything is **/*")
		case c.took("*"):
			c.star(opNotSlash)
		case c.took("?"):
			c.emit(inst{op: opNotSlash})
		case c.took("["):
			err = c.class()
		case c.took("{"):
			err = c.union()
		default:
			c.emit(inst{op: opChar, char: c.rest[0]})
			c.rest = c.rest[1:]
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// optional is nothing, or what body emits.
func (c *globCompiler) optional(body func()) {
	split := c.emit(inst{op: opSplit})
	body()
	c.g.code[split].x = int32(len(c.g.code))
}

// star is any number of bytes.
func (c *globCompiler) star(of op) {
	split := c.emit(inst{op: opSplit})
	c.emit(inst{op: of})
	c.emit(inst{op: opJump, x: int32(split)})
	c.g.code[split].x = int32(len(c.g.code))
}

// union reads the rest of {a,b}. Each alternative but the last is tried beside those that follow.
func (c *globCompiler) union() error {
	var ends []int
	for {
		split := c.emit(inst{op: opSplit})
		if err := c.sequence(",}"); err != nil {
			return err
		}
		switch {
		case c.took(","):
			ends = append(ends, c.emit(inst{op: opJump}))
			c.g.code[split].x = int32(len(c.g.code))
		case c.took("}"):
			c.g.code[split].x = int32(split + 1) // the last one: no other way
			for _, end := range ends {
				c.g.code[end].x = int32(len(c.g.code))
			}
			return nil
		default:
			return errors.New("a { is not closed")
		}
	}
}

// class reads the rest of [a-z].
func (c *globCompiler) class() error {
	not := c.took("^")
	end := strings.IndexByte(c.rest, ']')
	if end < 0 {
		return errors.New("a [ is not closed")
	}
	if end == 0 {
		return errors.New("nothing stands in []")
	}
	var s set
	for in := c.rest[:end]; in != ""; {
		first, last := in[0], in[0]
		in = in[1:]
		if len(in) >= 2 && in[0] == '-' {
			last, in = in[1], in[2:]
		}
		for b := int(first); b <= int(last); b++ {
			s.add(byte(b))
		}
	}
	if not {
		for i := range s {
			s[i] = ^s[i]
		}
	}
	c.rest = c.rest[end+1:]
	c.emit(inst{op: opSet, x: int32(len(c.g.sets))})
	c.g.sets = append(c.g.sets, s)
	return nil
}
