package prompt

import (
	"io"
	"os"

	"golang.org/x/term"
)

// Columns is how many characters a line of the terminal w has, 0 where w is none or does not tell.
func Columns(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok {
		return 0
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return columns
}
