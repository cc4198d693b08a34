package luapattern

import "errors"

// class reads one character, or what stands for one: ., %a or [set].
func (c *compiler) class() (s set, err error) {
	first := c.rest[0]
	c.rest = c.rest[1:]
	switch first {
	case '.':
		s.negate()
	case '%':
		if c.rest == "" {
			return s, errors.New(`it ends in "%"`)
		}
		s.addClass(c.rest[0])
		c.rest = c.rest[1:]
	case '[':
		return c.set()
	default:
		s.add(first)
	}
	return s, nil
}

// set reads a set behind its bracket. A "]" that comes first is one of its characters.
func (c *compiler) set() (s set, err error) {
	negated := c.cut("^")
	body, ok := c.body()
	if !ok {
		return s, errors.New(`"[" without "]"`)
	}
	for i := 0; i < len(body); i++ {
		switch {
		case body[i] == '%':
			i++
			s.addClass(body[i])
		case i+2 < len(body) && body[i+1] == '-':
			low, high := body[i], body[i+2]
			s.addWhere(func(b byte) bool { return low <= b && b <= high })
			i += 2
		default:
			s.add(body[i])
		}
	}
	if negated {
		s.negate()
	}
	return s, nil
}

// body is what stands before the bracket that closes a set.
func (c *compiler) body() (string, bool) {
	for i := 0; i < len(c.rest); i++ {
		switch {
		case c.rest[i] == ']' && i > 0:
			body := c.rest[:i]
			c.rest = c.rest[i+1:]
			return body, true
		case c.rest[i] == '%':
			i++
		}
	}
	return "", false
}

// addClass adds what %letter stands for: a class, its opposite where the letter is large, or the letter itself.
func (s *set) addClass(letter byte) {
	is := classOf(letter | 0x20)
	switch {
	case is == nil:
		s.add(letter)
	case isUpper(letter):
		s.addWhere(func(c byte) bool { return !is(c) })
	default:
		s.addWhere(is)
	}
}

// classOf is the class of a small letter, nil where it has none.
func classOf(letter byte) func(byte) bool {
	switch letter {
	case 'a':
		return isLetter
	case 'c':
		return func(c byte) bool { return c < ' ' || c == 0x7f }
	case 'd':
		return isDigit
	case 'g':
		return isGraph
	case 'l':
		return func(c byte) bool { return c >= 'a' && c <= 'z' }
	case 'p':
		return func(c byte) bool { return isGraph(c) && !isLetter(c) && !isDigit(c) }
	case 's':
		return func(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }
	case 'u':
		return isUpper
	case 'w':
		return func(c byte) bool { return isLetter(c) || isDigit(c) }
	case 'x':
		return func(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }
	case 'z':
		return func(c byte) bool { return c == 0 } // out of the manual since 5.2, and still in Lua 5.4
	}
	return nil
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isUpper(c byte) bool  { return c >= 'A' && c <= 'Z' }
func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isGraph(c byte) bool  { return c > ' ' && c < 0x7f }
