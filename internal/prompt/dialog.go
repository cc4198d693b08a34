package prompt

import (
	"context"
	"errors"

	"whichrole/internal/paths"
	"whichrole/internal/problem"
)

// errClosed says that the person closed the dialog.
var errClosed = errors.New("closed")

// Dialog is Code by a window. Title and question may hold hostile names. Where there is no screen, or nothing that opens a
// window on it, the error is ErrNobody; the others are *problem.Error. When ctx ends the window is closed.
func Dialog(ctx context.Context, env paths.Env, title, question string) (string, error) {
	if !HasScreen(env) {
		return "", ErrNobody
	}
	return sixDigits(question, func(text string) (string, error) {
		answer, err := openDialog(ctx, env, harmless(title), text)
		switch {
		case err == nil || errors.Is(err, ErrNobody):
			return answer, err
		case ctx.Err() != nil:
			return "", interrupted(ctx, err)
		case errors.Is(err, errClosed):
			return "", problem.New(problem.LoginNeeded, "the dialog was closed without a code")
		}
		return "", problem.New(problem.LoginNeeded, "cannot ask for the code: %v", err).Because(err)
	})
}
