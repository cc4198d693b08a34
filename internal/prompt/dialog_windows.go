package prompt

import (
	"context"
	"errors"
	"time"

	"github.com/ncruces/zenity"

	"whichrole/internal/bounded"
	"whichrole/internal/paths"
)

// openDialog asks by a library, which does without another program: a PowerShell takes a second, and where scripts are
// restricted it opens no window. Where no window can be opened, the library waits for ever.
func openDialog(ctx context.Context, _ paths.Env, title, question string) (string, error) {
	answer, err := bounded.Run(ctx, time.Second, func() (string, error) {
		return zenity.Entry(question, zenity.Title(title), zenity.Context(ctx))
	})
	if errors.Is(err, zenity.ErrCanceled) {
		return "", errClosed
	}
	return answer, err
}
