package cli

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"
)

// table prints rows of cells, the head first. Unlike a tabwriter's, columns hold where a row ends early: what is in its last
// cell may be as long as it likes, and in colour.
func table(w io.Writer, rows [][]string) {
	var widths []int
	for _, row := range rows {
		for i, cell := range row[:len(row)-1] {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b bytes.Buffer
	for _, row := range rows {
		last := len(row) - 1
		for i, cell := range row[:last] {
			b.WriteString(cell)
			b.WriteString(strings.Repeat(" ", widths[i]+2-utf8.RuneCountInString(cell)))
		}
		b.WriteString(row[last])
		b.WriteByte('\n')
	}
	w.Write(b.Bytes())
}
