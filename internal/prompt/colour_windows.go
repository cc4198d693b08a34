package prompt

import (
	"io"
	"os"

	"golang.org/x/sys/windows"
)

// TakesEscapes tells whether w is a terminal that understands escape sequences, such as those of colours. A console does
// since Windows 10, once it is asked to.
func TakesEscapes(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	console, mode := windows.Handle(f.Fd()), uint32(0)
	return windows.GetConsoleMode(console, &mode) == nil &&
		windows.SetConsoleMode(console, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
