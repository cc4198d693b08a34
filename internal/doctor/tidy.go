package doctor

import "strings"

// tidied is a finding that can be shown to strangers: what it says is made to be pasted into an issue.
func (f Finding) tidied(home string) Finding {
	f.What, f.Why = shortIDs(shortHome(f.What, home)), shortIDs(shortHome(f.Why, home))
	f.Fix = shortHome(f.Fix, home) // whole but for that: it is pasted into a shell first
	return f
}

// shortHome writes ~ for the user's home where it begins a path, but not within quotes: no shell would find it there.
func shortHome(text, home string) string {
	if len(home) < 2 {
		return text
	}
	var b strings.Builder
	for {
		i := strings.Index(text, home)
		if i < 0 {
			b.WriteString(text)
			return b.String()
		}
		after := text[i+len(home):]
		begins := i == 0 || strings.IndexByte(" (=:", text[i-1]) >= 0
		whole := after == "" || strings.IndexByte(`/\ ,:;)`, after[0]) >= 0
		b.WriteString(text[:i])
		if begins && whole {
			b.WriteByte('~')
		} else {
			b.WriteString(home)
		}
		text = after
	}
}

// shortIDs leaves the last four digits of account ids.
func shortIDs(text string) string {
	const digits, left = 12, 4
	var b strings.Builder
	run := 0
	flush := func(end int) {
		number := text[end-run : end]
		if run == digits {
			number = "…" + number[digits-left:]
		}
		b.WriteString(number)
		run = 0
	}
	for i := range len(text) {
		if c := text[i]; '0' <= c && c <= '9' {
			run++
			continue
		}
		flush(i)
		b.WriteByte(text[i])
	}
	flush(len(text))
	return b.String()
}
