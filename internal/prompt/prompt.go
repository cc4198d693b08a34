// Package prompt asks the person at the terminal.
package prompt

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// OnTerminal tells whether a person can be asked: both where answers come from and where questions go are terminals.
func OnTerminal(in *os.File, out io.Writer) bool {
	o, ok := out.(*os.File)
	return ok && in != nil && term.IsTerminal(int(in.Fd())) && term.IsTerminal(int(o.Fd()))
}

// Confirm asks a question and reads one line. Only y and yes, in any case, are a yes; an end of input is a no.
func Confirm(in io.Reader, out io.Writer, question string) bool {
	fmt.Fprintf(out, "%s [y/N] ", question)
	line, err := bufio.NewReader(io.LimitReader(in, 1024)).ReadString('\n')
	if err != nil {
		fmt.Fprintln(out) // the answer's own line break never came
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return true
	}
	return false
}
