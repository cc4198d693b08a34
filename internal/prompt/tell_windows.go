package prompt

import (
	"context"
	"errors"
	"fmt"
	"os"

	"whichrole/internal/bounded"
)

// tell leaves behind who still writes to a console that is held: by text that the person marks, for one.
func tell(text string) error {
	console, err := os.OpenFile("CONOUT$", os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNobody, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), tellFor)
	defer cancel()
	_, err = bounded.Run(ctx, 0, func() (int, error) {
		defer console.Close()
		return console.WriteString(text)
	})
	if errors.Is(err, bounded.ErrLeft) {
		return errHeld
	}
	return err
}
