package prompt

import (
	"io"
	"os"

	"golang.org/x/term"
)

// IsTerminal tells whether what is written to w is seen on a terminal.
func IsTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
