package prompt

import (
	"errors"
	"strings"
	"time"

	"whichrole/internal/output"
)

// tellFor is how long a terminal that takes nothing is waited for: Ctrl-S holds it, and so does a multiplexer that is stopped.
const tellFor = time.Second

var errHeld = errors.New("the terminal takes nothing")

// Tell shows the lines of a text on the terminal that this process belongs to, whatever its streams are. Somebody else may
// be in the middle of a line there, so it begins one; the text may hold hostile names. It comes back within a second or so,
// also where the terminal is held, and also in a background job that the terminal stops for writing. Without a terminal the
// error is ErrNobody.
func Tell(text string) error {
	lines := []string{""}
	for line := range strings.SplitSeq(strings.TrimRight(text, "\r\n"), "\n") {
		lines = append(lines, output.Printable(strings.TrimSuffix(line, "\r")))
	}
	return tell(strings.Join(lines, "\r\n") + "\r\n") // with the carriage return: Terraform may have the terminal in raw mode
}
