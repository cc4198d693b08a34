package cli

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"whichrole/internal/audit"
	"whichrole/internal/output"
)

// The columns of the table, by their places in a row.
const (
	colTime = iota
	colEnvironment
	colOperation
	colRole
	colFrom
	colKey
	colCaller
	colDir
)

var logHead = []string{"TIME", "ENVIRONMENT", "OPERATION", "ROLE", "FROM", "ACCESS KEY", "CALLER", "DIRECTORY"}

// dropped are the columns that a narrow terminal does without, in this order: a key is what CloudTrail is searched for.
var dropped = []int{colOperation, colFrom, colCaller, colKey}

const leastDir = 16 // characters of a directory that still tell which it is

// cells are a line's. Why something was refused comes last, where it may be long; on a terminal it is the note, on a line of its
// own.
func (v *logView) cells(l audit.Line) (cells []string, note string) {
	at, from, where := l.Time.In(v.now().Location()), word(cmp.Or(l.From, "-")), place(cmp.Or(v.tilde(l.Dir), "-"))
	overrides := ""
	for i, o := range l.Overrides {
		overrides += []string{" by ", " "}[min(i, 1)] + word(o)
	}
	refused := l.Refused != "" || l.Exit != 0
	if refused {
		from = fmt.Sprintf("exit %d", l.Exit)
	}
	when := at.Format(time.DateTime)
	if v.columns > 0 {
		if v.now().Format(time.DateOnly) == at.Format(time.DateOnly) {
			when = at.Format(time.TimeOnly)
		}
		note = strings.TrimSpace(overrides)
		if refused {
			note = from + overrides + ": " + l.Refused
		}
	} else if where += overrides; refused {
		where += ": " + v.style().odd(l.Refused)
	}
	return []string{
		when, word(cmp.Or(l.Environment, "-")), word(cmp.Or(l.Operation, "-")), auditRole(l), from, word(cmp.Or(l.AccessKeyID, "-")), auditCaller(l), where,
	}, note
}

// rows prints more rows of the table, whose columns may get wider.
func (v *logView) rows(rows [][]string, notes []string) error {
	if v.head == nil {
		v.head = widest(rows)
		v.shown = fitting(v.head, v.columns)
	}
	v.head = widest(append([][]string{v.head}, rows...))
	picked := [][]string{v.picked(v.head)}
	for _, row := range rows {
		picked = append(picked, v.picked(row))
	}
	var b bytes.Buffer
	table(&b, picked)
	lines := strings.SplitAfter(b.String(), "\n")[1:] // the head is there for its width
	for i, note := range notes {
		const column = 4
		if note != "" {
			lines[i] += strings.Repeat(" ", column) + hanging(output.Printable(note), column, v.columns, v.style().odd) + "\n"
		}
	}
	_, err := io.WriteString(v.stdout, strings.Join(lines, ""))
	return err
}

// fitting are the columns that a terminal has room for, beside a directory that is cut; all for 0.
func fitting(head []string, columns int) []int {
	all := []int{colTime, colEnvironment, colOperation, colRole, colFrom, colKey, colCaller, colDir}
	for _, c := range dropped {
		least := min(leastDir, utf8.RuneCountInString(head[colDir]))
		if columns == 0 || before(head, all)+least <= columns {
			break
		}
		all = slices.DeleteFunc(all, func(other int) bool { return other == c })
	}
	return all
}

// before is where the directory begins.
func before(head []string, shown []int) (column int) {
	for _, c := range shown {
		if c != colDir {
			column += utf8.RuneCountInString(head[c]) + 2
		}
	}
	return column
}

// picked is what is shown of a row. A directory is cut at its beginning, for its end tells more.
func (v *logView) picked(row []string) (list []string) {
	for _, c := range v.shown {
		list = append(list, row[c])
	}
	dir := []rune(row[colDir])
	if room := max(leastDir, v.columns-before(v.head, v.shown)); v.columns > 0 && len(dir) > room {
		list[len(list)-1] = "…" + string(dir[len(dir)-room+1:])
	}
	return list
}

// widest is a row of the longest cells.
func widest(rows [][]string) []string {
	list := slices.Clone(rows[0])
	for _, row := range rows {
		for i, cell := range row {
			if utf8.RuneCountInString(cell) > utf8.RuneCountInString(list[i]) {
				list[i] = cell
			}
		}
	}
	return list
}
