package prompt

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"whichrole/internal/bounded"
	"whichrole/internal/problem"
)

const (
	tries   = 3
	maxLine = 256 // bytes that are looked at, of an answer
)

// Code asks for the six digits of an MFA device, up to three times, and shows what is typed: a code is good once, and soon for
// nothing. The question may hold hostile names; each sentence of it has a line of its own. When ctx ends, Code comes back at once,
// and leaves behind who still reads until the terminal is closed. The errors are *problem.Error.
func Code(ctx context.Context, terminal io.ReadWriter, question string) (string, error) {
	answers := bufio.NewReaderSize(terminal, maxLine)
	return sixDigits(question, func(text string) (string, error) {
		fmt.Fprintf(terminal, "%s: ", strings.ReplaceAll(text, ". ", "\n"))
		answer, err := bounded.Run(ctx, 0, func() (string, error) { return readLine(answers) })
		if err != nil {
			fmt.Fprintln(terminal) // the answer's own line break never came
		}
		return answer, interrupted(ctx, err)
	})
}

// sixDigits asks until the answer is a code.
func sixDigits(question string, ask func(string) (string, error)) (string, error) {
	text := harmless(question)
	for range tries {
		answer, err := ask(text)
		if err != nil {
			return "", err
		}
		if code := strings.Join(strings.Fields(answer), ""); isCode(code) { // apps show 123 456
			return code, nil
		}
		text = "that is not six digits. " + harmless(question)
	}
	return "", problem.New(problem.LoginNeeded, "none of %d answers was a code of six digits", tries)
}

func isCode(s string) bool { return len(s) == 6 && strings.Trim(s, "0123456789") == "" }

// readLine is the next line, or of a long one its beginning.
func readLine(r *bufio.Reader) (string, error) {
	line, tooLong, err := r.ReadLine()
	text := string(line)
	for tooLong && err == nil {
		_, tooLong, err = r.ReadLine()
	}
	return text, err
}

// interrupted says why there is no answer.
func interrupted(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.Canceled):
		return problem.New(problem.LoginNeeded, "interrupted before a code was typed").Because(context.Canceled)
	case ctx.Err() != nil:
		return problem.New(problem.LoginNeeded, "no code was typed in time").Because(ctx.Err())
	case errors.Is(err, io.EOF):
		return problem.New(problem.LoginNeeded, "the input ended before a code was typed").Because(err)
	}
	return problem.New(problem.LoginNeeded, "cannot read from the terminal: %v", err).Because(err)
}
