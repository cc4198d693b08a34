package cli

import (
	"errors"
	"fmt"
	"io"

	"whichrole/internal/output"
	"whichrole/internal/problem"
)

// The whole of stderr stays under 4 KiB, --verbose included: at 70 KB the Java SDK hangs (CONTRACT.md).
const maxMessage, maxHint, maxLog = 1600, 800, 1500

// silent is a failure that only the exit code tells.
type silent struct{ code problem.Code }

func (s silent) Error() string { return "" }

// fail prints an error and its hint to stderr and returns its exit code.
func (a *app) fail(err error) int {
	if s, ok := errors.AsType[silent](err); ok {
		return int(s.code)
	}
	io.WriteString(a.stderr, told(err))
	return int(problem.CodeOf(err))
}

// told is an error and its hint as people read it.
func told(err error) string {
	text := fmt.Sprintf("whichrole: error: %s\n", problem.Cut(output.Printable(err.Error()), maxMessage))
	if hint := pastable(err); hint != "" {
		text += fmt.Sprintf("whichrole: hint: %s\n", hint)
	}
	return text
}

// pastable is an error's hint, "" where it could not be printed as it is: it would not work when pasted.
func pastable(err error) string {
	hint := problem.HintOf(err)
	if len(hint) > maxHint || output.Printable(hint) != hint {
		return ""
	}
	return hint
}

// log tells one step at --verbose.
func (a *app) log(format string, args ...any) {
	a.logging.Lock()
	defer a.logging.Unlock()
	if !a.options.Verbose || a.logged >= maxLog {
		return
	}
	text := problem.Cut(output.Printable(fmt.Sprintf(format, args...)), maxLog-a.logged)
	a.logged += len("whichrole: \n") + len(text)
	fmt.Fprintf(a.stderr, "whichrole: %s\n", text)
}

// line prints one line of text for people: every argument is made safe for a terminal first.
func line(w io.Writer, format string, args ...any) {
	for i, arg := range args {
		if s, ok := arg.(string); ok {
			args[i] = output.Printable(s)
		}
	}
	fmt.Fprintf(w, format+"\n", args...)
}

// checked remembers the first write that failed, so that lost output is no success.
type checked struct {
	w   io.Writer
	err error
}

// lost is a problem where a write failed.
func (c *checked) lost() error {
	if c.err == nil {
		return nil
	}
	return problem.New(problem.Failure, "cannot write to stdout: %v", c.err)
}

func (c *checked) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	if err != nil && c.err == nil {
		c.err = err
	}
	return n, err
}
