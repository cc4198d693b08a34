//go:build !windows

package prompt

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"whichrole/internal/child"
	"whichrole/internal/paths"
)

// openDialog asks by a program, because the library github.com/ncruces/zenity, which we use on Windows, runs the same ones here,
// and on macOS would cost each of our starts 0.2 ms and 700 allocations: it parses the scripts of all of its dialogs.
func openDialog(ctx context.Context, env paths.Env, title, question string) (string, error) {
	program, err := dialogProgram(env, runtime.GOOS, title, question)
	if err != nil {
		return "", err
	}
	answer, err := child.Run(ctx, program)
	if failure, ok := errors.AsType[*child.Failure](err); ok && failure.ExitCode == 1 { // Cancel, Escape and the window's cross
		return "", errClosed
	}
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(string(answer)), nil
}

// dialogProgram is what asks. Title and question are arguments of their own, and no part of a script.
func dialogProgram(env paths.Env, goos, title, question string) (child.Command, error) {
	c := child.Command{Env: env}
	if goos == "darwin" {
		c.Path, c.Args = "/usr/bin/osascript", []string{"-l", "JavaScript", "-e", script, title, question}
		return c, nil
	}
	if c.Path = child.Find(env, "zenity"); c.Path != "" {
		c.Args = []string{"--entry", "--title=" + title, "--text=" + strings.ReplaceAll(question, "_", "__")} // _ marks a key
		return c, nil
	}
	if c.Path = child.Find(env, "kdialog"); c.Path != "" {
		c.Args = []string{"--title", title, "--inputbox", question}
		return c, nil
	}
	return c, fmt.Errorf("%w: neither zenity nor kdialog is on PATH", ErrNobody)
}

// script is what zenity's library has for such a dialog, but for the texts.
const script = `function run(texts) {
	const app = Application.currentApplication()
	app.includeStandardAdditions = true
	app.activate()
	return app.displayDialog(texts[1], {withTitle: texts[0], defaultAnswer: ""}).textReturned
}`
