// Package problem is the one shape of every failure: what happened, one line to paste, and the exit code.
package problem

import (
	"errors"
	"fmt"
)

// Code is the exit code of the process, as SPEC and the README's table list them.
type Code int

// The exit codes that scripts may rely on.
const (
	Failure       Code = 1 // anything not below
	Usage         Code = 2 // wrong usage
	NoEnvironment Code = 3 // no environment for this directory, an unknown --env, a variable without a value, or a tie
	BadMap        Code = 4 // the role map (or the user's file) is invalid
	NotTrusted    Code = 5 // the role map is not trusted
	LoginNeeded   Code = 6 // a login, MFA code or source is needed
	Refused       Code = 7 // AWS refused
	Unreachable   Code = 8 // AWS could not be reached in time
)

// ErrNowhere is the cause of a NoEnvironment problem where nothing is wrong: no map, no environment that wants this
// directory, or shared code. A shell prompt says nothing then; of a tie or a contradiction it speaks.
var ErrNowhere = errors.New("no environment here")

// Error is a failure that a user reads. Message and Hint are lower case, without a final period, and never hold a secret.
// Hint is a command to paste or one fact; it may be empty. Both may quote hostile text: whoever prints them escapes it.
type Error struct {
	Code    Code
	Message string
	Hint    string
	Err     error // the cause, for errors.Is; its text is not shown
}

func (e *Error) Error() string { return e.Message }

func (e *Error) Unwrap() error { return e.Err }

// New makes an Error without a hint.
func New(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// WithHint returns a copy of e with that hint.
func (e *Error) WithHint(format string, args ...any) *Error {
	c := *e
	c.Hint = fmt.Sprintf(format, args...)
	return &c
}

// Because returns a copy of e with that cause.
func (e *Error) Because(err error) *Error {
	c := *e
	c.Err = err
	return &c
}

// CodeOf is the exit code of err: 0 for nil, Failure for an error that is not a *Error.
func CodeOf(err error) Code {
	if err == nil {
		return 0
	}
	if p, ok := errors.AsType[*Error](err); ok {
		return p.Code
	}
	return Failure
}

// HintOf is the hint of err, "" where it has none.
func HintOf(err error) string {
	if p, ok := errors.AsType[*Error](err); ok {
		return p.Hint
	}
	return ""
}
