// Package prompt asks the person who sits here.
package prompt

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ErrNobody says that nobody can be asked here: there is no terminal, or no screen.
var ErrNobody = errors.New("there is nobody to ask here")

// Terminal opens the terminal that this process belongs to, whatever its streams are: a pipe into stdin answers no
// question. Without a terminal (CI, cron, most IDEs) it is ErrNobody. The caller closes it.
func Terminal() (io.ReadWriteCloser, error) {
	terminal, err := openTerminal()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNobody, err)
	}
	return terminal, nil
}

// HasTerminal tells whether Terminal has one on which a question can be answered: a job in the background that reads is
// stopped.
func HasTerminal() bool {
	terminal, err := openTerminal()
	if err != nil {
		return false
	}
	defer terminal.Close()
	return inForeground(terminal)
}

// Confirm asks a question and reads one line. Only y and yes, in any case, are a yes; an end of input is a no.
func Confirm(terminal io.ReadWriter, question string) bool {
	fmt.Fprintf(terminal, "%s [y/N] ", question)
	line, err := bufio.NewReader(io.LimitReader(terminal, 1024)).ReadString('\n')
	if err != nil {
		fmt.Fprintln(terminal) // the answer's own line break never came
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return true
	}
	return false
}
