package audit

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"whichrole/internal/problem"
)

const (
	maxLine      = 4 << 10 // bytes, with its line break
	maxText      = 1 << 10 // bytes of one text, where all together fit
	maxOverrides = 8

	begin   = `{"time":"` // a quote within a text is escaped, so that nowhere else in a line stands this
	stamp   = "2006-01-02T15:04:05.000Z"
	seconds = "2006-01-02T15:04:05Z"
)

// encode is the line as it is written, under maxLine bytes whatever stands in it: the longest texts are cut until it fits.
func (l Line) encode() []byte {
	limit := maxText
	for {
		if data := l.append(make([]byte, 0, maxText), limit); len(data) < maxLine {
			return data
		}
		limit /= 2
	}
}

// append writes the JSON by hand: the reflection of encoding/json takes 0.2 ms of a process's first value, ten times the rest
// of this room.
func (l Line) append(b []byte, limit int) []byte {
	b = l.Time.UTC().AppendFormat(append(b, begin...), stamp+`"`)
	text := func(name, value string) {
		if value != "" {
			b = appendText(append(b, `,"`+name+`":`...), problem.Cut(value, limit))
		}
	}
	text("command", l.Command)
	text("environment", l.Environment)
	text("operation", l.Operation)
	text("role_arn", l.RoleARN)
	text("permission_set", l.PermissionSet)
	text("account", l.Account)
	text("session_name", l.SessionName)
	text("access_key_id", l.AccessKeyID)
	if !l.Expires.IsZero() {
		b = l.Expires.UTC().AppendFormat(append(b, `,"expires":"`...), seconds+`"`)
	}
	text("dir", l.Dir)
	text("map", l.Map)
	b = l.Caller.append(b, limit)
	text("from", l.From)
	text("request_id", l.RequestID)
	for i, o := range l.Overrides[:min(len(l.Overrides), maxOverrides)] {
		b = appendText(append(b, []string{`,"overrides":[`, ","}[min(i, 1)]...), problem.Cut(o, limit))
	}
	if len(l.Overrides) > 0 {
		b = append(b, ']')
	}
	text("refused", l.Refused)
	if l.Exit != 0 {
		b = strconv.AppendInt(append(b, `,"exit":`...), int64(l.Exit), 10)
	}
	return append(b, "}\n"...)
}

func (c Caller) append(b []byte, limit int) []byte {
	if c == (Caller{}) {
		return b
	}
	b = appendText(append(b, `,"caller":{"name":`...), problem.Cut(c.Name, limit))
	if c.PID != 0 {
		b = strconv.AppendInt(append(b, `,"pid":`...), int64(c.PID), 10)
	}
	if c.Subcommand != "" {
		b = appendText(append(b, `,"subcommand":`...), problem.Cut(c.Subcommand, limit))
	}
	return append(b, '}')
}

// appendText writes a JSON string. What a terminal would obey or not show, to which the file may be printed, is written as
// \uXXXX: the same to every parser. Bytes that are no UTF-8 are lost.
func appendText(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r < utf8.RuneSelf && r >= ' ' && r != 0x7f || r >= utf8.RuneSelf && unicode.IsPrint(r):
			b = utf8.AppendRune(b, r)
		default:
			for _, unit := range utf16.Encode([]rune{r}) {
				b = fmt.Appendf(b, `\u%04x`, unit)
			}
		}
	}
	return append(b, '"')
}

// decode takes what encode wrote, and what a later version may add to it.
func decode(data []byte) (l Line, ok bool) {
	err := json.Unmarshal(data, &l)
	return l, err == nil && l.Time.After(time.Time{})
}
