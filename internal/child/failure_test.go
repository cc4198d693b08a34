package child

import (
	"errors"
	"testing"
)

// failed is the *Failure that err has to be.
func failed(t *testing.T, err error) *Failure {
	t.Helper()
	f, ok := errors.AsType[*Failure](err)
	if !ok {
		t.Fatalf("not a *Failure: %v", err)
	}
	return f
}
