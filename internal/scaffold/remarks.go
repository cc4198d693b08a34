package scaffold

import (
	"fmt"
	"slices"
	"strings"

	"whichrole/internal/found"
)

// maxRemarks is how many lines of one kind are told: nobody reads more at once.
const maxRemarks = 50

// other is a system that was not used.
type other struct {
	system string
	dirs   int // of which it says a role
}

// remarks are what a person should know of the draft beside its text, as lines.
func remarks(unread []found.Unread, unmapped []string, others []other, used system, said saying) (lines []string) {
	if used.first != "" {
		lines = append(lines, used.first)
	}
	lines = append(lines, told(couldNotRead, unread)...)
	var dirs []string
	also := said.unused
	for _, dir := range unmapped {
		dirs = append(dirs, remark(dir))
	}
	for _, o := range others {
		also = append(also, fmt.Sprintf("%s says roles of %s: whichrole init --from %s", o.system, counted(o.dirs), o.system))
	}
	lines = append(lines, block("root modules without a role", dirs)...)
	lines = append(lines, block("not used", also)...)
	lines = append(lines, said.remarks...)
	if used.after != "" {
		lines = append(lines, used.after)
	}
	return lines
}

const couldNotRead = "could not read"

// told is a block of them, sorted, each once.
func told(head string, list []found.Unread) []string {
	slices.SortFunc(list, found.Unread.Compare)
	var lines []string
	for _, u := range slices.Compact(list) {
		text := u.Text
		if u.At.File != "" {
			text = u.At.String() + ": " + text
		}
		lines = append(lines, remark(text))
	}
	return block(head, lines)
}

// block is a head and the first of its lines, nothing without any.
func block(head string, lines []string) []string {
	if len(lines) == 0 {
		return nil
	}
	all := []string{head}
	for _, line := range lines[:min(len(lines), maxRemarks)] {
		if strings.HasPrefix(strings.TrimSpace(line), "::") { // a directory that GitHub's log would take for a command
			line = "./" + strings.TrimSpace(line)
		}
		all = append(all, "  "+line)
	}
	if more := len(lines) - maxRemarks; more > 0 {
		all = append(all, fmt.Sprintf("  and %d more", more))
	}
	return all
}

func counted(dirs int) string {
	if dirs == 1 {
		return "1 directory"
	}
	return fmt.Sprintf("%d directories", dirs)
}
