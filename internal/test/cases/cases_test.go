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
	shared := filepath.Join("..", "..", "..", "..", "shared", "cases")
	if _, err := os.Stat(shared); errors.Is(err, os.ErrNotExist) {
		return // a clone: there is nothing to compare with
	}
	theirs, err := filepath.Glob(filepath.Join(shared, "*.yaml"))
	if err != nil || len(theirs) < 2 {
		t.Fatal(theirs, err)
	}
	for _, path := range theirs {
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join("testdata", filepath.Base(path)))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("testdata/%s differs from %s: copy it again", filepath.Base(path), shared)
		}
	}
}
