package cases

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// The cases are kept in two places, since a clone of this repository has no folder beside it.
func TestCasesAreThoseOfTheContract(t *testing.T) {
	const ours = "testdata/rolemap.yaml"
	shared := filepath.Join("..", "..", "..", "..", "shared", "cases")
	if _, err := os.Stat(shared); errors.Is(err, os.ErrNotExist) {
		return // a clone: there is nothing to compare with
	}
	want, err := os.ReadFile(filepath.Join(shared, "rolemap.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(ours)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs from %s: copy it again", ours, shared)
	}
}
