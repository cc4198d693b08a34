package trust

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// unchanged tells whether data is the record that approving sub would write now, byte for byte, and when it was approved. It
// nearly always is, and this runs before each AWS call, where decoding took longer than all else that judging does.
// Nothing is decoded here, so nothing can be misread: a record that is written in any other way is left to decode.
func unchanged(data []byte, sub Subject) (approved time.Time, yes bool) {
	c := comparison{left: string(data), same: true}
	c.next(`{"version":` + strconv.Itoa(recordVersion) + `,"subject":`)
	c.text(digest(sub.Path, sub.Checkout))
	c.next(`,"path":`)
	c.text(sub.Path)
	if sub.Checkout != "" {
		c.next(`,"checkout":`)
		c.text(sub.Checkout)
	}
	c.next(`,"approved":`)
	approved = c.time()
	c.next(`,"environments":`)
	c.texts(sub.Meaning.Environments)
	c.next(`,"accounts":`)
	c.texts(sub.Meaning.Accounts)
	c.next(`,"rest":`)
	c.text(sub.Meaning.Rest)
	c.next(`}`)
	return approved, c.same && c.left == ""
}

// A comparison holds a text against what is expected next, as encoding/json writes it, as long as both are the same.
type comparison struct {
	left string
	same bool
}

func (c *comparison) next(expected string) {
	rest, ok := strings.CutPrefix(c.left, expected)
	c.left, c.same = rest, c.same && ok
}

// text expects s in quotes. A text that takes more than a backslash here and there is never the same, and is left to decode.
func (c *comparison) text(s string) {
	c.next(`"`)
	for s != "" && c.same {
		n := verbatim(s)
		c.next(s[:n])
		if s = s[n:]; s == "" {
			break
		}
		if s[0] != '"' && s[0] != '\\' {
			c.same = false
			return
		}
		c.next(`\`)
		c.next(s[:1])
		s = s[1:]
	}
	c.next(`"`)
}

// verbatim is how many bytes at the beginning of s may stand in JSON as they are.
func verbatim(s string) int {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return i
		}
	}
	return len(s)
}

func (c *comparison) texts(m map[string]string) {
	c.next(`{`)
	for i, name := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			c.next(`,`)
		}
		c.text(name)
		c.next(`:`)
		c.text(m[name])
	}
	c.next(`}`)
}

// time expects any time in whole seconds of UTC.
func (c *comparison) time() (t time.Time) {
	n := min(len(c.left), len(`"2026-11-22T12:00:00Z"`))
	if t.UnmarshalJSON([]byte(c.left[:n])) != nil {
		c.same = false
	}
	c.left = c.left[n:]
	return t
}
