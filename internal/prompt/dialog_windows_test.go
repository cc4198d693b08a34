package prompt

import (
	"context"
	"errors"
	"testing"
	"time"

	"whichrole/internal/paths"
)

// Where no window can be opened, the library waits for one without end; where one can, it is closed.
func TestDialogIsClosedWhenTimeIsUp(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	start := time.Now()
	_, err := Dialog(ctx, paths.Env{}, "whichrole", "a test of whichrole, which is over in a moment")
	if !errors.Is(err, context.DeadlineExceeded) || err.Error() != "no code was typed in time" {
		t.Errorf("%v", err)
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("it took %v", took)
	}
}
